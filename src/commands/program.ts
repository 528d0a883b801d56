import { Command } from 'commander'
import type { Principal } from '../../schemas/actor.ts'
import { createRuntime } from '../app.ts'
import { readConfig } from '../config.ts'
import { demand } from '../domain/access/can.ts'
import { agentPrincipal, personPrincipal } from '../domain/access/principals.ts'
import { callOperation } from '../operations/call.ts'
import { operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import type { Runtime } from '../operations/runtime.ts'
import { wordAsCall } from '../step.ts'
import { actionOf, pathOf } from './command-actions.ts'
import { exchangeCommands } from './exchange.ts'
import { commandOf, nounOf } from './from-tool.ts'
import { peopleCommands } from './people.ts'
import { render } from './render.ts'
import { ruleCommands } from './rules.ts'
import { serviceCommands } from './service.ts'
import type { Session, WithSession } from './session.ts'
import { watchCommand } from './watch.ts'

export async function runCommand(argv: readonly string[], print: (text: string) => void): Promise<void> {
  await createProgram(print).parseAsync([...argv], { from: 'user' })
}

/** Every command, not yet run. */
export function createProgram(print: (text: string) => void): Command {
  const program = new Command('speki')
    .description('From a product requirement document to merged code, across repositories.')
    .option('--db <file>', 'database file (default: speki.db in SPEKI_HOME)')
    .option('--project <folder>', 'project folder (default: here)')
    .option('--as <name>', 'act as an agent of that name: what only people do is refused')
    .option('--json', 'print JSON')
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()) })
  const withSession: WithSession = async (action) => {
    const options = program.opts<{ db?: string; project?: string; as?: string; json?: boolean }>()
    const config = readConfig(options)
    const runtime = createRuntime(config)
    const abort = new AbortController()
    const stop = () => abort.abort()
    // For good, not once: a listener of a library that finds itself alone ends the process at once.
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    try {
      await action({
        config,
        runtime,
        caller: callerOf(runtime),
        signal: abort.signal,
        answer: (value) => print(options.json ? JSON.stringify(value, undefined, 2) : render(value)),
        print,
      })
    } finally {
      process.removeListener('SIGINT', stop)
      process.removeListener('SIGTERM', stop)
      await runtime.close()
    }
  }

  const callTool = async (session: Session, tool: Operation, args: Record<string, unknown>) => {
    const { runtime, caller, signal } = session
    const { output } = await callOperation(runtime, tool.name, args, {
      caller,
      progress: (message) => process.stderr.write(`  ${message}\n`),
      word: wordAsCall,
      whole: true,
      signal,
    })
    return output
  }
  const runTool = (tool: Operation, args: Record<string, unknown>) =>
    withSession(async (session) => session.answer(await callTool(session, tool, args)))

  const called = new Set<Command>()
  const nouns = new Map<string, Command>()
  for (const tool of operations) {
    const command = commandOf(tool, runTool)
    called.add(command)
    const noun = nounOf(tool.name)
    if (noun === 'speki') program.addCommand(command)
    else nounCommand(program, nouns, noun).addCommand(command)
  }
  peopleCommands(program, (noun) => nounCommand(program, nouns, noun), withSession)
  ruleCommands(nounCommand(program, nouns, 'rule'), withSession)
  watchCommand(nounCommand(program, nouns, 'run'), withSession)
  exchangeCommands(program, withSession, callTool)
  serviceCommands(program, withSession)
  // An operation asks by itself.
  program.hook('preAction', (_, command) => {
    if (called.has(command)) return
    const caller = callerOf(createRuntime(readConfig(program.opts())))
    demand(caller, actionOf(command), { key: command.args[0] ?? pathOf(command) })
  })
  program.version(createRuntime(readConfig({})).version)
  inherit(program)
  return program
}

/** Who asks on a command line: the person at this machine, or the agent that was given a name there. */
function callerOf({ agent, user, session }: Runtime): Principal {
  return agent === undefined
    ? personPrincipal(user, session)
    : agentPrincipal({ client: agent, given: agent, session, onBehalfOf: user })
}

/** What stands behind a noun, in the help. */
const NOUNS: Readonly<Record<string, string>> = {
  repository: 'Register and list repositories, set their check commands',
  prd: 'Write, read, check and edit PRDs',
  plan: 'Draft and submit the plan of a PRD',
  rule: 'What prd check looks for, and where a clean check is required',
  task: 'List, claim, prove and close tasks',
  knowledge: 'Lessons and notes',
  changeset: 'What was made across repositories, tested together and delivered',
  run: 'Execute PRDs and tasks unattended',
  activity: 'Who did what and when',
}

function nounCommand(program: Command, nouns: Map<string, Command>, noun: string): Command {
  const known = nouns.get(noun)
  if (known !== undefined) return known
  const command = program.command(noun).description(NOUNS[noun] ?? noun)
  nouns.set(noun, command)
  return command
}

/** Sub-commands end by exception like the program, and take --json, --db and --project in any place. */
function inherit(program: Command): void {
  program.enablePositionalOptions(false)
  const visit = (command: Command): void => {
    for (const child of command.commands) {
      child.copyInheritedSettings(program)
      visit(child)
    }
  }
  visit(program)
}
