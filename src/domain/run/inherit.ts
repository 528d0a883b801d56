import { actorOf } from '../../../schemas/actor.ts'
import type { Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import { listOpenRuns } from '../../store/run/runs.ts'
import { endWorker, insertWorker, listWorkers, type Worker } from '../../store/run/workers.ts'
import { listHeldBy } from '../../store/task/tasks.ts'
import { LEASE_MS, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { hashToken, issueToken } from '../task/lease.ts'
import { handOver } from '../task/transition.ts'
import { changeRun, closeAttempt, passOnAttempt } from './transition.ts'
import { giveBack, holdWorker, WORKER_LEASE_MS, type WorkerCaller } from './work.ts'

/** Enters a worker. */
export async function joinWorker(service: Service, worker: WorkerCaller, host: string, pid: number): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => {
    await insertWorker(tx, { id: worker.id, host, pid }, now + WORKER_LEASE_MS, now)
  })
}

/** A sign of life; throws where it comes too late. */
export async function beat(service: Service, worker: WorkerCaller): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => await holdWorker(tx, worker, now))
}

export async function leaveWorker(service: Service, worker: WorkerCaller): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => await endWorker(tx, worker.id, now))
}

/** An attempt whose worker died, now in the hands of another, with a lease of its own. */
export interface Inherited {
  readonly attempt: AttemptRecord
  /** Undefined where the task went on without it: then only what it left behind is cleared. */
  readonly token: string | undefined
}

/**
 * Takes over from workers that died: those whose lease is over, and those of this machine that `isGone` says are gone.
 * From then on nothing they still do counts. Their tasks without attempt are free again.
 */
export async function inheritWork(
  service: Service,
  worker: WorkerCaller,
  isGone: (worker: Worker) => boolean,
): Promise<{ readonly dead: readonly Worker[]; readonly inherited: readonly Inherited[] }> {
  return await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const doer = { actor: actorOf(worker), now }
    const inherited: Inherited[] = []
    const dead: Worker[] = []
    for (const other of await listWorkers(tx)) {
      if (other.id === worker.id || (other.leaseExpiresAt > now && !isGone(other))) continue
      dead.push(other)
      await endWorker(tx, other.id, now)
      for (const run of await listOpenRuns(tx))
        if (run.finisher === other.id) await changeRun(tx, doer, run, 'run.finisher_lost', { finisher: null }, other.id)
      // Attempts side by side share a claim, and so a token.
      const tokens = new Map<string, string | undefined>()
      for (const attempt of await listAttempts(tx, { workerId: other.id, state: 'working' })) {
        await passOnAttempt(tx, doer, attempt, await getTask(tx, attempt.taskId), worker.id)
        const claim = `${attempt.taskId}-${attempt.fence}`
        if (!tokens.has(claim)) tokens.set(claim, await inheritLease(tx, worker, attempt, other.id, now))
        inherited.push({ attempt, token: tokens.get(claim) })
      }
      for (const id of await listHeldBy(tx, other.id))
        await giveBack(tx, worker, await getTask(tx, id), 'todo', undefined, now)
      await appendEvent(tx, {
        at: now,
        type: 'worker.died',
        subject: `worker ${other.id}`,
        actor: actorOf(worker),
        payload: { host: other.host, pid: other.pid },
      })
    }
    return { dead, inherited }
  })
}

/** The claim stays what it was, so what was proven under it counts; only the token changes hands. */
async function inheritLease(
  tx: Tx,
  worker: WorkerCaller,
  attempt: AttemptRecord,
  from: string,
  now: number,
): Promise<string | undefined> {
  const task = await getTask(tx, attempt.taskId)
  if (task.status !== 'in_progress' || task.fence !== attempt.fence) return undefined
  const token = issueToken(task.fence)
  const lease = { holder: worker.name, session: worker.session, hash: hashToken(token), expiresAt: now + LEASE_MS }
  await handOver(tx, { actor: actorOf(worker), now }, task, lease, from)
  return token
}

/** Marks an inherited attempt as interrupted and frees its task, once no other works on it: nobody's failure, so it uses up no try. */
export async function interrupt(service: Service, worker: WorkerCaller, inherited: Inherited): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const { attempt } = inherited
    const task = await getTask(tx, attempt.taskId)
    await closeAttempt(tx, { actor: actorOf(worker), now }, attempt, task, 'interrupted')
    const others = await listAttempts(tx, { taskId: attempt.taskId, state: 'working' })
    if (others.some(({ fence }) => fence === attempt.fence)) return
    if (inherited.token !== undefined && task.status === 'in_progress' && task.fence === attempt.fence)
      await giveBack(tx, worker, task, 'todo', undefined, now)
  })
}
