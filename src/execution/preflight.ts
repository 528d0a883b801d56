import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Principal } from '../../schemas/actor.ts'
import { taskKey } from '../../schemas/key.ts'
import type { CheckCommand } from '../../schemas/repository.ts'
import type { RunOptions } from '../../schemas/run.ts'
import { childEnvironment } from '../config.ts'
import { effectiveCommands, switchedOffCommands } from '../domain/repository/repository.ts'
import { optionsUnder } from '../domain/run/ladder.ts'
import { SpekiError } from '../errors.ts'
import { ifRefused, ifUnreadable } from '../expected.ts'
import { listIgnored } from '../git/local-files.ts'
import { askRemote, remoteLocation } from '../git/remote.ts'
import { countUncommitted } from '../git/tree.ts'
import { gitProblem } from '../git/version.ts'
import { readRef } from '../git/worktrees.ts'
import { BLANK, hint, type Sentence, step } from '../step.ts'
import type { RepositoryRecord } from '../store/repositories.ts'
import type { TaskRecord } from '../store/task/tasks.ts'
import { besideRemote } from './beside-remote.ts'
import type { ExecutionContext } from './context.ts'
import { baseFindings } from './judge/base-findings.ts'
import { baselineOf } from './judge/baseline.ts'
import { isInstalledFolder } from './places.ts'
import { withRoot } from './with-root.ts'

/** One thing that was looked at. `stop` keeps a run from starting and says what mends it; `note` is worth knowing. */
export interface Inspection {
  readonly level: 'ok' | 'note' | 'stop'
  readonly subject: string
  readonly message: Sentence
}

/** Free bytes below which nothing starts: worktrees, dependencies and build output need room. */
const MIN_FREE = 1024 ** 3

/**
 * Looks at everything a run rests on. With `measure` it also runs the checks of each repository twice on the commit the
 * work begins at, so that what is red or flips before is known. Changes no repository.
 */
export async function preflight(
  context: ExecutionContext,
  caller: Principal,
  wanted: {
    readonly tasks: readonly TaskRecord[]
    readonly repositories: readonly RepositoryRecord[]
    readonly options: RunOptions
    readonly measure: boolean
  },
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const found: Inspection[] = [
    await inspectDisk(context.folder),
    ...(await inspectGit(signal)),
    ...(await inspectAgents(context, wanted.options, signal)),
    ...inspectTasks(wanted.tasks),
  ]
  for (const repository of wanted.repositories) {
    const inspections = await inspectRepository(repository, signal).catch((error: unknown): Inspection[] => {
      // What git says no to here, it says no to in every attempt.
      if (signal.aborted || !(error instanceof SpekiError)) throw error
      return [{ level: 'stop', subject: repository.name, message: `${error.message} ${error.hint ?? ''}`.trim() }]
    })
    found.push(...inspections)
    if (wanted.measure && inspections.every(({ level }) => level !== 'stop'))
      found.push(...(await inspectBaseline(context, caller, repository, wanted.tasks, signal)))
  }
  const { budget } = wanted.options
  if (budget.costUsd === undefined)
    found.push({
      level: 'note',
      subject: 'budget',
      message: `No limit of money; each session ends after ${budget.minutes} minutes.`,
    })
  return found
}

async function inspectDisk(folder: string): Promise<Inspection> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const gigabytes = (free / 1024 ** 3).toFixed(1)
  return free < MIN_FREE
    ? {
        level: 'stop',
        subject: 'disk',
        message: `Only ${gigabytes} GiB are free at ${folder}: make room for at least 1 GiB.`,
      }
    : { level: 'ok', subject: 'disk', message: `${gigabytes} GiB free.` }
}

async function inspectGit(signal: AbortSignal): Promise<readonly Inspection[]> {
  const message = await gitProblem(signal)
  return message === undefined ? [] : [{ level: 'stop', subject: 'git', message }]
}

async function inspectAgents(
  context: ExecutionContext,
  options: RunOptions,
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const found: Inspection[] = []
  for (const name of new Set([options.agent, ...options.fallback])) {
    const { problem, version, features } = await context.createAgent(optionsUnder(options, name)).probe(signal)
    const { turns, costUsd } = options.budget
    if (problem !== undefined) found.push({ level: 'stop', subject: name, message: problem })
    else
      found.push({ level: 'ok', subject: name, message: version === undefined ? 'It is here.' : `Version ${version}.` })
    if (problem === undefined && costUsd !== undefined && !features.has('cost_limit'))
      found.push({
        level: 'note',
        subject: name,
        message: `It does not tell what it costs; only ${turns === undefined ? 'time' : 'time and turns'} can be limited.`,
      })
  }
  return found
}

/** Blocked tasks, by an open question of the PRD or by a person, do not keep the others from being done. */
function inspectTasks(tasks: readonly TaskRecord[]): readonly Inspection[] {
  const blocked = tasks.filter(({ status }) => status === 'blocked')
  const notes = blocked.map(
    ({ id, blockReason }): Inspection => ({
      level: 'note',
      subject: taskKey(id),
      message: `It is blocked (${blockReason ?? 'no reason was given'}): it and what depends on it wait until that is settled.`,
    }),
  )
  if (blocked.length < tasks.length) return notes
  const message = hint`Every task is blocked: settle the reasons below, then ${step('task_update', { task: blocked[0] === undefined ? BLANK : taskKey(blocked[0].id), status: 'todo' })}.`
  return [{ level: 'stop', subject: 'tasks', message }, ...notes]
}

