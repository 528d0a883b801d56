import type { Command } from 'commander'
import type { Principal } from '../../schemas/actor.ts'
import { createRuntime } from '../app.ts'
import { type Config, readConfig } from '../config.ts'
import { demand } from '../domain/access/can.ts'
import { agentPrincipal, personPrincipal } from '../domain/access/principals.ts'
import { callOperation } from '../operations/call.ts'
import type { Runtime } from '../operations/runtime.ts'
import { actionOf, pathOf } from './command-actions.ts'
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
  if (argv.length === 0) program.outputHelp()
  else await program.parseAsync(argv[0] === '--version' ? ['-V'] : [...argv], { from: 'user' })
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
function callerOf({ user, agent, insideJob }: Config, { session }: Runtime): Principal {
  if (agent === undefined && !insideJob) return personPrincipal(user, session)
  return agentPrincipal({ client: 'agent of a run', given: agent, session, onBehalfOf: user })
}

const call: CallOperation = async ({ runtime, caller, signal }, operation, args) => {
  const { output } = await callOperation(runtime, operation.name, args, {
    caller,
    progress: (message) => process.stderr.write(`  ${message}\n`),
    word: commandLine,
    whole: true,
    signal,
  })
  return output
}
