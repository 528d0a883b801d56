import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import type { Operation } from '../operations/operation.ts'

/** How an argument of a tool is written on the command line. */
interface Argument {
  readonly name: string
  readonly flag: string
  readonly type: 'boolean' | 'number' | 'text' | 'texts' | 'json'
  readonly required: boolean
  readonly description: string
  readonly choices: readonly string[] | undefined
}

/** Keys that are written without a flag: `speki prd get PRD-1`. */
const POSITIONAL = ['task', 'prd', 'run', 'change_set', 'path', 'title', 'text', 'query']

/**
 * The command of a tool: the same arguments, so the command line can do what an agent can. A text that begins
 * with @ names a file to read, @- is standard input; objects are JSON.
 */
export function commandOf(
  tool: Operation,
  run: (tool: Operation, args: Record<string, unknown>) => Promise<void>,
): Command {
  const args = argumentsOf(tool.input)
  const command = new Command(verbOf(tool.name)).description(tool.description)
  const positional = args.find((argument) => POSITIONAL.includes(argument.name) && argument.type === 'text')
  if (positional !== undefined) command.argument(`[${positional.name}]`, positional.description)
  for (const argument of args) command.addOption(optionOf(argument))
  command.action(async (...received: unknown[]) => {
    const options = z.record(z.string(), z.unknown()).parse(received.at(-2))
    const values: Record<string, unknown> = {}
    for (const argument of args) {
      const value = options[camelCase(argument.flag)] ?? (argument === positional ? received[0] : undefined)
      if (value !== undefined) values[argument.name] = await readValue(argument, value)
    }
    await run(tool, values)
  })
  return command
}

/** `task_claim` → noun `task`, verb `claim`; `speki_status` stands alone. */
export function nounOf(name: string): string {
  return name.slice(0, name.indexOf('_'))
}

function verbOf(name: string): string {
  return name.slice(name.indexOf('_') + 1)
}

const Property = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().optional(),
  items: z.object({ type: z.string().optional() }).optional(),
})
const InputSchema = z.object({ properties: z.record(z.string(), Property), required: z.array(z.string()).default([]) })

function argumentsOf(input: z.ZodObject): readonly Argument[] {
  const { properties, required } = InputSchema.parse(z.toJSONSchema(input, { io: 'input' }))
  return Object.entries(properties).map(([name, property]) => ({
    name,
    flag: name.replaceAll('_', '-'),
    type: typeOf(property),
    required: required.includes(name),
    description: property.description ?? '',
    choices: property.enum,
  }))
}

function typeOf(property: z.infer<typeof Property>): Argument['type'] {
  if (property.type === 'boolean') return 'boolean'
  if (property.type === 'integer' || property.type === 'number') return 'number'
  if (property.type === 'array' && property.items?.type === 'string') return 'texts'
  return property.type === 'string' ? 'text' : 'json'
}

function optionOf(argument: Argument): Option {
  const value =
    argument.type === 'boolean'
      ? '[true|false]'
      : argument.type === 'texts'
        ? '<value...>'
        : argument.type === 'json'
          ? '<json>'
          : `<${argument.type}>`
  const option = new Option(`--${argument.flag} ${value}`, argument.description)
  return argument.choices === undefined ? option : option.choices(argument.choices)
}

async function readValue(argument: Argument, value: unknown): Promise<unknown> {
  if (argument.type === 'boolean') return value === true || value === 'true'
  if (argument.type === 'texts') return value
  const text = String(value)
  if (argument.type === 'number') return Number(text)
  const content = text.startsWith('@') ? await readInput(text.slice(1)) : text
  if (argument.type === 'text') return content
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new SpekiError(
      'invalid_input',
      `--${argument.flag} is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.`,
      { hint: `Write the JSON in a file and pass --${argument.flag} @file.` },
    )
  }
}

async function readInput(name: string): Promise<string> {
  if (name !== '-') return await readFile(name, 'utf8')
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
