import { randomUUID } from 'node:crypto'
import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { AgentUsage } from '../../../schemas/agent.ts'
import type { Cause } from '../../../schemas/cause.ts'
import type { DiagnosticReport } from '../../../schemas/run.ts'
import { SpekiError } from '../../errors.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { findRepository, type RepositoryRecord } from '../../store/repositories.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import { listOpenRuns, listRunTasks, type RunRecord } from '../../store/run/runs.ts'
import { findTasks, isReady, type TaskRecord } from '../../store/task/tasks.ts'
import { followWork } from '../prd/transition.ts'
import { consult, type Service, transact } from '../service.ts'
import { type Claim, claimIn, getTask } from '../task/claim.ts'
import { holdLease } from '../task/lease.ts'
import { moveTask } from '../task/transition.ts'
import { holdWorker, type WorkerCaller } from '../worker.ts'
import { withFrozenChecks } from './frozen-checks.ts'
import { failuresOf, nextSetups, optionsUnder } from './ladder.ts'
import { getRun } from './read.ts'
import { changeRun, closeAttempt, enterAttempt, noteOfAttempt } from './transition.ts'

/** Who works on an attempt: a worker, or an agent in its own chat, which has no id: there its lease alone counts. */
export interface Holder extends Principal {
  readonly id?: string | undefined
}

/** Where an attempt works, by names that recovery can find again. */
export interface AttemptPlace {
  readonly worktree: string
  /** Without `refs/heads/`. */
  readonly branch: string
}

export type PlaceAttempt = (subject: {
  readonly taskId: number
  readonly number: number
  /** Working copy of the repository. */
  readonly root: string
}) => AttemptPlace

export interface Assignment {
  /** With its options as they hold under the setup of this attempt. */
  readonly run: RunRecord
  readonly repository: RepositoryRecord
  readonly claim: Claim
  readonly attempt: AttemptRecord
}

/** Throws where the worker behind it was given up for dead. */
export async function holdAttempt(tx: Tx, holder: Holder, now: number): Promise<void> {
  if (holder.id !== undefined) await holdWorker(tx, { id: holder.id }, now)
}

/** Gives the worker the next ready task of a run that has room, with its attempts: several work side by side. Empty where there is none. */
export async function takeWork(
  service: Service,
  worker: WorkerCaller,
  place: PlaceAttempt,
): Promise<readonly Assignment[]> {
  return await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    for (const run of await listOpenRuns(tx)) {
      if (run.wanted !== 'run' || run.finisher !== undefined) continue
      const busy = (await listAttempts(tx, { runId: run.id, state: 'working' })).length
      if (busy >= run.options.parallel) continue
      const task = await nextReady(tx, run)
      if (task === undefined) continue
      const claim = await claimIn(tx, worker, task, now)
      if (run.state !== 'running') await beginRun(tx, worker, run, now)
      return await beginAttempts(tx, worker, { run, claim, task: await getTask(tx, task.id) }, place, now)
    }
    return []
  })
}

/** The next try at a task whose claim still holds, by one or several. */
export async function tryAgain(
  service: Service,
  worker: WorkerCaller,
  before: Assignment,
  place: PlaceAttempt,
): Promise<readonly Assignment[]> {
  return await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const task = await getTask(tx, before.attempt.taskId)
    await holdLease(tx, worker, task, before.claim.lease.token, now)
    const run = await getRun(tx, before.run.id)
    return await beginAttempts(tx, worker, { run, claim: before.claim, task }, place, now)
  })
}

async function beginAttempts(
  tx: Tx,
  worker: WorkerCaller,
  { run, claim, task }: { readonly run: RunRecord; readonly claim: Claim; readonly task: TaskRecord },
  place: PlaceAttempt,
  now: number,
): Promise<readonly Assignment[]> {
  const repository = withFrozenChecks(await getRepositoryRecord(tx, task.repositoryId), run.checks)
  const failures = await failuresOf(tx, run, task.id)
  const assignments: Assignment[] = []
  for (const setup of nextSetups(run.options, failures.length)) {
    const of = { taskId: task.id, fence: task.fence, agent: setup }
    const attempt = await beginAttempt(tx, worker, run, of, place, now)
    assignments.push({ run: { ...run, options: optionsUnder(run.options, setup) }, repository, claim, attempt })
  }
  return assignments
}

