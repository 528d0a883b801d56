import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { exitCodeOf } from '../../src/commands/output/exit-code.ts'
import { type ErrorCode, SpekiError } from '../../src/errors.ts'

const CODES: Readonly<Record<ErrorCode, number>> = {
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

test('each code of an error has its exit code, and the document says the same', () => {
  const documented = readFileSync(join(import.meta.dirname, '../../docs/command-line.md'), 'utf8')
  for (const [code, number] of Object.entries(CODES) as [ErrorCode, number][]) {
    expect(exitCodeOf(new SpekiError(code, 'x')), code).toBe(number)
    expect(documented).toMatch(new RegExp(`^\\| ${number} \\|.*\`${code}\``, 'm'))
  }
  expect(exitCodeOf(new TypeError('x'))).toBe(1)
  expect(exitCodeOf(new z.ZodError([]))).toBe(2)
  expect(exitCodeOf(AbortSignal.abort().reason)).toBe(130)
})
