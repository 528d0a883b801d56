import type { z } from 'zod'
import { SpekiError } from '../errors.ts'

/** What a column of JSON holds. */
export function storedJson<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unreadable('it is no JSON', error)
  }
  return storedValue(schema, value)
}

/** A value of a row. One that does not fit is the fault of no argument: another version or another hand wrote it. */
export function storedValue<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw unreadable(`${[...(issue?.path ?? []), ''].join('.').replace(/\.$/, ': ')}${issue?.message}`, read.error)
}

function unreadable(why: string, cause: unknown): SpekiError {
  return new SpekiError('precondition_failed', `The database holds what this SPEKI cannot read: ${why}.`, {
    hint: 'A newer SPEKI wrote it, or another program: update SPEKI and restart the client. speki doctor looks at the database.',
    cause,
  })
}
