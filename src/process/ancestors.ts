import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { onCode } from '../expected.ts'

/** A process above another. */
export interface Ancestor {
  /** Program and arguments. */
  readonly args: readonly string[]
  /** As it began, as far as the system shows it. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** More above a process than that is a circle that a reused id made. */
const MOST = 200

/**
 * The processes above this one, nearest first, then those above the leader of its session: who lost its parent is found by
 * that. Not found are those above a process that left both, as a daemon does. Windows shows no environment, so nothing is
 * looked for there.
 */
export function listAncestors(): readonly Ancestor[] {
  if (process.platform === 'win32') return []
  const find = process.platform === 'linux' ? readProc : readPs()
  const seen = new Set<number>()
  const found: Ancestor[] = []
  const climb = (pid: number) => {
    for (let at = find(pid); at !== undefined && !seen.has(at.pid) && seen.size < MOST; at = find(at.parent)) {
      seen.add(at.pid)
      if (at.pid !== process.pid) found.push(at)
    }
  }
  climb(process.pid)
  climb(find(process.pid)?.session ?? 0)
  return found
}

interface Row extends Ancestor {
  readonly pid: number
  readonly parent: number
  /** Id of the process that leads its session; 0 where the system does not say it. */
  readonly session: number
}

function readProc(pid: number): Row | undefined {
  if (pid < 1) return undefined
  const stat = fileOf(pid, 'stat')
  // The name of the program stands in brackets and may hold anything, brackets too.
  const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (stat === '') return undefined
  const environment = Object.fromEntries(
    fileOf(pid, 'environ')
      .split('\0')
      .map((variable) => [variable.split('=', 1)[0] ?? '', variable.slice(variable.indexOf('=') + 1)]),
  )
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    args: fileOf(pid, 'cmdline').split('\0'),
    environment,
  }
}

/** Empty for a process that ended, or another user's. */
function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch (error) {
    return onCode(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'], '')(error)
  }
}

/** `ps` separates arguments and variables by blanks alone: a value with a blank is cut. */
function readPs(): (pid: number) => Row | undefined {
  const options = { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const
  const rows = new Map<number, Row>()
  for (const line of execFileSync('ps', ['-axEww', '-o', 'pid=,ppid=,pgid=,command='], options).split('\n')) {
    const [, pid, parent, session, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (command === undefined) continue
    const words = command.split(' ')
    const environment = Object.fromEntries(
      words.flatMap((word) => (/^\w+=/.test(word) ? [[word.split('=', 1)[0], word.slice(word.indexOf('=') + 1)]] : [])),
    )
    rows.set(Number(pid), {
      pid: Number(pid),
      parent: Number(parent),
      session: Number(session),
      args: words,
      environment,
    })
  }
  return (pid) => rows.get(pid)
}
