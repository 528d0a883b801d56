import { z } from 'zod'
import type { Operation } from '../../operations/operation.ts'

/** How an argument of an operation is written on the command line. */
export interface Argument {
  readonly name: string
  /** Without the dashes. */
  readonly flag: string
  readonly type: 'boolean' | 'number' | 'text' | 'texts' | 'json'
  readonly description: string
  readonly choices: readonly string[] | undefined
  /** Written without its flag: `speki prd get PRD-1`. */
  readonly positional: boolean
}

/** What is written without a flag, the first of these that an operation has. */
const POSITIONAL = ['task', 'prd', 'run', 'change_set', 'path', 'title', 'text', 'query']

const Items = z.object({ type: z.string().optional(), enum: z.array(z.string()).optional() })
const Property = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().optional(),
  items: Items.optional(),
})
const InputSchema = z.object({ properties: z.record(z.string(), Property) })

/** Reading a schema takes a millisecond, and help asks for all of them more than once. */
const known = new WeakMap<Operation['input'], readonly Argument[]>()

export function argumentsOf({ input }: Pick<Operation, 'input'>): readonly Argument[] {
  const found = known.get(input) ?? readArguments(input)
  known.set(input, found)
  return found
}

function readArguments(input: Operation['input']): readonly Argument[] {
  const { properties } = InputSchema.parse(z.toJSONSchema(input, { io: 'input' }))
  const entries = Object.entries(properties)
  const positional = entries.find(([name, property]) => POSITIONAL.includes(name) && typeOf(property) === 'text')?.[0]
  return entries.map(([name, property]) => ({
    name,
    flag: flagOf(name),
    type: typeOf(property),
    description: property.description ?? '',
    choices: property.enum ?? property.items?.enum,
    positional: name === positional,
  }))
}

/** `lease_token` → `lease-token`. */
export function flagOf(name: string): string {
  return name.replaceAll('_', '-')
}

/** `task_claim` → `task claim`; `speki_status` stands alone. */
export function wordsOf(operation: string): readonly string[] {
  const at = operation.indexOf('_')
  const noun = operation.slice(0, at)
  const verb = flagOf(operation.slice(at + 1))
  return noun === 'speki' ? [verb] : [noun, verb]
}

function typeOf(property: z.infer<typeof Property>): Argument['type'] {
  if (property.type === 'boolean') return 'boolean'
  if (property.type === 'integer' || property.type === 'number') return 'number'
  if (property.type === 'array' && property.items?.type === 'string') return 'texts'
  return property.type === 'string' ? 'text' : 'json'
}
