import { Command } from 'commander'
import { operations } from '../operations/index.ts'
import { runControl } from '../operations/run/run-control.ts'
import { backgroundCommands } from './background.ts'
import { boardCommand } from './board/board-command.ts'
import { completionCommand } from './completion/completion-command.ts'
import { exchangeCommands } from './exchange.ts'
import { groupCommands, helpStyle, NOUNS, summaryOf } from './help.ts'
import { initCommand } from './init.ts'
import { wordsOf } from './operation/argument.ts'
import type { ReadText } from './operation/input.ts'
import { commandOf } from './operation/operation-command.ts'
import { peopleCommands } from './people.ts'
import { ruleCommands } from './rules.ts'
import { runCommands } from './run.ts'
import { sandboxCommand } from './sandbox.ts'
import { serviceCommands } from './service.ts'
import type { CallOperation, WithSession } from './session.ts'

interface Parts {
  readonly withSession: WithSession
  readonly call: CallOperation
  readonly read: ReadText
  readonly version: string
  /** Throws where whoever asks may not run a command that is no operation; an operation asks by itself. */
  readonly guard: (command: Command) => void
  readonly print: (text: string) => void
}

/** The whole tree of commands: one an operation, and what only people do. */
export function createProgram({ withSession, call, read, version, guard, print }: Parts): Command {
  const program = new Command('speki')
    .description('From a product requirement document to merged code, across repositories.')
    .option('--db <file>', 'database file (default: speki.db in SPEKI_HOME)')
    .option('--project <folder>', 'project folder (default: here)')
    .option('--as <name>', 'act as an agent of that name: what only people do is refused')
    .option('--json', 'print JSON')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(text.trimEnd()),
      // Told by whoever runs the program, with what to do instead.
      outputError: () => undefined,
    })
    .configureHelp(helpStyle)
  const nouns = new Map<string, Command>()
  const noun = (name: string): Command => {
    const command = nouns.get(name) ?? program.command(name).description(NOUNS[name] ?? name)
    nouns.set(name, command)
    return command
  }
  const called = new Set<Command>()
  for (const operation of operations) {
    const command = commandOf(operation, read, (of, args) =>
      withSession(async (session) => session.answer(await call(session, of, args))),
    )
    called.add(command)
    const [name = ''] = wordsOf(operation.name)
    if (name === command.name()) program.addCommand(command)
    else noun(name).addCommand(command, { hidden: operation === runControl })
  }
  peopleCommands(program, noun, withSession)
  ruleCommands(noun('rule'), withSession)
  runCommands(noun('run'), withSession, call)
  exchangeCommands(program, withSession, call)
  boardCommand(program, withSession, call)
  initCommand(program, withSession)
  serviceCommands(program, withSession)
  backgroundCommands(program, noun, withSession)
  sandboxCommand(program, withSession)
  completionCommand(program, withSession, call, print)
  program.hook('preAction', (_, command) => {
    if (!called.has(command)) guard(command)
  })
  // Without its long form, which is an argument of operations; that is taken where nothing else stands.
  program.version(version, '-V', 'print the version, as --version does')
  groupCommands(program)
  inherit(program)
  return program
}

/** Sub-commands end by exception like the program, and take --json, --db and --project in any place. */
function inherit(program: Command): void {
  program.enablePositionalOptions(false)
  const visit = (command: Command): void => {
    for (const child of command.commands) {
      child.copyInheritedSettings(program)
      if (child.summary() === '') child.summary(summaryOf(child.description()))
      visit(child)
    }
  }
  visit(program)
}
