import type { Principal } from '../../../schemas/actor.ts'
import type { LoggedEvent } from '../../../schemas/event.ts'
import { changeSetKey, runKey, taskKey } from '../../../schemas/key.ts'
import type { DiagnosticReport, Run } from '../../../schemas/run.ts'
import type { TaskStatus } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { listEvents } from '../../store/events.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import {
  countAllRuns,
  findRun,
  listOpenRuns,
  listRuns,
  listRunTasks,
  presentRun,
  type RunRecord,
} from '../../store/run/runs.ts'
import { listWorkers } from '../../store/run/workers.ts'
import { findTasks } from '../../store/task/tasks.ts'
import { refuseUnreached } from '../activity.ts'
import { consult, type Service } from '../service.ts'

export interface RunTask {
  readonly id: number
  readonly title: string
  readonly repository: string
  readonly status: TaskStatus
  readonly reason: string | undefined
  /** The newest last. */
  readonly attempts: readonly AttemptRecord[]
  /** Those that are at work now. */
  readonly working: readonly AttemptRecord[]
  /** Of the newest attempt that has one. */
  readonly report: DiagnosticReport | undefined
}

export interface RunView {
  readonly run: Run
  readonly tasks: readonly RunTask[]
  /** Whether a worker lives that could go on with it. */
  readonly workers: number
}

/** Throws where there is no such run. */
export async function getRun(reader: Reader, id: number): Promise<RunRecord> {
  const run = await findRun(reader, id)
  if (run === undefined)
    throw new SpekiError('not_found', `There is no ${runKey(id)}.`, {
      hint: hint`List runs with ${step('run_status')}.`,
    })
  return run
}

export async function readRun(service: Service, caller: Principal, id: number): Promise<RunView> {
  return await consult(service, caller, 'run.read', async (reader) => {
    const run = await getRun(reader, id)
    const attempts = await listAttempts(reader, { runId: id })
    const tasks = await findTasks(reader, await listRunTasks(reader, id))
    return {
      run: await presentRun(reader, run),
      tasks: tasks.map((task) => {
        const own = attempts.filter((attempt) => attempt.taskId === task.id)
        return {
          id: task.id,
          title: task.title,
          repository: task.repository,
          status: task.status,
          reason: task.blockReason,
          attempts: own,
          working: own.filter(({ state }) => state === 'working'),
          report: own.findLast(({ report }) => report !== undefined)?.report,
        }
      }),
      workers: live(await listWorkers(reader), service.now()),
    }
  })
}

/** The newest runs first, or those before one. */
export async function readRuns(
  service: Service,
  caller: Principal,
  limit: number,
  before?: number,
): Promise<readonly Run[]> {
  return await consult(service, caller, 'run.read', async (reader) => {
    const runs: Run[] = []
    for (const run of await listRuns(reader, { before, limit })) runs.push(await presentRun(reader, run))
    return runs
  })
}

/** How many there are, or how many that are older than one. */
export async function countRuns(service: Service, caller: Principal, before?: number): Promise<number> {
  return await consult(service, caller, 'run.read', async (reader) => await countAllRuns(reader, before))
}

/** Runs that are not over. */
export async function readOpenRuns(service: Service, caller: Principal): Promise<readonly RunRecord[]> {
  return await consult(service, caller, 'run.read', listOpenRuns)
}

/** What happened to a run, its tasks and its change set after the cursor, oldest first; without one the newest. */
export async function readRunEvents(
  service: Service,
  caller: Principal,
  id: number,
  after: number | undefined,
  limit: number,
): Promise<{ readonly events: readonly LoggedEvent[]; readonly cursor: number }> {
  return await consult(service, caller, 'run.read', async (reader) => {
    const run = await getRun(reader, id)
    const tasks = (await listRunTasks(reader, id)).map((task) => taskKey(task))
    const subjects = [runKey(id), changeSetKey(run.changeSetId), ...tasks]
    await refuseUnreached(reader, after, step('run_status', { run: runKey(id) }))
    const newestFirst = after === undefined
    const found = await listEvents(reader, { subjects }, { cursor: after, limit, newestFirst })
    const events = newestFirst ? found.toReversed() : found
    return { events, cursor: events.at(-1)?.id ?? after ?? 0 }
  })
}

/** What an event says beside its type, for people; empty where it says nothing. */
export function detailOf({ payload: { attempt, agent, class: failure, summary, reason } }: LoggedEvent): string {
  const who =
    typeof attempt === 'number' ? `attempt ${attempt}${typeof agent === 'string' ? ` by ${agent}` : ''}` : undefined
  return [who, failure, summary ?? reason].filter((part) => typeof part === 'string').join(': ')
}

export async function countLiveWorkers(service: Service, caller: Principal): Promise<number> {
  return await consult(service, caller, 'run.read', async (reader) => live(await listWorkers(reader), service.now()))
}

function live(workers: readonly { readonly leaseExpiresAt: number }[], now: number): number {
  return workers.filter(({ leaseExpiresAt }) => leaseExpiresAt > now).length
}
