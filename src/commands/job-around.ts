import { realpathSync, statSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { type Config, readWorkspace } from '../config.ts'
import { ifMissing } from '../expected.ts'
import { listAncestors } from '../process/ancestors.ts'
import { MARKER } from '../process/process-list.ts'

/** What this process was started by, where that is no person: a run, a check, or a server of this workspace. */
export interface JobAround {
  /** Marks of the jobs around it, the nearest first. */
  readonly marks: readonly string[]
}

/** Commands that start what agents and repositories bring. */
const STARTING = new Set(['worker', 'mcp', 'serve'])

/**
 * Finds the job that this process stands in: by the variable that is handed on, by a worker or server of this workspace among
 * its ancestors, which an agent cannot drop as it can a variable, or by its working folder. Undefined: a person is taken to sit
 * there. An agent that becomes a daemon outside of all worktrees is not found.
 */
export function findJobAround(config: Config): JobAround | undefined {
  const ancestors = listAncestors()
  const variables = [config.marks, ...ancestors.map(({ environment }) => environment[MARKER])]
  const marks = variables.flatMap((value) =>
    (value ?? '')
      .split(',')
      .filter((mark) => mark !== '')
      .reverse(),
  )
  const started = ancestors.some(({ args, environment }) => isOurs(args, environment, config))
  return config.marks !== undefined || started || inWorktree(config.executionFolder) ? { marks } : undefined
}

/** Whether a process is a worker or server of the same workspace. */
function isOurs(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { databaseFile, databaseUrl }: Config,
): boolean {
  const at = args.findIndex((arg) => /^speki(?:\.[cm]?js)?$/.test(basename(arg)))
  const given = args.slice(at + 1)
  if (at === -1 || !given.some((arg) => STARTING.has(arg))) return false
  const db = given.find((arg) => arg.startsWith('--db='))?.slice('--db='.length)
  const flag = db ?? (given.includes('--db') ? given[given.indexOf('--db') + 1] : undefined)
  const theirs = readWorkspace(environment, { db: flag })
  if (databaseUrl === undefined) return isSame(theirs.databaseFile, databaseFile)
  // The address of the database is a secret, which does not stay in an environment that others can read (bin/hand-over.js).
  return theirs.databaseUrl === databaseUrl || environment['SPEKI_HANDED'] !== undefined
}

/** By whatever links both are named. */
function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return one === other || (first !== undefined && first.dev === second?.dev && first.ino === second.ino)
}

function inWorktree(executionFolder: string): boolean {
  try {
    const place = relative(realpathSync(executionFolder), process.cwd())
    return place !== '' && !place.startsWith('..')
  } catch (error) {
    return ifMissing(false)(error)
  }
}
