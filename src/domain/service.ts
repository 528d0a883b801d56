import type { Caller } from '../../schemas/actor.ts'
import { SpekiError } from '../errors.ts'
import type { Database, Reader, Tx } from '../store/database.ts'
import { findAnswer, storeAnswer } from '../store/idempotency.ts'
import { hasExpiredLease, renewLeases } from '../store/task/leases.ts'
import { freeExpired } from './task/transition.ts'

/** How long a lease lasts without a call of its holder: long enough for a slow test suite, short enough that a dead agent's work goes on. */
export const LEASE_MS = 30 * 60_000

/** What every service needs. */
export interface Service {
  readonly database: Database
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Marks a call that may be sent twice: the second gets the first one's answer. */
export interface Request {
  readonly key: string
  readonly tool: string
  /** Hash of the arguments; the same key with other arguments is refused. */
  readonly hash: string
}

/**
 * The one way in which services write: expired leases are freed, the caller's are renewed, a repeated request is
 * answered from the first one, then `work` runs; all in one transaction.
 */
export async function transact<T>(
  service: Service,
  caller: Caller,
  work: (tx: Tx, now: number) => Promise<T>,
  request?: Request,
): Promise<T> {
  return await service.database.write(async (tx) => {
    const now = service.now()
    await freeExpired(tx, now)
    await renewLeases(tx, caller.session, now + LEASE_MS)
    if (request === undefined) return await work(tx, now)

    const stored = await findAnswer(tx, request.key)
    if (stored !== undefined) {
      if (stored.tool !== request.tool || stored.requestHash !== request.hash) {
        throw new SpekiError(
          'conflict',
          `The idempotency key "${request.key}" was used for another call of ${stored.tool}; nothing was changed.`,
          {
            hint: 'Use a new key for a new request; repeat a key only with the same arguments.',
          },
        )
      }
      // The answer was stored by this very call, under this tool and these arguments, so it has its type.
      return stored.answer as T
    }
    const answer = await work(tx, now)
    await storeAnswer(tx, request.key, { tool: request.tool, requestHash: request.hash, answer }, now)
    return answer
  })
}

/** A read that never shows a lease that ran out: the few times one did, it is freed first. */
export async function consult<T>(service: Service, work: (reader: Reader) => Promise<T>): Promise<T> {
  if (await service.database.read((reader) => hasExpiredLease(reader, service.now()))) {
    await service.database.write((tx) => freeExpired(tx, service.now()))
  }
  return await service.database.read(work)
}

/** Extends the leases of a session; the caller decides how often that is worth a write. */
export async function renewSession(service: Service, session: string): Promise<void> {
  await service.database.write(async (tx) => {
    const now = service.now()
    await freeExpired(tx, now)
    await renewLeases(tx, session, now + LEASE_MS)
  })
}
