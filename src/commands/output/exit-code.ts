import { z } from 'zod'
import type { ErrorCode } from '../../errors.ts'
import { asKnown } from '../../operations/outside.ts'

/** What a shell sees of a program that was interrupted: 128 and the number of SIGINT. */
export const INTERRUPTED = 130

/** What the shell sees; documented in docs/command-line.md. */
const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  internal: 1,
  invalid_input: 2,
  not_found: 3,
  conflict: 4,
  precondition_failed: 5,
  forbidden: 6,
  unauthenticated: 6,
  rate_limited: 7,
  upstream_rejected: 7,
  upstream_unavailable: 7,
  timeout: 7,
  cancelled: INTERRUPTED,
}

export function exitCodeOf(error: unknown): number {
  const known = asKnown(error)
  if (known !== undefined) return EXIT_CODES[known.code]
  if (error instanceof z.ZodError) return EXIT_CODES.invalid_input
  return error instanceof Error && error.name === 'AbortError' ? INTERRUPTED : EXIT_CODES.internal
}
