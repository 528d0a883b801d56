import { tryParse } from '../../expected.ts'
import { operations } from '../../operations/index.ts'
import { argumentsOf } from './argument.ts'
import { commandLine, flagWords, knownArguments } from './step.ts'

/**
 * A hint in the words of the shell: `task_get task="TASK-1"` becomes `speki task get TASK-1`, an argument its flag, a
 * resource the command that prints it. What stands in quotes is somebody's text and stays.
 */
export function inCommands(text: string): string {
  let out = ''
  for (let at = 0; at < text.length; ) {
    const [length, written] = nextPiece(text, at)
    out += written
    at += length
  }
  return out
}

/** How much of the text is read from here, and what stands in its place. */
function nextPiece(text: string, at: number): readonly [length: number, written: string] {
  const rest = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  const report = rest(/(?:Read )?speki:\/\/run\/(RUN-\d+)\/report/y)
  if (report !== null) return [report[0].length, `speki run report ${report[1]}`]
  const quote = rest(/"(?:[^"\\]|\\.)*"/y)
  if (quote !== null) return [quote[0].length, quote[0]]
  const [word] = rest(/[\w-]+/y) ?? []
  if (word === undefined) return [1, text[at] ?? '']
  if (operationNames().has(word)) return call(text, at, word)
  const value = text[at + word.length] === '=' ? readValue(text, at + word.length + 1) : undefined
  if (value !== undefined && argumentNames().has(word))
    return [word.length + 1 + value.length, flagWords(word, value.value, undefined).join(' ')]
  const isArgument = word.includes('_') && argumentNames().has(word)
  return [word.length, isArgument ? flagWords(word, true, undefined).join(' ') : word]
}

/** `task_get task="TASK-1" revision=2`, and `task_validate without only`. */
function call(text: string, start: number, operation: string): readonly [length: number, written: string] {
  const known = knownArguments(operation)
  const given: Record<string, unknown> = {}
  let at = start + operation.length
  for (;;) {
    const [found, name = ''] = /^ (\w+)=/.exec(text.slice(at, at + 80)) ?? []
    const value = found === undefined ? undefined : readValue(text, at + found.length)
    if (found === undefined || value === undefined) break
    given[name] = value.value
    at += found.length + value.length
  }
  const written = commandLine({ operation, arguments: given })
  const [without, name] = /^ without (\w+)/.exec(text.slice(at, at + 80)) ?? []
  const argument = known.find((entry) => entry.name === name)
  if (without === undefined || argument === undefined) return [at - start, written]
  const left = argument.positional ? argument.name.toUpperCase() : `--${argument.flag}`
  return [at + without.length - start, `${written} without ${left}`]
}

interface Value {
  readonly value: unknown
  readonly length: number
}

/** A string in quotes, a list or an object, or one bare word; undefined where nothing of that stands. */
function readValue(text: string, at: number): Value | undefined {
  const opening = text[at]
  if (opening === '"') {
    const [string] = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(at)) ?? []
    return string === undefined ? undefined : { value: parsed(string), length: string.length }
  }
  if (opening === '[' || opening === '{') {
    const length = balanced(text.slice(at))
    return length === undefined ? undefined : { value: parsed(text.slice(at, at + length)), length }
  }
  const [bare] = /^[^\s,;:)("]*[^\s,;:)(".]/.exec(text.slice(at)) ?? []
  return bare === undefined ? undefined : { value: parsed(bare), length: bare.length }
}

/** JSON where it is JSON; else the text, as hints write what is left open: […]. */
function parsed(text: string): unknown {
  return tryParse<unknown>(() => JSON.parse(text)) ?? text
}

/** Length of the list or object at the beginning, with those inside it. */
function balanced(text: string): number | undefined {
  let depth = 0
  for (const piece of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (piece[0] === '[' || piece[0] === '{') depth += 1
    else if (piece[0] === ']' || piece[0] === '}') depth -= 1
    if (depth === 0) return piece.index + piece[0].length
  }
  return undefined
}

let names: { readonly operations: ReadonlySet<string>; readonly arguments: ReadonlySet<string> } | undefined

function allNames() {
  names ??= {
    operations: new Set(operations.map(({ name }) => name)),
    arguments: new Set(operations.flatMap((operation) => argumentsOf(operation).map(({ name }) => name))),
  }
  return names
}

const operationNames = () => allNames().operations
const argumentNames = () => allNames().arguments
