import { mkdir, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Principal } from '../../schemas/actor.ts'
import { taskKey } from '../../schemas/key.ts'
import type { CheckCommand } from '../../schemas/repository.ts'
import type { RunOptions } from '../../schemas/run.ts'
import { effectiveCommands, switchedOffCommands } from '../domain/repository/repository.ts'
import { optionsUnder } from '../domain/run/ladder.ts'
import { readSandbox } from '../domain/sandbox.ts'
import { SpekiError } from '../errors.ts'
import { ifMissing, ifRefused } from '../expected.ts'
import { askRemote, remoteAnswersAtSight, remoteLocation } from '../git/remote.ts'
import { countAtSight, countUncommitted } from '../git/tree.ts'
import { gitProblem } from '../git/version.ts'
import { listIgnored } from '../git/worktree/local-files.ts'
import { readRef } from '../git/worktree/worktrees.ts'
import { findProgram } from '../process/find-program.ts'
import { findSandboxTool } from '../process/sandbox-tool.ts'
import { BLANK, hint, type Sentence, step } from '../step.ts'
import type { RepositoryRecord } from '../store/repositories.ts'
import type { TaskRecord } from '../store/task/tasks.ts'
import { besideRemote } from './beside-remote.ts'
import type { ExecutionContext } from './context.ts'
import { wouldInstall } from './joint/provide.ts'
import { baseFindings } from './judge/base-findings.ts'
import { baselineOf, knownBaseline } from './judge/baseline.ts'
import { isInstalledFolder } from './places.ts'
import { hasOwnSandbox } from './sandbox.ts'
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
 * Looks at everything a run rests on: asks the agents' programs and the remotes, and runs the checks of each repository twice
 * on the commit the work begins at, so that what is red or flips before is known. With `lookOnly` nothing is run, installed,
 * written or asked over a network; it tells what would be. Changes no repository.
 */
