import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'
import { CLI } from '../mcp/connect.ts'

interface Options {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly columns?: number
  readonly rows?: number
}

/** The program in a terminal that is none: `script`, which comes with every Linux and macOS. */
export function inTerminal(args: readonly string[], { cwd, env, columns = 100, rows = 24 }: Options) {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const command = `stty cols ${columns} rows ${rows}; exec ${words}`
  const script =
    process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', command] : ['-qefc', command, '/dev/null']
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...inherited } = process.env
  const child = spawn('script', script, { cwd, env: { ...inherited, TERM: 'xterm-256color', ...env } })
  let raw = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text
  })
  const ended = once(child, 'close')
  /** What a person sees now: the last picture where the whole screen is drawn anew. */
  const screen = () => stripVTControlCharacters(raw.slice(raw.lastIndexOf('\u001b[H') + 1))
  return {
    raw: () => raw,
    screen,
    sees: async (pattern: RegExp) => await expect.poll(screen).toMatch(pattern),
    type: (keys: string) => child.stdin.write(keys),
    async ends(): Promise<number> {
      const [code] = await ended
      return Number(code)
    },
  }
}