/** How long a remote may take to say where its branches stand. */
const REMOTE_MS = 15_000

/** Only delivery needs the remote, so that one which does not answer stops nothing. */
async function inspectRemote(
  subject: string,
  root: string,
  branch: string,
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const location = await remoteLocation(root, signal)
  if (location === undefined) return [{ level: 'note', subject, message: 'It has no remote: delivery is local only.' }]
  try {
    const there = await askRemote(root, branch, AbortSignal.any([signal, AbortSignal.timeout(REMOTE_MS)]))
    return [{ level: 'ok', subject, message: 'Its remote answers.' }, ...(await standing(there))]
  } catch (error) {
    if (signal.aborted) throw error
    const message = 'Its remote does not answer: everything but delivery goes on. Look with: git ls-remote origin.'
    return [{ level: 'note', subject, message }, ...(await standing(undefined))]
  }

  async function standing(there: string | undefined): Promise<readonly Inspection[]> {
    const notes = await besideRemote(root, branch, there, signal)
    return notes.map((note) => ({ level: 'note', subject, message: note }))
  }
}

async function inspectRepository(repository: RepositoryRecord, signal: AbortSignal): Promise<readonly Inspection[]> {
  const { name: subject, root } = repository
  const stop = (message: Sentence): Inspection => ({ level: 'stop', subject, message })
  if (root === undefined)
    return [stop(hint`It has no local path: ${step('repository_register', { name: subject, path: BLANK })}.`)]
  const found: Inspection[] = []
  const branch = repository.defaultBranch ?? 'main'
  const base =
    (await readRef(root, `refs/heads/${branch}`, signal).catch(ifRefused(undefined))) ??
    (await readRef(root, `refs/remotes/origin/${branch}`, signal).catch(ifRefused(undefined)))
  if (base === undefined)
    return [stop(`There is no commit on ${branch} at ${root}: commit something, or register it with its branch.`)]
  found.push({ level: 'ok', subject, message: `Work begins at ${base.slice(0, 10)} of ${branch}.` })
  const open = await countUncommitted(root, signal)
  if (open > 0)
    found.push({
      level: 'note',
      subject,
      message: `${open} uncommitted ${open === 1 ? 'change is' : 'changes are'} in the working copy: not part of the run, and not touched by it.`,
    })
  found.push(...(await inspectRemote(subject, root, branch, signal)))
  for (const { kind, off } of switchedOffCommands(repository))
    found.push({ level: 'note', subject, message: `Its ${kind} check is switched off by a person: ${off}` })
  const commands = effectiveCommands(repository)
  if (commands.length === 0)
    return [
      ...found,
      stop(`No check commands are known, so nothing could be proven: speki repository commands ${subject} --test "…".`),
    ]
  for (const program of await missingPrograms(root, commands))
    found.push(stop(`${program} is not installed; the checks need it.`))
  if (!commands.some(({ kind }) => kind === 'test'))
    found.push({
      level: 'note',
      subject,
      message: 'No test command is known: work is judged by its other checks alone.',
    })
  return found
}

async function missingPrograms(root: string, commands: readonly CheckCommand[]): Promise<readonly string[]> {
  const programs = new Set(commands.flatMap(({ argv }) => argv.slice(0, 1)))
  const missing: string[] = []
  for (const program of programs) if (!(await isInstalled(root, program))) missing.push(program)
  return missing
}

async function isInstalled(root: string, program: string): Promise<boolean> {
  const path = childEnvironment()['PATH'] ?? ''
  const endings = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : ['']
  const folders = program.includes('/') ? [isAbsolute(program) ? '' : root] : path.split(delimiter)
  for (const folder of folders)
    for (const ending of endings) {
      const file = folder === '' ? program + ending : join(folder, program + ending)
      if (await access(file, constants.X_OK).then(() => true, ifUnreadable(false))) return true
    }
  return false
}

async function inspectBaseline(
  context: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord,
  tasks: readonly TaskRecord[],
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const rooted = withRoot(repository)
  const branch = repository.defaultBranch ?? 'main'
  const base =
    (await readRef(rooted.root, `refs/heads/${branch}`, signal)) ??
    (await readRef(rooted.root, `refs/remotes/origin/${branch}`, signal)) ??
    ''
  const baseline = await baselineOf(context, caller, rooted, base, signal)
  const { name } = repository
  const wanted = tasks.filter((task) => task.repositoryId === repository.id).flatMap(({ testCases }) => testCases)
  // What an install makes again is not what a person has to name.
  const ignored = (await listIgnored(rooted.root, signal)).filter((path) => !isInstalledFolder(path))
  const commands = effectiveCommands(repository)
  return baseFindings(baseline, { name, commands, wanted, ignored }).map((found) => ({ ...found, subject: name }))
}
