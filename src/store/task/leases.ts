import type { Reader, Tx } from '../database.ts'
import { IS_READY } from './tasks.ts'

export async function hasExpiredLease(reader: Reader, now: number): Promise<boolean> {
  const row = await reader.sql
    .selectFrom('task')
    .select('id')
    .where('lease_expires_at', '<=', now)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Sessions that hold tasks. */
export async function listHolderSessions(reader: Reader): Promise<readonly string[]> {
  const rows = await reader.sql
    .selectFrom('task')
    .select('holder_session')
    .distinct()
    .where('lease_hash', 'is not', null)
    .execute()
  return rows.flatMap(({ holder_session: session }) => session ?? [])
}

/** Leases are extended once a minute at most: a session that calls often must not write its leases each time. */
const RENEWAL_STEP_MS = 60_000

/** Extends every lease of the session. */
export async function renewLeases(tx: Tx, session: string, expiresAt: number): Promise<void> {
  await tx.sql
    .updateTable('task')
    .set({ lease_expires_at: expiresAt })
    .where('holder_session', '=', session)
    .where('lease_expires_at', '<', expiresAt - RENEWAL_STEP_MS)
    .execute()
}

export async function renewLease(tx: Tx, taskId: number, expiresAt: number): Promise<void> {
  await tx.sql
    .updateTable('task')
    .set({ lease_expires_at: expiresAt })
    .where('id', '=', taskId)
    .where('lease_hash', 'is not', null)
    .execute()
}

/** The ready task that comes first in working order; tasks of archived or deleted PRDs rest. */
export async function findNextReady(
  reader: Reader,
  filter: { readonly repositoryId?: number | undefined; readonly prdId?: number | undefined },
): Promise<number | undefined> {
  let query = reader.sql
    .selectFrom('task')
    .leftJoin('prd', 'prd.id', 'task.prd_id')
    .select('task.id')
    .where(IS_READY)
    .where((eb) =>
      eb.or([
        eb('task.prd_id', 'is', null),
        eb.and([eb('prd.deleted_at', 'is', null), eb('prd.state', '<>', 'archived')]),
      ]),
    )
  if (filter.repositoryId !== undefined) query = query.where('task.repository_id', '=', filter.repositoryId)
  if (filter.prdId !== undefined) query = query.where('task.prd_id', '=', filter.prdId)
  const row = await query
    .orderBy('task.priority')
    .orderBy('task.position')
    .orderBy('task.id')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

/** Puts another token, and the connection it came through, in place of that of a lease, whose holder stays. */
export async function passLease(
  tx: Tx,
  taskId: number,
  lease: { readonly session: string; readonly hash: string; readonly expiresAt: number },
): Promise<void> {
  await tx.sql
    .updateTable('task')
    .set({ holder_session: lease.session, lease_hash: lease.hash, lease_expires_at: lease.expiresAt })
    .where('id', '=', taskId)
    .execute()
}
