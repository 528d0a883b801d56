import { Argument, type Command } from 'commander'
import { safe } from '../output/render.ts'
import type { CallOperation, WithSession } from '../session.ts'
import { complete, matching } from './candidates.ts'
import { keysOf } from './keys.ts'
import { SCRIPTS, Shell } from './scripts.ts'

const MAX_ABOUT = 60

/** `speki completion`, and what its scripts ask at each press of the key. */
export function completionCommand(
  program: Command,
  withSession: WithSession,
  call: CallOperation,
  print: (text: string) => void,
): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(Shell.options))
    .description('Print what makes the Tab key complete commands, flags and keys')
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(speki completion bash)"      in ~/.bashrc\n  eval "$(speki completion zsh)"       in ~/.zshrc, after compinit\n  speki completion fish | source       in ~/.config/fish/config.fish',
    )
    .action((shell: string) => print(SCRIPTS[Shell.parse(shell)].trimEnd()))

  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: readonly string[]) =>
      withSession(async (session) => {
        const { candidates, kind } = complete(program, words)
        const keys = kind === undefined || kind === 'file' ? [] : await keysOf(kind, session, call)
        const found = [...candidates, ...matching(keys, words.at(-1) ?? '')]
        const lines = found.map(({ text, about }) => {
          const shown = safe(about).replaceAll(/\s+/g, ' ').slice(0, MAX_ABOUT)
          return shown === '' ? text : `${text}\t${shown}`
        })
        print([...lines, ...(kind === 'file' ? [':files'] : [])].join('\n'))
      }),
    )
}
