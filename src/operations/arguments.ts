import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import { tryParse } from '../expected.ts'
import { nearest } from '../spec/nearest.ts'

/** Other names under which a key is taken. Each has one name in the schemas, whatever the operation. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  task: ['task_id', 'taskId', 'task_key'],
  prd: ['prd_id', 'prdId', 'prd_key'],
  run: ['run_id', 'runId', 'run_key'],
  change_set: ['change_set_id', 'changeset', 'changeset_id', 'changeSet', 'changeSetId'],
  repository: ['repo', 'repository_name', 'repositoryName'],
}

/** What `id` and `key` mean, by the first word of the operation's name. */
const OWN_KEY: Readonly<Record<string, string>> = {
  task: 'task',
  prd: 'prd',
  plan: 'prd',
  run: 'run',
  changeset: 'change_set',
}

/**
 * Arguments as a schema takes them: keys under their one name; numbers, booleans, lists and objects that came as text as what
 * they are. Throws one error with every misfit, unknown names at any depth among them.
 */
export function readArguments<Input extends z.ZodObject>(name: string, input: Input, args: unknown): z.infer<Input> {
  const issues: z.core.$ZodIssue[] = []
  const fitted = taken(input, withoutAliases(name, input, args ?? {}), [], issues)
  const parsed = input.safeParse(fitted)
  if (parsed.success && issues.length === 0) return parsed.data
  throw new z.ZodError([...issues, ...(parsed.error?.issues ?? [])])
}

function withoutAliases(name: string, input: z.ZodObject, args: unknown): unknown {
  if (!isRecord(args)) return args
  const named = Object.entries(args).map(([key, value]) => [canonicalName({ name, input }, key), value] as const)
  for (const [key, value] of named)
    if (named.some(([other, twin]) => other === key && twin !== value))
      throw new SpekiError('invalid_input', `${key} was given twice, with different values. Nothing was changed.`, {
        hint: `Give ${key} once.`,
      })
  return Object.fromEntries(named)
}

/** The one name of an argument that was given under it or under another. */
export function canonicalName(
  { name, input: { shape } }: { readonly name: string; readonly input: z.ZodObject },
  key: string,
): string {
  if (key in shape) return key
  const own = OWN_KEY[name.slice(0, name.indexOf('_'))]
  if ((key === 'id' || key === 'key') && own !== undefined && own in shape) return own
  return Object.keys(ALIASES).find((known) => known in shape && ALIASES[known]?.includes(key)) ?? key
}

type Path = readonly (string | number)[]

/** The value in the shape of the schema, as far as it can be told; what cannot is left for the schema to refuse. */
function taken(schema: z.core.$ZodType, value: unknown, path: Path, issues: z.core.$ZodIssue[]): unknown {
  const wanted = unwrap(schema)
  if (typeof value === 'string' && (wanted instanceof z.ZodNumber || wanted instanceof z.ZodBoolean))
    return fromWord(wanted, value.trim()) ?? value
  if (wanted instanceof z.ZodObject) {
    const object = fromJson(value)
    if (!isRecord(object)) return value
    return Object.fromEntries(
      Object.entries(object).flatMap(([key, entry]) => {
        const inner = wanted.shape[key]
        if (inner !== undefined) return [[key, taken(inner, entry, [...path, key], issues)]]
        issues.push({ code: 'custom', path: [...path], message: unknownName(key, wanted), input: undefined })
        return []
      }),
    )
  }
  if (wanted instanceof z.ZodArray) {
    const list = fromJson(value)
    if (Array.isArray(list)) return list.map((entry, index) => taken(wanted.element, entry, [...path, index], issues))
    const element = unwrap(wanted.element)
    const isText = element instanceof z.ZodString || element instanceof z.ZodEnum
    return typeof value === 'string' && isText ? [value] : value
  }
  if (wanted instanceof z.ZodString && typeof value === 'number') return String(value)
  return value
}

/** Whatever a model's language writes for them: 5, 5.0, true, True. */
function fromWord(schema: z.ZodNumber | z.ZodBoolean, word: string): number | boolean | undefined {
  if (schema instanceof z.ZodNumber) return /^[-+]?\d+(\.\d+)?$/.test(word) ? Number(word) : undefined
  return { true: true, false: false }[word.toLowerCase()]
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return unwrap(schema.unwrap())
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema
}

/** A list or an object that came as its JSON; anything else as it is. */
function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  // What is no JSON stays a text, which the schema refuses with what it wants.
  return tryParse<unknown>(() => JSON.parse(value)) ?? value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names the nearest known one, one level down too, and all that are known. */
function unknownName(key: string, { shape }: z.ZodObject): string {
  const known = Object.keys(shape)
  const below = known.flatMap((name) => {
    const inner = unwrap(shape[name] ?? z.never())
    return inner instanceof z.ZodObject && key in inner.shape ? [`${name}.${key}`] : []
  })
  const meant = below[0] ?? nearest(key, known)
  const listed = `nown are ${known.join(', ')}`
  // The nearest by its letters may not be the one that was meant.
  return `"${key}" is unknown; ${meant === undefined ? `k${listed}` : `did you mean "${meant}"? K${listed}`}`
}

/** Refuses characters that no text of ours may hold, wherever they stand in the arguments. */
export function refuseControlCharacters(value: unknown, path = 'arguments'): void {
  if (typeof value === 'string') {
    if (value.includes('\u0000'))
      throw new SpekiError('invalid_input', `${path} holds a NUL character. Nothing was changed.`, {
        hint: 'Send text without it.',
      })
    if (!value.isWellFormed())
      throw new SpekiError('invalid_input', `${path} holds half of a surrogate pair. Nothing was changed.`, {
        hint: 'Send well-formed Unicode.',
      })
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, entry] of Object.entries(value)) {
    refuseControlCharacters(key, path)
    refuseControlCharacters(entry, path === 'arguments' ? key : `${path}.${key}`)
  }
}
