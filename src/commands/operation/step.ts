import { canonicalName } from '../../operations/arguments.ts'
import { operations } from '../../operations/index.ts'
import type { Step } from '../../step.ts'
import { type Argument, argumentsOf, flagOf, wordsOf } from './argument.ts'

/** The command that does the same as a call: `speki task get TASK-1`. What is left open is in capitals. */
export function commandLine({ operation, arguments: given }: Step): string {
  const known = knownArguments(operation)
  const control = controlOf(operation, given)
  const words: string[] = ['speki', ...wordsOf(control === undefined ? operation : `run_${control}`)]
  const flags: string[] = []
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === control) continue
    const name = canonical(operation, key)
    const argument = known.find((entry) => entry.name === name)
    const text = argument?.positional === true && typeof value === 'string' ? literal(name, value) : undefined
    if (text !== undefined && !text.startsWith('-')) words.push(text)
    else flags.push(...flagWords(name, value, argument))
  }
  return [...words, ...flags].join(' ')
}

/** What is asked of a run is a command of its own. */
function controlOf(operation: string, { run, action }: Step['arguments']): string | undefined {
  if (operation !== 'run_control' || typeof run !== 'string' || typeof action !== 'string') return undefined
  return isOpen(action) ? undefined : action
}

function canonical(operation: string, key: string): string {
  const found = operations.find(({ name }) => name === operation)
  return found === undefined ? key : canonicalName(found, key)
}

/** The arguments of an operation; none where there is no such operation. */
function knownArguments(operation: string): readonly Argument[] {
  const found = operations.find(({ name }) => name === operation)
  return found === undefined ? [] : argumentsOf(found)
}

/** `depends_on`, ["TASK-1", "TASK-2"] → `--depends-on TASK-1 --depends-on TASK-2`. */
function flagWords(name: string, value: unknown, argument: Argument | undefined): string[] {
  const flag = `--${flagOf(name)}`
  if (typeof value === 'boolean') return [value ? flag : `--no-${flagOf(name)}`]
  if (Array.isArray(value) && argument?.type !== 'json' && value.every((entry) => typeof entry === 'string'))
    return value.length === 0 ? [`${flag} ''`] : value.map((entry) => pair(flag, literal(name, entry)))
  if (typeof value === 'string') return [pair(flag, literal(name, value))]
  const json = JSON.stringify(value)
  return [pair(flag, isOpen(json) ? capitals(name) : quoted(json))]
}

/** A value that begins with a dash would be taken for a flag. */
function pair(flag: string, value: string): string {
  return value.startsWith('-') || value.startsWith("'-") ? `${flag}=${value}` : `${flag} ${value}`
}

function literal(name: string, text: string): string {
  return isOpen(text) ? capitals(name) : quoted(text.startsWith('@') ? `@${text}` : text)
}

/** A place that whoever reads has to fill. */
function isOpen(text: string): boolean {
  return text.includes('…') || text === '/absolute/path'
}

function capitals(name: string): string {
  return name.toUpperCase()
}

/** One word for bash, zsh and fish, whatever it holds. */
export function quoted(text: string): string {
  if (/^[\w./:@%+,-][\w./:@%+,=-]*$/.test(text)) return text
  return `'${text.replaceAll("'", "'\\''")}'`
}
