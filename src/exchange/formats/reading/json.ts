import { z } from 'zod'
import { lineAt } from '../../../documents/text.ts'
import { jsonFault } from './json-fault.ts'
import { refuse, type Where } from './refusal.ts'

export type Json = z.infer<ReturnType<typeof z.json>>

/** Any value that came out of `parseJson`: JSON by construction, so that nothing need be looked at again. */
export const AnyJson = z.custom<Json>(() => true)

const MAX_DEPTH = 64

/**
 * Reads JSON that a stranger may have written.
 * @param where the file, and the line where the text is only a part of it
 * @throws SpekiError `invalid_input` with line and column of the first fault, or naming what makes the value unsafe
 */
export function parseJson(text: string, where: Where): Json {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  try {
    const value = JSON.parse(source) as Json
    checkJson(value, where)
    return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const fault = jsonFault(source)
    const column = fault - source.lastIndexOf('\n', fault - 1)
    const at = where.at ?? `line ${lineAt(source, fault)}`
    const early = fault === source.length ? 'the text ends before the JSON does' : 'this is no JSON'
    const conflict = /^(?:<{7}|={7}|>{7})(?:\s|$)/m.test(source)
    return refuse(
      { file: where.file, at: `${at}, column ${column}` },
      `${early}.`,
      conflict
        ? 'Resolve the merge conflict in the file and import again.'
        : 'Correct the file there and import again.',
    )
  }
}

/** Refuses values that are legal JSON or YAML but dangerous or impossible to store. */
export function checkJson(value: Json, where: Where): void {
  const rest: { readonly value: Json; readonly depth: number }[] = [{ value, depth: 0 }]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next.value === 'string') checkString(next.value, where)
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth >= MAX_DEPTH)
      refuse(where, `values stand in each other more than ${MAX_DEPTH} deep.`, 'Flatten them and import again.')
    if (Array.isArray(next.value)) for (const item of next.value) rest.push({ value: item, depth: next.depth + 1 })
    else
      for (const [key, item] of Object.entries(next.value)) {
        if (key === '__proto__')
          refuse(where, 'a field is called __proto__.', 'Rename or remove the field and import again.')
        checkString(key, where)
        rest.push({ value: item, depth: next.depth + 1 })
      }
  }
}

/** What no store and no wire carries faithfully. */
function checkString(text: string, where: Where): void {
  if (text.includes('\0')) refuse(where, 'a text has a NUL character.', 'Remove it and import again.')
  if (!text.isWellFormed())
    refuse(where, 'a text has half of a surrogate pair.', 'Remove or retype that character and import again.')
}

/** Parses a value with a schema; what does not fit is refused with its place. */
export function parseShape<S extends z.ZodType>(schema: S, value: Json, where: Where, place = ''): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const at = [where.at, `${place}${(issue?.path ?? []).map(step).join('')}`.replace(/^\./, '')]
    .filter(Boolean)
    .join(', ')
  return refuse(
    { file: where.file, at },
    `${issue?.message ?? 'unexpected value'}.`,
    'Correct the value in the file and import again.',
  )
}

function step(key: PropertyKey): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`
}

/** The fields of an object that are not among the known ones. */
export function otherFields(
  object: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): Record<string, Json> {
  const other: Record<string, Json> = {}
  // A value of an object that parseJson gave; only the type was lost on the way through the schema.
  for (const [key, value] of Object.entries(object))
    if (!known.has(key) && value !== undefined) other[key] = value as Json
  return other
}
