import { z } from 'zod'
import type { ErrorCode } from '../errors.ts'
import { asKnown } from '../operations/outside.ts'

/** What the shell sees; documented in docs/operations.md. */
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
  cancelled: 130,
}

export function exitCodeOf(error: unknown): number {
  const known = asKnown(error)
  if (known !== undefined) return EXIT_CODES[known.code]
  return error instanceof z.ZodError ? EXIT_CODES.invalid_input : EXIT_CODES.internal
}
