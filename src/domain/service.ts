import type { Principal } from '../../schemas/actor.ts'
import { SpekiError } from '../errors.ts'
import { untilRead } from '../reading/read-apart.ts'
import type { Database, Reader, Tx } from '../store/database.ts'
import { hasExpiredLease, renewLeases } from '../store/task/leases.ts'
import type { Action } from './access/actions.ts'
import { demand } from './access/can.ts'
import type { Session } from './access/session.ts'
import { findRepeated, keepAnswer, type Request } from './repeated-request.ts'
import { freeExpired } from './task/transition.ts'

export type { Request } from './repeated-request.ts'

/** How long a lease lasts without a call of its holder: long enough for a slow test suite, short enough that a dead agent's work goes on. */
export const LEASE_MS = 30 * 60_000

/** What every service needs. */
export interface Service {
  readonly database: Database
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Whether nobody can come back through a session any more; absent, none is. */
  readonly isOver?: (session: Session) => boolean
  /** Whether the client of a session ended with its process; absent, nobody can tell. */
  readonly isClientGone?: (session: Session) => boolean
}

/** An answer of which a part must not lie in the database: it is stored without, and a repeated request gets it anew. */
export interface Secret<T> {
  readonly withhold: (answer: T) => T
  readonly renew: (tx: Tx, answer: T, now: number) => Promise<T>
}

/**
 * The one way in which services write: where the caller may do `action`, expired leases are freed, the caller's are
 * renewed, a repeated request is answered from the first one, then `work` runs; all in one transaction, which is rolled
 * back and begun anew where a large text has to be read apart first.
 */
export async function transact<T>(
  service: Service,
  caller: Principal,
  action: Action,
  work: (tx: Tx, now: number) => Promise<T>,
  request?: Request,
  secret?: Secret<T>,
): Promise<T> {
  demand(caller, action)
  const transaction = async (tx: Tx): Promise<T> => {
    const now = service.now()
    await freeExpired(tx, now)
    await renewLeases(tx, caller.session, now + LEASE_MS)
    if (request === undefined) return await work(tx, now)

    const repeated = await findRepeated(tx, { now, isOver: service.isOver }, caller, request)
    if (repeated !== undefined) {
      // The answer was stored by this very call, under this tool and these arguments, so it has its type.
      const answer = repeated.answer as T
      return secret === undefined ? answer : await secret.renew(tx, answer, now)
    }
    const answer = await work(tx, now)
    await keepAnswer(tx, caller, request, secret === undefined ? answer : secret.withhold(answer), now)
    return answer
  }
  return await untilRead(async () => await service.database.write(transaction))
}

/**
 * The one way in which services read, where the caller may do `action`. A lease that ran out is freed before,
 * unless somebody writes just now: reading waits for no writer.
 */
export async function consult<T>(
  service: Service,
  caller: Principal,
  action: Action,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  demand(caller, action)
  if (await service.database.read((reader) => hasExpiredLease(reader, service.now()))) {
    await service.database.write((tx) => freeExpired(tx, service.now()), { patienceMs: 0 }).catch(ifBusy)
  }
  return await untilRead(async () => await service.database.read(work))
}

/** Whoever writes next frees it; until then nobody can claim anyway. */
function ifBusy(error: unknown): void {
  if (!(error instanceof SpekiError && error.code === 'timeout')) throw error
}

/** Extends the leases of a session; the caller decides how often that is worth a write. */
export async function renewSession(service: Service, session: string): Promise<void> {
  await service.database.write(async (tx) => {
    const now = service.now()
    await freeExpired(tx, now)
    await renewLeases(tx, session, now + LEASE_MS)
  })
}
