import { operations } from '../../operations/index.ts'
import { argumentsOf, flagOf } from './argument.ts'
import { commandLine } from './step.ts'

/** The description of an operation or argument for people: `plan_submit` becomes `speki plan submit`, `dry_run` its flag. */
export function inCommands(description: string): string {
  return description.replaceAll(/"[^"]*"|\w+/g, (word) => {
    if (operationNames().has(word)) return commandLine({ operation: word, arguments: {} })
    return word.includes('_') && argumentNames().has(word) ? `--${flagOf(word)}` : word
  })
}

/** A page that agents read as a resource, where a command prints it. */
export function pageAsCommand(text: string): string {
  return text.replace(/^Read speki:\/\/run\/(RUN-\d+)\/report$/, 'speki run report $1')
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
