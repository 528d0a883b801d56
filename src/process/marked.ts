import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { SpekiError } from '../errors.ts'
import { onCode } from '../expected.ts'
import { listProcesses, type ProcessRow } from './process-list.ts'

/** How long processes that were told to die may stay: waiting for a disk outlives SIGKILL. */
const PATIENCE_MS = 10_000

/** Processes seen under a mark, as `id start`: they stay found when they lose the mark or their parent. */
const seen = new Map<string, Set<string>>()

const nameOf = ({ pid, start }: Pick<ProcessRow, 'pid' | 'start'>) => `${pid} ${start}`

/** Ids of the living processes of a job: those that carry its mark, those that were seen under it, and all they started. */
export async function findMarked(mark: string): Promise<readonly number[]> {
  return (await markedRows(mark)).map(({ pid }) => pid)
}

/** Counts a process in by its id, where the system shows no environment. Its mark is forgotten by `endMarked`. */
export async function rememberMarked(mark: string, pid: number): Promise<void> {
  const row = (await listProcesses(mark)).find((other) => other.pid === pid)
  if (row !== undefined) remember(mark, [row])
}

async function markedRows(mark: string): Promise<readonly ProcessRow[]> {
  const rows = await listProcesses(mark)
  const known = seen.get(mark) ?? new Set()
  // This process may stand inside a job itself; it and what it starts for other jobs are never this job's.
  const others = rows.filter(({ pid }) => pid !== process.pid)
  const found = new Set(others.filter((row) => row.marked || known.has(nameOf(row))).map(({ pid }) => pid))
  let before = -1
  while (before < found.size) {
    before = found.size
    for (const { pid, parent } of others) if (found.has(parent)) found.add(pid)
  }
  const result = others.filter(({ pid }) => found.has(pid))
  remember(mark, result)
  return result
}

function remember(mark: string, rows: readonly ProcessRow[]): void {
  if (rows.length === 0) return
  const names = seen.get(mark) ?? new Set()
  for (const row of rows) names.add(nameOf(row))
  seen.set(mark, names)
}

/**
 * Ends every process of a job: all are frozen first, so that none can start another while the rest is killed; again until
 * two looks in a row find nothing. Resolves with how many were ended. Rejects with `timeout` where one survives for ten
 * seconds, and with the reason of `signal`: then something may still write.
 */
export async function endMarked(mark: string, signal?: AbortSignal): Promise<number> {
  const ended = new Set<string>()
  const deadline = performance.now() + PATIENCE_MS
  let empty = 0
  while (empty < 2) {
    signal?.throwIfAborted()
    const rows = await markedRows(mark)
    empty = rows.length === 0 ? empty + 1 : 0
    if (rows.length === 0) continue
    if (performance.now() > deadline) throw survived(rows)
    await freeze(mark, rows)
    for (const row of await markedRows(mark)) {
      ended.add(nameOf(row))
      await kill(row.pid)
    }
    await pause(5)
  }
  seen.delete(mark)
  return ended.size
}

/**
 * Waits until the processes of a job are over that somebody who is gone left behind; those that are not after ten seconds
 * are ended. For programs that are better not stopped half-way.
 */
export async function awaitMarked(mark: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while ((await markedRows(mark)).length > 0) {
    if (performance.now() > deadline) return void (await endMarked(mark, signal))
    await pause(20, undefined, { signal })
  }
  seen.delete(mark)
}

/** Stops what was found, and what that started before it stood still. */
async function freeze(mark: string, first: readonly ProcessRow[]): Promise<void> {
  if (process.platform === 'win32') return
  const frozen = new Set<string>()
  for (let rows = first; rows.some((row) => !frozen.has(nameOf(row))); rows = await markedRows(mark)) {
    for (const row of rows) {
      frozen.add(nameOf(row))
      send(row.pid, 'SIGSTOP')
    }
  }
}

async function kill(pid: number): Promise<void> {
  if (process.platform !== 'win32') return send(pid, 'SIGKILL')
  await new Promise<void>((done) => {
    execFile('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true }, () => done())
  })
}

function send(pid: number, signal: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // Gone since it was found, or another user's: then the look that follows finds it again.
    onCode(['ESRCH', 'EPERM'], undefined)(error)
  }
}

function survived(rows: readonly ProcessRow[]): SpekiError {
  const list = rows.map(({ pid }) => pid).join(', ')
  return new SpekiError('timeout', `Processes of the job are still alive after ${PATIENCE_MS / 1000} s: ${list}.`, {
    hint: 'Look what they wait for (a disk or a network drive), end them by hand, then start the job again.',
  })
}