export async function preflight(
  context: ExecutionContext,
  caller: Principal,
  wanted: {
    readonly tasks: readonly TaskRecord[]
    readonly repositories: readonly RepositoryRecord[]
    readonly options: RunOptions
    readonly lookOnly: boolean
  },
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const { lookOnly } = wanted
  const found: Inspection[] = [
    await inspectDisk(context.folder, lookOnly),
    ...(await inspectGit(signal)),
    ...(await inspectAgents(context, wanted.options, lookOnly, signal)),
    ...inspectTasks(wanted.tasks),
    await inspectSandbox(context, caller, wanted.options),
  ]
  for (const repository of wanted.repositories) {
    const inspections = await inspectRepository(repository, lookOnly, signal).catch((error: unknown): Inspection[] => {
      // What git says no to here, it says no to in every attempt.
      if (signal.aborted || !(error instanceof SpekiError)) throw error
      return [{ level: 'stop', subject: repository.name, message: `${error.message} ${error.hint ?? ''}`.trim() }]
    })
    found.push(...inspections)
    if (inspections.every(({ level }) => level !== 'stop'))
      found.push(...(await inspectBaseline(context, caller, repository, wanted, signal)))
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

async function inspectDisk(folder: string, lookOnly: boolean): Promise<Inspection> {
  if (!lookOnly) await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(await firstThere(folder))
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

async function firstThere(folder: string): Promise<string> {
  if ((await stat(folder).catch(ifMissing(undefined))) !== undefined || dirname(folder) === folder) return folder
  return await firstThere(dirname(folder))
}

/** Whether agents and checks are kept from what is not theirs. */
async function inspectSandbox(
  context: ExecutionContext,
  caller: Principal,
  options: Pick<RunOptions, 'agent' | 'command'>,
): Promise<Inspection> {
  const { off, repositories, agentNetwork, checkNetwork } = await readSandbox(context.service, caller)
  const note = (message: string): Inspection => ({ level: 'note', subject: 'sandbox', message })
  if (off !== null) return note(`It is off: ${off} To run agents and checks in it: speki sandbox --on.`)
  const tool = await findSandboxTool()
  if ('problem' in tool) return note(`There is none, so agents and checks can touch whatever you can. ${tool.problem}`)
  const without = [...(agentNetwork ? [] : ['agents']), ...(checkNetwork ? [] : ['checks'])]
  const except = Object.entries(repositories).map(([name, reason]) => ` Off for ${name} by a person: ${reason}.`)
  const left =
    tool.nests || !hasOwnSandbox(options)
      ? ''
      : ' Codex stays in its own sandbox alone: the two do not go together here.'
  const network = without.length === 0 ? '' : ` No network for ${without.join(' and ')}.`
  return {
    level: except.length > 0 || left !== '' ? 'note' : 'ok',
    subject: 'sandbox',
    message: `${tool.kind}: agents and checks write their worktree and caches alone; the home is hidden but for tools.${network}${left}${except.join('')}`,
  }
}

async function inspectGit(signal: AbortSignal): Promise<readonly Inspection[]> {
  const message = await gitProblem(signal)
  return message === undefined ? [] : [{ level: 'stop', subject: 'git', message }]
}

async function inspectAgents(
  context: ExecutionContext,
  options: RunOptions,
  lookOnly: boolean,
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const found: Inspection[] = []
  for (const name of new Set([options.agent, ...options.fallback])) {
    const agent = context.createAgent(optionsUnder(options, name))
    const { problem, version, features } = lookOnly ? await agent.look() : await agent.probe(signal)
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
  lookOnly: boolean,
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const location = await remoteLocation(root, signal)
  if (location === undefined) return [{ level: 'note', subject, message: 'It has no remote: delivery is local only.' }]
  const { answers, there } = await hear()
  const notes = await besideRemote(root, branch, there, signal)
  return [heard(answers, subject), ...notes.map((message): Inspection => ({ level: 'note', subject, message }))]

  async function hear(): Promise<{ readonly answers: boolean | undefined; readonly there?: string | undefined }> {
    if (lookOnly) return { answers: await remoteAnswersAtSight(root, signal) }
    try {
      return {
        answers: true,
        there: await askRemote(root, branch, AbortSignal.any([signal, AbortSignal.timeout(REMOTE_MS)])),
      }
    } catch (error) {
      if (signal.aborted) throw error
      return { answers: false }
    }
  }
}

/** What the remote said; undefined: it was not asked. */
function heard(answers: boolean | undefined, subject: string): Inspection {
  if (answers === undefined)
    return { level: 'note', subject, message: 'Its remote is asked when the run starts, not for a look.' }
  if (answers) return { level: 'ok', subject, message: 'Its remote answers.' }
  const message = 'Its remote does not answer: everything but delivery goes on. Look with: git ls-remote origin.'
  return { level: 'note', subject, message }
}

async function inspectRepository(
  repository: RepositoryRecord,
  lookOnly: boolean,
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
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
  const open = lookOnly ? await countAtSight(root, signal) : await countUncommitted(root, signal)
  if (open > 0)
    found.push({
      level: 'note',
      subject,
      message: `${open} uncommitted ${open === 1 ? 'change is' : 'changes are'} in the working copy: not part of the run, and not touched by it.`,
    })
  found.push(...(await inspectRemote(subject, root, branch, lookOnly, signal)))
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
  for (const program of programs) if ((await findProgram(program, root)) === undefined) missing.push(program)
  return missing
}

async function inspectBaseline(
  context: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord,
  { tasks, lookOnly }: { readonly tasks: readonly TaskRecord[]; readonly lookOnly: boolean },
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const rooted = withRoot(repository)
  const branch = repository.defaultBranch ?? 'main'
  const base =
    (await readRef(rooted.root, `refs/heads/${branch}`, signal)) ??
    (await readRef(rooted.root, `refs/remotes/origin/${branch}`, signal)) ??
    ''
  const baseline = lookOnly
    ? await knownBaseline(context, caller, repository, base)
    : await baselineOf(context, caller, rooted, base, signal)
  const { name } = repository
  if (baseline === undefined) return [await inspectPlan(rooted, base, signal)]
  const wanted = tasks.filter((task) => task.repositoryId === repository.id).flatMap(({ testCases }) => testCases)
  // What an install makes again is not what a person has to name.
  const ignored = (await listIgnored(rooted.root, signal)).filter((path) => !isInstalledFolder(path))
  const commands = effectiveCommands(repository)
  return baseFindings(baseline, { name, commands, wanted, ignored }).map((found) => ({ ...found, subject: name }))
}

/** What a start would do first, in words. */
async function inspectPlan(
  repository: RepositoryRecord & { readonly root: string },
  base: string,
  signal: AbortSignal,
): Promise<Inspection> {
  const installs = await wouldInstall(repository, base, signal)
  const checks = effectiveCommands(repository).map(({ argv }) => argv.join(' '))
  const install = installs.length === 0 ? '' : `install with ${installs.join(', ')}, then `
  const message = `Not measured at ${base.slice(0, 10)} yet: a start would ${install}run ${checks.join(', ')} there twice, before the agent begins.`
  return { level: 'note', subject: repository.name, message }
}
