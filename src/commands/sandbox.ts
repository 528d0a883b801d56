import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { SpekiError } from '../errors.ts'
import type { WithSession } from './session.ts'

interface Options {
  readonly off?: string
  readonly on?: boolean
  readonly repository?: string
  readonly read?: readonly string[]
  readonly write?: readonly string[]
  readonly forget?: readonly string[]
  readonly network?: 'all' | 'agents' | 'checks' | 'none'
}

/** What agents and checks may touch of this machine is people's to decide: no tool exists for it. */
export function sandboxCommand(program: Command, withSession: WithSession): void {
  program
    .command('sandbox')
    .description('What agents and checks may touch of this machine; without options it only tells')
    .option('--off <reason>', 'switch it off, for the workspace or one repository')
    .option('--on', 'switch it on again')
    .option('--repository <name>', 'the one that --off or --on is about')
    .option('--read <paths...>', 'show these, which are hidden else')
    .option('--write <paths...>', 'let these be written')
    .option('--forget <paths...>', 'show and let write no longer')
    .addOption(new Option('--network <who>', 'who reaches the network').choices(['all', 'agents', 'checks', 'none']))
    .action((options: Options) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { changeSandbox, readSandbox } = await import('../domain/sandbox.ts')
        const { findSandboxTool } = await import('../process/sandbox-tool.ts')
        const tool = await findSandboxTool()
        const service = await runtime.open()
        const { off, on, repository, read, write, forget, network } = options
        if (repository !== undefined && off === undefined && on !== true)
          throw new SpekiError('invalid_input', 'What is to be done with that repository is missing.', {
            hint: 'Add --off "reason", or --on.',
          })
        const paths = (given: readonly string[] | undefined) => given?.map((path) => resolve(path))
        const settings =
          Object.keys(options).length === 0
            ? await readSandbox(service, caller)
            : await changeSandbox(service, caller, {
                off: on === true ? null : off,
                repository,
                readable: paths(read),
                writable: paths(write),
                forget: paths(forget),
                ...(network !== undefined && {
                  agentNetwork: network === 'all' || network === 'agents',
                  checkNetwork: network === 'all' || network === 'checks',
                }),
              })
        answer({ ...('problem' in tool ? { absent: tool.problem } : { by: tool.kind }), ...settings })
      }),
    )
}
