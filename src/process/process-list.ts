import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { onCode } from '../expected.ts'

/** Name of the variable that every process we start hands on to whatever it starts: a list of marks, one for each job around it. */
export const MARKER = 'SPEKI_MARK'

/** One living process as this system shows it. */
export interface ProcessRow {
  readonly pid: number
  readonly parent: number
  /** Start time in this system's own writing: with the id it names a process for good, as ids are used again. */
  readonly start: string
  /** Whether its environment carries the mark. */
  readonly marked: boolean
}

/**
 * When a process of this machine began, in epoch milliseconds; undefined where none has this id, or the system does not say
 * it. A process that began later than what its id was written down for is another one.
 */
export function startTime(pid: number, now: number): number | undefined {
  const start = startOf(pid)
  if (start === undefined) return undefined
  if (process.platform !== 'linux') return Date.parse(start) || undefined
  return now - (Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) - Number(start) / TICKS) * 1000
}

/** Clock ticks a second, as Linux shows them to every program. */
const TICKS = 100

/** Whether a process of this machine lives, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** When a process of this machine started, in the system's own writing; undefined where it is gone, or the system does not say. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    }
    if (process.platform === 'win32') return undefined
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch (error) {
    // `ps` ends with 1 where there is no such process.
    if (error instanceof Error && 'status' in error) return undefined
    return onCode(['ENOENT', 'ESRCH', 'EACCES'], undefined)(error)
  }
}

/**
 * Everything that lives now, zombies left out. What is weaker where:
 * - Linux shows the environment of every process of the same user, so the mark is found wherever a process went. Missed is
 *   only one that dropped its environment and its parent before it was seen once.
 * - macOS and the BSDs show the environment of most programs (`ps -E`), not of those the system protects; these are found
 *   as descendants, and lost where their parent ended between two looks.
 * - Windows shows no environment: descendants of what was started are all that is found.
 */
export async function listProcesses(mark: string): Promise<readonly ProcessRow[]> {
  if (process.platform === 'linux') return await listProc(mark)
  return process.platform === 'win32' ? await listWindows() : await listPs(mark)
}

async function listProc(mark: string): Promise<readonly ProcessRow[]> {
  const entries = await readdir('/proc')
  const rows = await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map((name) => readProc(name, mark)))
  return rows.filter((row) => row !== undefined)
}

async function readProc(name: string, mark: string): Promise<ProcessRow | undefined> {
  const [stat, environment] = await Promise.all([
    readFile(`/proc/${name}/stat`, 'latin1').catch(onCode(['ENOENT', 'ESRCH'], undefined)),
    // Another user's process does not show it.
    readFile(`/proc/${name}/environ`, 'utf8').catch(onCode(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'], '')),
  ])
  // The name of the program stands in brackets and may hold anything, brackets too.
  const [state, parent, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  if (state === undefined || state === 'Z' || state === 'X') return undefined
  return { pid: Number(name), parent: Number(parent), start: rest[17] ?? '', marked: carries(environment, '\0', mark) }
}

/** Whether one of the variables is the marker with this mark among its words. */
function carries(environment: string, separator: string, mark: string): boolean {
  const found = environment.split(separator).findLast((variable) => variable.startsWith(`${MARKER}=`))
  return (
    found
      ?.slice(MARKER.length + 1)
      .split(SEPARATOR)
      .includes(mark) ?? false
  )
}

/** Between two marks of one variable; `ps` separates variables by blanks. */
const SEPARATOR = ','

/** The marker's value for a job inside what carries `around`. */
export function nestMark(around: string | undefined, mark: string): string {
  return around === undefined || around === '' ? mark : `${around}${SEPARATOR}${mark}`
}

/** Of what works in a folder, for whoever finds only the folder. */
export function markOfFolder(folder: string): string {
  return `folder-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`
}

const run = promisify(execFile)
const MAX_LISTING = { maxBuffer: 64 * 1024 * 1024 }

async function listPs(mark: string): Promise<readonly ProcessRow[]> {
  const { stdout } = await run('ps', ['-axEww', '-o', 'pid=,ppid=,stat=,lstart=,command='], MAX_LISTING)
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, start, rest] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w+ +\w+ +\w+ [\d:]+ \d+)\s(.*)$/.exec(line) ?? []
    if (rest === undefined || state?.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), start: start ?? '', marked: carries(rest, ' ', mark) }]
  })
}

const WINDOWS_LISTING =
  'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CreationDate.Ticks)" }'

async function listWindows(): Promise<readonly ProcessRow[]> {
  const { stdout } = await run('powershell', ['-NoProfile', '-Command', WINDOWS_LISTING], MAX_LISTING)
  return stdout.split(/\r?\n/).flatMap((line) => {
    const [pid, parent, start] = line.split(' ')
    return start === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), start, marked: false }]
  })
}