async function nextReady(reader: Reader, run: RunRecord): Promise<TaskRecord | undefined> {
  const tasks = (await findTasks(reader, await listRunTasks(reader, run.id))).filter(isReady)
  return tasks.sort((a, b) => a.priority - b.priority || a.position - b.position || a.id - b.id)[0]
}

async function beginRun(tx: Tx, caller: Principal, run: RunRecord, now: number): Promise<void> {
  const begun = { state: 'running', startedAt: run.startedAt ?? now, reason: null } as const
  await changeRun(tx, { actor: actorOf(caller), now }, run, 'run.started', begun)
}

/** Enters an attempt at a claimed task. */
export async function beginAttempt(
  tx: Tx,
  worker: Holder,
  run: { readonly id: number | undefined; readonly changeSetId: number },
  of: { readonly taskId: number; readonly fence: number; readonly agent: string },
  place: PlaceAttempt,
  now: number,
): Promise<AttemptRecord> {
  const { taskId } = of
  const number = (await listAttempts(tx, { taskId })).length + 1
  const task = await getTask(tx, taskId)
  const { root = '' } = await getRepositoryRecord(tx, task.repositoryId)
  const attempt = {
    ...of,
    id: await reserveNumbers(tx, 'attempt'),
    runId: run.id,
    changeSetId: run.changeSetId,
    number,
    ...place({ taskId, number, root }),
    workerId: worker.id,
    root,
    base: '',
    mark: randomUUID(),
    startedAt: now,
  }
  await enterAttempt(tx, { actor: actorOf(worker), now }, attempt, task)
  return { ...attempt, state: 'working', rounds: 0, usage: {} }
}

export async function getRepositoryRecord(reader: Reader, id: number): Promise<RepositoryRecord> {
  const repository = await findRepository(reader, id)
  if (repository === undefined) throw new SpekiError('internal', `Repository ${id} of a task is not there.`)
  return repository
}

/** Writes down what became known of an attempt that goes on. */
export async function noteAttempt(
  service: Service,
  worker: Holder,
  attempt: AttemptRecord,
  note: {
    readonly base?: string
    readonly session?: string | undefined
    readonly rounds?: number
    readonly usage?: AgentUsage
    readonly commit?: string
    readonly agent?: string
  },
): Promise<void> {
  await transact(service, worker, 'task.attempt', async (tx, now) => {
    await holdAttempt(tx, worker, now)
    await noteOfAttempt(tx, attempt, note)
  })
}

/** What follows for the task when an attempt is over without having landed. */
export type Afterwards = 'keep' | 'todo' | 'failed'

/** Ends an attempt; `afterwards` says what becomes of its task: `keep` leaves the claim for another try. */
export async function endAttempt(
  service: Service,
  worker: WorkerCaller,
  assignment: Assignment,
  end: {
    readonly state: 'failed' | 'interrupted' | 'released'
    readonly report?: DiagnosticReport | undefined
    readonly afterwards: Afterwards
    readonly cause?: Cause | undefined
  },
): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const { attempt } = assignment
    const task = await getTask(tx, attempt.taskId)
    await closeAttempt(tx, { actor: actorOf(worker), now }, attempt, task, end.state, end.report)
    if (end.afterwards !== 'keep' && task.fence === attempt.fence && task.status === 'in_progress')
      await giveBack(tx, worker, task, end.afterwards, end.cause, now)
  })
}

/** Ends a claim without completion. */
export async function giveBack(
  tx: Tx,
  caller: Principal,
  task: TaskRecord,
  status: 'todo' | 'failed',
  cause: Cause | undefined,
  now: number,
): Promise<void> {
  await moveTask(tx, { actor: actorOf(caller), now }, task, { to: status, cause })
  await followWork(tx, task.prdId, now)
}

/** What the workers of these runs are asked to do now, by run. */
export async function wishes(
  service: Service,
  worker: Holder,
  ids: readonly number[],
): Promise<ReadonlyMap<number, RunRecord>> {
  return await consult(service, worker, 'run.read', async (reader) => {
    const open = await listOpenRuns(reader)
    return new Map(open.filter((run) => ids.includes(run.id)).map((run) => [run.id, run]))
  })
}
