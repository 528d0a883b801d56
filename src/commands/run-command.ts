import { type Command, CommanderError } from 'commander'
import type { Principal } from '../../schemas/actor.ts'
import { createRuntime } from '../app.ts'
import { type Config, readConfig } from '../config.ts'
import { demand } from '../domain/access/can.ts'
import { agentPrincipal, personPrincipal } from '../domain/access/principals.ts'
import { SpekiError } from '../errors.ts'
import { callOperation } from '../operations/call.ts'
import type { Runtime } from '../operations/runtime.ts'
import { plain } from '../operations/text.ts'
import { actionOf, pathOf } from './command-actions.ts'
import { findJobAround, type JobAround } from './job-around.ts'
import { misread } from './misread.ts'
import { textReader } from './operation/input.ts'
import { commandLine } from './operation/step.ts'
import { INTERRUPTED } from './output/exit-code.ts'
import { render } from './output/render.ts'
import { screenOf } from './output/screen.ts'
import { createProgram } from './program.ts'
import type { CallOperation, WithSession } from './session.ts'

/** Runs one command line to its end. Throws what it fails with. */
export async function runCommand(argv: readonly string[], print: (text: string) => void): Promise<void> {
  const program = programOf(print)
  if (argv.length === 0) return program.outputHelp()
  try {
    await program.parseAsync(argv[0] === '--version' ? ['-V'] : [...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) throw misread(error, program, argv)
    if (error instanceof SpekiError && error.code === 'forbidden') await tellOfRefusal(program, argv)
    throw error
  }
}

/** What works on a task and reaches for what only people do is told to whoever judges its work. */
async function tellOfRefusal(program: Command, argv: readonly string[]): Promise<void> {
  const config = readConfig(program.opts())
  const marks = jobAround(config)?.marks ?? []
  if (marks.length === 0) return
  const { noteRefusedAct } = await import('../domain/run/refused-act.ts')
  const runtime = createRuntime(config)
  try {
    await noteRefusedAct(await runtime.open(), callerOf(config, runtime), marks, argv.join(' '))
  } finally {
    await runtime.close()
  }
}

let around: { readonly found: JobAround | undefined } | undefined

/** Looked for once: what is around a process stays. */
function jobAround(config: Config): JobAround | undefined {
  around ??= { found: findJobAround(config) }
  return around.found
}

/** Every command on the workspace that the environment and the flags name, not yet run. */
export function programOf(print: (text: string) => void): Command {
  const withSession: WithSession = async (action) => {
    const options = program.opts<{ db?: string; project?: string; as?: string; json?: boolean }>()
    const config = readConfig(options)
    const runtime = createRuntime(config)
    const screen = screenOf(process.stdout, Date.now())
    const abort = new AbortController()
    const stop = (signal: NodeJS.Signals) => {
      if (signal === 'SIGINT') process.exitCode = INTERRUPTED
      abort.abort()
    }
    // For good, not once: a listener of a library that finds itself alone ends the process at once.
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    try {
      await action({
        config,
        flags: options,
        runtime,
        caller: callerOf(config, runtime),
        signal: abort.signal,
        screen,
        json: options.json === true,
        answer: (value) => print(options.json ? JSON.stringify(value, undefined, 2) : render(value, screen)),
        print,
      })
    } finally {
      process.removeListener('SIGINT', stop)
      process.removeListener('SIGTERM', stop)
      await runtime.close()
    }
  }
  const { version } = createRuntime(readConfig({}))
  const read = textReader(process.stdin)
  const guard = (command: Command) => {
    const config = readConfig(program.opts())
    const caller = callerOf(config, createRuntime(config))
    demand(caller, actionOf(command), { key: command.args[0] ?? pathOf(command) })
  }
  const program = createProgram({ withSession, call, read, version, guard, print })
  return program
}

/** Who asks on a command line: the person at this machine, the agent that was given a name there, or what works in a run. */
function callerOf(config: Config, { session }: Runtime): Principal {
  const { user, agent } = config
  if (agent === undefined && jobAround(config) === undefined) return personPrincipal(user, session)
  return agentPrincipal({ client: 'agent of a run', given: agent, session, onBehalfOf: user })
}

const call: CallOperation = async ({ runtime, caller, signal }, operation, args) => {
  const { output } = await callOperation(runtime, operation.name, args, {
    caller,
    progress: (message) => process.stderr.write(`  ${plain(message)}\n`),
    word: commandLine,
    whole: true,
    signal,
  })
  return output
}
