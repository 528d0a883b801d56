import type { Reader, Tx } from '../database.ts'

export interface Worker {
  readonly id: string
  readonly host: string
  readonly pid: number
}

export async function insertWorker(tx: Tx, worker: Worker, leaseExpiresAt: number, now: number): Promise<void> {
  await tx.sql
    .insertInto('worker')
    .values({ ...worker, lease_expires_at: leaseExpiresAt, started_at: now, ended_at: null })
    .execute()
}

/** Extends the lease of a worker; false where it was given up for dead, whose work then belongs to somebody else. */
export async function renewWorker(tx: Tx, id: string, leaseExpiresAt: number): Promise<boolean> {
  const { numUpdatedRows } = await tx.sql
    .updateTable('worker')
    .set({ lease_expires_at: leaseExpiresAt })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function endWorker(tx: Tx, id: string, now: number): Promise<void> {
  await tx.sql.updateTable('worker').set({ ended_at: now }).where('id', '=', id).where('ended_at', 'is', null).execute()
}

/** Workers that have not ended, whether their lease holds or not. */
export async function listWorkers(
  reader: Reader,
): Promise<readonly (Worker & { readonly leaseExpiresAt: number; readonly startedAt: number })[]> {
  const rows = await reader.sql
    .selectFrom('worker')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    host: row.host,
    pid: row.pid,
    leaseExpiresAt: row.lease_expires_at,
    startedAt: row.started_at,
  }))
}
