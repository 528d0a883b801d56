import { execFileSync } from 'node:child_process'
import type { Command } from 'commander'
import { createRuntime } from '../../src/app.ts'
import { textReader } from '../../src/commands/operation/input.ts'
import { createProgram } from '../../src/commands/program.ts'
import type { Session } from '../../src/commands/session.ts'
import { readConfig } from '../../src/config.ts'
import { personPrincipal } from '../../src/domain/access/principals.ts'

// Operations are caught before they touch any of it.
const unused = () => {
  throw new Error('Nothing runs here.')
}
const nowhere: Session = {
  config: readConfig({}),
  flags: {},
  runtime: createRuntime(readConfig({})),
  caller: personPrincipal('nobody', 'none'),
  signal: new AbortController().signal,
  screen: { width: undefined, now: undefined, style: (_, text) => text },
  json: false,
  answer: () => undefined,
  print: unused,
}

/** The words that bash makes of each line, without `speki`. */
export function splitByShell(lines: readonly string[]): readonly (readonly string[])[] {
  const script = lines.map((line) => `set -- ${line}\nprintf '%s\\0' "$@"\nprintf '\\1'`).join('\n')
  const output = execFileSync('bash', { input: script, encoding: 'utf8' })
  return output
    .split('\u0001')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(1, -1))
}

let seen: { readonly operation: string; readonly args: Record<string, unknown> } | undefined
let stdin = ''

const program = createProgram({
  withSession: async (action) => await action(nowhere),
  call: async (_, operation, args) => {
    seen = { operation: operation.name, args }
    return {}
  },
  read: async (argument, text) =>
    await textReader(
      (async function* () {
        yield stdin
      })(),
    )(argument, text),
  version: '0',
  guard: () => undefined,
  print: () => undefined,
})
const quiet = (command: Command) => {
  command.configureOutput({ writeErr: () => undefined, outputError: () => undefined })
  for (const child of command.commands) quiet(child)
}
quiet(program)

/** What the program would do with these words; nothing runs. */
export async function parsedWords(words: readonly string[], input = '') {
  seen = undefined
  stdin = input
  await program.parseAsync([...words], { from: 'user' })
  return seen
}
