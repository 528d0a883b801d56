import { spawnSync } from 'node:child_process'

/** How a check goes in the person's own shell. */
export interface InShell {
  readonly green: boolean
  readonly seconds: number
  readonly tail: string
}

const LIMIT_MS = 900_000

/** Runs a line where it stands, as a person would, with output into a pipe. */
export function inShell(root: string, line: string): InShell {
  const begun = performance.now()
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    maxBuffer: 2 ** 28,
  })
  return {
    green: status === 0,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    tail: `${stdout ?? ''}${stderr ?? ''}`.trim().slice(-2000),
  }
}
