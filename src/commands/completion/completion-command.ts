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
    .action((given: readonly string[]) =>
      withSession(async (session) => {
        const { words, before } = splitValue(given)
        const { candidates, kind } = complete(program, words)
        const keys = kind === undefined || kind === 'file' ? [] : await keysOf(kind, session, call)
        const found = [...candidates, ...matching(keys, words.at(-1) ?? '')]
        const lines = found.map(({ text, about }) => {
          const shown = safe(about).replaceAll(/\s+/g, ' ').slice(0, MAX_ABOUT)
          return shown === '' ? before + text : `${before}${text}\t${shown}`
        })
        print([...lines, ...(kind === 'file' ? [':files'] : [])].join('\n'))
      }),
    )
}

/** `--flag=value` at the cursor: bash gives it in three words and puts in the value, others in one that is replaced whole. */
function splitValue(words: readonly string[]): { readonly words: readonly string[]; readonly before: string } {
  const sign = words.lastIndexOf('=')
  if (sign > 0 && sign >= words.length - 2)
    return { words: [...words.slice(0, sign), words[sign + 1] ?? ''], before: '' }
  const [, flag, value] = /^(--[\w-]+)=(.*)$/s.exec(words.at(-1) ?? '') ?? []
  if (flag === undefined || value === undefined) return { words, before: '' }
  return { words: [...words.slice(0, -1), flag, value], before: `${flag}=` }
}
