import { actorOf, type Principal } from '../../schemas/actor.ts'
import { SpekiError } from '../errors.ts'
import type { Tx } from '../store/database.ts'
import { appendEvent } from '../store/events.ts'
import { endWorker, insertWorker, listWorkers, renewWorker, type Worker } from '../store/run/workers.ts'
import { consult, type Service, transact } from './service.ts'

/** How long a worker counts as alive without a sign. Short: its work waits as long. */
export const WORKER_LEASE_MS = 20_000

/** A process that hosts what runs in the background, as a principal; its session is its id. */
export interface WorkerCaller extends Principal {
  readonly id: string
}

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

/** Throws where the worker was given up for dead: whatever it holds belongs to somebody else now. */
export async function holdWorker(tx: Tx, worker: Pick<WorkerCaller, 'id'>, now: number): Promise<void> {
  if (await renewWorker(tx, worker.id, now + WORKER_LEASE_MS)) return
  throw new SpekiError('conflict', `Worker ${worker.id} was taken for dead, and its work was given away.`, {
    hint: 'Start another: speki worker.',
  })
}

/**
 * Ends workers that died: those whose lease is over, and those of this machine that `isGone` says are gone. From then on
 * nothing they still do counts. `takeOver` gets what they held, in the same transaction.
 */
export async function endDeadWorkers<T>(
  service: Service,
  worker: WorkerCaller,
  isGone: (worker: Worker) => boolean,
  takeOver: (tx: Tx, dead: readonly Worker[], now: number) => Promise<T>,
): Promise<T | undefined> {
  const isDead = (other: Worker & { readonly leaseExpiresAt: number }, now: number) =>
    other.id !== worker.id && (other.leaseExpiresAt <= now || isGone(other))
  const workers = await consult(service, worker, 'run.read', listWorkers)
  if (!workers.some((other) => isDead(other, service.now()))) return undefined
  return await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const dead = (await listWorkers(tx)).filter((other) => isDead(other, now))
    if (dead.length === 0) return undefined
    for (const { id, host, pid } of dead) {
      await endWorker(tx, id, now)
      await appendEvent(tx, {
        at: now,
        type: 'worker.died',
        subject: `worker ${id}`,
        actor: actorOf(worker),
        payload: { host, pid },
      })
    }
    return await takeOver(tx, dead, now)
  })
}
