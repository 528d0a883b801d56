import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { Tx } from '../../store/database.ts'
import { listAttempts } from '../../store/run/attempts.ts'
import { listOpenRuns, listRunTasks, type RunRecord } from '../../store/run/runs.ts'
import { findTasks, isReady } from '../../store/task/tasks.ts'
import { type Service, transact } from '../service.ts'
import { holdWorker, type WorkerCaller } from '../worker.ts'
import { changeRun } from './transition.ts'

/**
 * Ends or pauses runs in which nothing moves any more, and hands the worker one that is finished but for the test and
 * delivery of its change set. Undefined where there is none.
 */
export async function settleRuns(service: Service, worker: WorkerCaller): Promise<RunRecord | undefined> {
  return await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    for (const run of await listOpenRuns(tx)) {
      if (run.finisher !== undefined) continue
      if ((await listAttempts(tx, { runId: run.id, state: 'working' })).length > 0) continue
      if (run.wanted === 'cancel') await endRun(tx, worker, run, 'cancelled', 'cancelled by request', now)
      else if (run.wanted === 'pause') {
        if (run.state !== 'paused')
          await changeRun(tx, { actor: actorOf(worker), now }, run, 'run.paused', {
            state: 'paused',
            reason: run.reason ?? null,
          })
      } else {
        const verdict = await verdictOf(tx, run)
        if (verdict === 'finished') {
          const taken = { finisher: worker.id, state: 'running', startedAt: run.startedAt ?? now } as const
          await changeRun(tx, { actor: actorOf(worker), now }, run, 'run.finishing', taken, worker.id)
          return run
        }
        if (verdict !== undefined) await endRun(tx, worker, run, 'failed', verdict, now)
      }
    }
    return undefined
  })
}

/** Whether every task is done, or why none can go on; undefined while one can. */
async function verdictOf(tx: Tx, run: RunRecord): Promise<string | undefined> {
  const tasks = await findTasks(tx, await listRunTasks(tx, run.id))
  if (tasks.some((task) => isReady(task) || task.status === 'in_progress')) return undefined
  const open = tasks.filter((task) => task.status !== 'done' && task.status !== 'cancelled')
  if (open.length === 0) return 'finished'
  const settled = open
    .filter((task) => task.status !== 'todo')
    .map(
      (task) =>
        `${taskKey(task.id)} is ${task.status}${task.blockReason === undefined ? '' : ` (${task.blockReason})`}`,
    )
  const waiting = open.filter((task) => task.status === 'todo').map((task) => taskKey(task.id))
  return [
    ...settled,
    ...(waiting.length > 0 ? [`${waiting.join(', ')} wait${waiting.length === 1 ? 's' : ''}`] : []),
  ].join('; ')
}

/** The end of a run whose change set was tested, delivered or refused. */
export async function finishRun(
  service: Service,
  worker: WorkerCaller,
  run: RunRecord,
  state: 'succeeded' | 'failed',
  reason: string | undefined,
): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    await endRun(tx, worker, run, state, reason, now)
  })
}

async function endRun(
  tx: Tx,
  caller: Principal,
  run: RunRecord,
  state: 'succeeded' | 'failed' | 'cancelled',
  reason: string | undefined,
  now: number,
): Promise<void> {
  const end = { state, reason: reason ?? null, endedAt: now, finisher: null }
  await changeRun(tx, { actor: actorOf(caller), now }, run, `run.${state}`, end)
}
