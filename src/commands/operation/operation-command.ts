import { Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { SpekiError } from '../../errors.ts'
import { canonicalName } from '../../operations/arguments.ts'
import type { Operation } from '../../operations/operation.ts'
import { summaryOf } from '../help.ts'
import { type Argument, argumentsOf, wordsOf } from './argument.ts'
import { EXAMPLES } from './examples.ts'
import { inCommands } from './hints.ts'
import type { ReadText } from './input.ts'

/** Never shown in help: it means nothing to a person. */
const QUIET: ReadonlySet<string> = new Set(['idempotency_key'])
/** Places, which are named and not read. */
const PLACES: ReadonlySet<string> = new Set(['path', 'worktree'])

/**
 * The command of an operation: the same arguments, so the command line can do what an agent can. A text may come from
 * a file or from standard input (`ReadText`); objects are JSON; a flag takes its own value and no word after it.
 */
export function commandOf(
  operation: Operation,
  read: ReadText,
  run: (operation: Operation, args: Record<string, unknown>) => Promise<void>,
): Command {
  const args = argumentsOf(operation)
  const description = inCommands(operation.description)
  const command = new Command(wordsOf(operation.name).at(-1)).description(description).summary(summaryOf(description))
  const positional = args.find((argument) => argument.positional)
  if (positional !== undefined) command.argument(`[${positional.flag}]`, positional.description)
  for (const argument of args)
    for (const option of optionsOf({ ...argument, description: inCommands(argument.description) }))
      command.addOption(option)
  // Its other name, as the operation takes it.
  const hasId = positional !== undefined && canonicalName(operation, 'id') === positional.name
  if (hasId) command.addOption(new Option('--id <text>').hideHelp())
  const examples = EXAMPLES[operation.name]
  if (examples !== undefined)
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
  takeWords(command, args)
  command.action(async (...received: unknown[]) => {
    const options = z.record(z.string(), z.unknown()).parse(received.at(-2))
    const values: Record<string, unknown> = {}
    for (const argument of args) {
      const value =
        options[camelCase(argument.flag)] ?? (argument === positional ? (received[0] ?? options['id']) : undefined)
      if (value !== undefined) values[argument.name] = await givenValue(argument, value, read)
    }
    await run(operation, values)
  })
  return command
}

function optionsOf({ flag, name, type, description, choices, positional }: Argument): readonly Option[] {
  if (type === 'boolean')
    return [new Option(`--${flag}`, description), new Option(`--no-${flag}`, `not ${flag}`).hideHelp()]
  const value = type === 'json' ? 'json' : type === 'texts' ? 'value' : type
  const option = new Option(`--${flag} <${value}>`, type === 'texts' ? repeated(description) : description)
  if (positional || QUIET.has(name)) option.hideHelp()
  if (choices !== undefined) option.choices(choices)
  if (type === 'texts')
    option.argParser<readonly string[]>((given, before = []) => {
      if (choices !== undefined && !choices.includes(given))
        throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
      return [...before, given]
    })
  return [option]
}

function repeated(description: string): string {
  return description === '' ? 'may be repeated' : `${description} (may be repeated)`
}

/** Operations whose word without a flag is a key: what is none was meant as something else. */
const KEYS: ReadonlySet<string> = new Set(['task', 'prd', 'run', 'change_set'])

/**
 * What the command library has no words for: `--ready=false` is `--no-ready`, as it knows flags that take a value or none,
 * not both; and a second word behind a flag with choices is a value too where the flag takes several, and refused by name
 * where it takes one.
 */
function takeWords(command: Command, args: readonly Argument[]): void {
  const switches = args.filter(({ type }) => type === 'boolean').map(({ flag }) => flag)
  const chosen = args.filter(({ choices }) => choices !== undefined)
  const takesKey = args.some(({ positional, name }) => positional && KEYS.has(name))
  const parse = command.parseOptions.bind(command)
  command.parseOptions = (argv) => {
    const end = argv.indexOf('--')
    let behind: Argument | undefined
    const words = argv.flatMap((word, index) => {
      if (end >= 0 && index >= end) return [word]
      if (word.startsWith('-')) {
        behind = chosen.find(({ flag }) => word === `--${flag}` || word.startsWith(`--${flag}=`))
        return [asSwitch(word, switches)]
      }
      const argument = argv[index - 1] === `--${behind?.flag}` ? undefined : behind
      if (argument === undefined) return [word]
      const { flag, type, choices = [] } = argument
      const isValue = choices.includes(word)
      if (type === 'texts' && isValue) return [`--${flag}`, word]
      behind = undefined
      if (isValue || (takesKey && !/^[a-z]+-\d+$/i.test(word)))
        throw new SpekiError('invalid_input', `--${flag} takes one value, and "${word}" is a second.`, {
          hint: isValue ? `Ask once for each: --${flag} ${word}` : `Its values are ${choices.join(', ')}.`,
        })
      return [word]
    })
    return parse(words)
  }
}

function asSwitch(word: string, flags: readonly string[]): string {
  const [, flag = '', value] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? []
  if (!flags.includes(flag)) return word
  if (value === 'true') return `--${flag}`
  if (value === 'false') return `--no-${flag}`
  throw new SpekiError('invalid_input', `--${flag} is true or false, not "${value}".`, {
    hint: `Write --${flag} or --no-${flag}.`,
  })
}

async function givenValue(argument: Argument, value: unknown, read: ReadText): Promise<unknown> {
  const { type, name, choices } = argument
  const flag = `--${argument.flag}`
  const isText = choices === undefined && !PLACES.has(name)
  if (type === 'boolean') return value
  if (type === 'texts') {
    const texts: string[] = []
    // An empty value is the empty list: `--depends-on ""`.
    for (const entry of z.array(z.string()).parse(value).filter(Boolean))
      texts.push(isText ? await read(flag, entry) : entry)
    return texts
  }
  const text = String(value)
  if (type === 'number') return numberOf(flag, text)
  if (type === 'text') return isText ? await read(flag, text) : text
  const content = await read(flag, text)
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new SpekiError(
      'invalid_input',
      `${flag} is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.`,
      { hint: `Write the JSON in a file and pass ${flag} @file.` },
    )
  }
}

function numberOf(flag: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return number
  throw new SpekiError('invalid_input', `${flag} takes a number, not "${text}".`, { hint: `For example ${flag} 5.` })
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
