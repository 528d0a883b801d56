import { delimiter, dirname, join } from 'node:path'
import { childEnvironment } from '../config.ts'
import { scriptsOf } from './package-script.ts'

/** Programs that do one target after the other, and how they are told to go on behind a red one. */
const GOES_ON: Readonly<Record<string, readonly string[]>> = { make: ['-k', '-i'], gmake: ['-k', '-i'] }

/**
 * The steps of a command that ends at its first red one: what stands between `&&` in a script or behind `sh -c`, the scripts
 * that package managers run before and after it; of make, one call that goes on. Empty where there is nothing to take apart.
 */
export async function stepsOf(argv: readonly string[], folder: string): Promise<readonly (readonly string[])[]> {
  const [program = '', ...args] = argv
  const on = GOES_ON[program]
  if (on !== undefined) return [[program, ...on, ...args]]
  if (process.platform === 'win32') return []
  const texts =
    /(?:^|\/)(?:ba|da|z)?sh$/.test(program) && args[0] === '-c' ? [args[1] ?? ''] : await scriptsOf(argv, folder)
  const steps = texts.flatMap(cut)
  return steps.length < 2 ? [] : steps.map(argvOf)
}

/** PATH under which the steps of a script find the programs that the package brings. */
export function pathOfSteps(folder: string, worktree: string, given: string | undefined): string {
  const bins: string[] = []
  for (let at = folder; at.startsWith(worktree); at = dirname(at)) bins.push(join(at, 'node_modules', '.bin'))
  return [...bins, given ?? childEnvironment()['PATH'] ?? ''].join(delimiter)
}

/** What only prepares the shell for the steps behind it. */
const PREPARES = /^(?:cd|pushd|export|set|unset|source|umask|ulimit|\.)\s|^\w+=\S*$/

/** Cuts a command line at every `&&` that stands alone; a line with other ways to go on is left whole. */
function cut(line: string): readonly string[] {
  const parts = ['']
  let quote = ''
  let depth = 0
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? ''
    const two = line.slice(at, at + 2)
    if (char === '\\' && quote !== "'") parts.push(`${parts.pop()}${two}`)
    else if (quote === '' && depth === 0 && two === '&&') parts.push('')
    else if (quote === '' && depth === 0 && (two === '||' || char === ';' || char === '\n')) return [line]
    else parts.push(`${parts.pop()}${char}`)
    if (char === '\\' && quote !== "'") at += 1
    else if (quote === '' && depth === 0 && two === '&&') at += 1
    else if (char === quote) quote = ''
    else if (quote === '' && /["'`]/.test(char)) quote = char
    else if (quote === '' && /[({]/.test(char)) depth += 1
    else if (quote === '' && /[)}]/.test(char)) depth -= 1
  }
  const prepared: string[] = []
  const steps: string[] = []
  for (const part of parts.map((text) => text.trim()).filter((text) => text !== ''))
    if (PREPARES.test(part)) prepared.push(part)
    else steps.push([...prepared, part].join(' && '))
  return steps
}

function argvOf(step: string): readonly string[] {
  return /["'`\\$&|;<>*?~()#{}[\]]|^\w+=/.test(step) ? ['sh', '-c', step] : step.split(/\s+/)
}
