import type { Selectable, Updateable } from 'kysely'
import type { Reader, Tx } from './database.ts'
import type { Tables } from './tables.ts'

/**
 * Events get their ids under the one writers' lock (store/database.ts), so on both engines the order of ids is the order of
 * commits, and whoever has read up to an id has missed none below it. Cursors rest on that. Ids of transactions that were
 * rolled back are missing; nobody may wait for them.
 */
export interface FollowerRecord {
  readonly name: string
  readonly state: 'following' | 'stopped'
  /** Everything up to this event was handled or set aside. */
  readonly lastEvent: number
  /** In a row, of the event after `lastEvent`. */
  readonly failures: number
  readonly retryAt: number | undefined
  readonly error: string | undefined
  readonly holder: string | undefined
  readonly fence: number
  readonly offeredAt: number
  readonly updatedAt: number
}

export interface DeadEvent {
  readonly follower: string
  readonly event: number
  readonly error: string
  readonly at: number
}

function fromRow(row: Selectable<Tables['follower']>): FollowerRecord {
  return {
    name: row.name,
    state: row.state === 'stopped' ? 'stopped' : 'following',
    lastEvent: row.last_event,
    failures: row.failures,
    retryAt: row.retry_at ?? undefined,
    error: row.error ?? undefined,
    holder: row.holder ?? undefined,
    fence: row.fence,
    offeredAt: row.offered_at,
    updatedAt: row.updated_at,
  }
}

export async function listFollowers(reader: Reader): Promise<readonly FollowerRecord[]> {
  return (await reader.sql.selectFrom('follower').selectAll().orderBy('name').execute()).map(fromRow)
}

export async function findFollower(reader: Reader, name: string): Promise<FollowerRecord | undefined> {
  const row = await reader.sql.selectFrom('follower').selectAll().where('name', '=', name).executeTakeFirst()
  return row && fromRow(row)
}

/** Enters a subscriber that is new, at `lastEvent`; of one that is known it only notes that a host offers it. */
export async function offerFollower(tx: Tx, name: string, lastEvent: number, now: number): Promise<void> {
  await tx.sql
    .insertInto('follower')
    .values({
      name,
      state: 'following',
      last_event: lastEvent,
      failures: 0,
      retry_at: null,
      error: null,
      holder: null,
      fence: 0,
      offered_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ offered_at: now }))
    .execute()
}

/** Gives the subscriber to a holder under a new fence; undefined where another has it. */
export async function takeFollower(tx: Tx, name: string, holder: string): Promise<FollowerRecord | undefined> {
  const row = await tx.sql
    .updateTable('follower')
    .set((eb) => ({ holder, fence: eb('fence', '+', 1) }))
    .where('name', '=', name)
    .where('holder', 'is', null)
    .where('state', '=', 'following')
    .returningAll()
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Changes what its holder has; false where the fence is another's by now. */
export async function updateHeldFollower(
  tx: Tx,
  held: { readonly name: string; readonly holder: string; readonly fence: number },
  columns: Updateable<Tables['follower']>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx.sql
    .updateTable('follower')
    .set(columns)
    .where('name', '=', held.name)
    .where('holder', '=', held.holder)
    .where('fence', '=', held.fence)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function updateFollower(tx: Tx, name: string, columns: Updateable<Tables['follower']>): Promise<void> {
  await tx.sql.updateTable('follower').set(columns).where('name', '=', name).execute()
}

/** Its dead events go with it. */
export async function removeFollower(tx: Tx, name: string): Promise<void> {
  await tx.sql.deleteFrom('follower').where('name', '=', name).execute()
}

export async function freeFollowersOf(tx: Tx, holder: string): Promise<void> {
  await tx.sql.updateTable('follower').set({ holder: null }).where('holder', '=', holder).execute()
}

export async function insertDeadEvent(tx: Tx, dead: DeadEvent): Promise<void> {
  const row = { error: dead.error, at: dead.at }
  await tx.sql
    .insertInto('dead_event')
    .values({ follower: dead.follower, event_id: dead.event, ...row })
    .onConflict((conflict) => conflict.columns(['follower', 'event_id']).doUpdateSet(row))
    .execute()
}

export async function listDeadEvents(reader: Reader): Promise<readonly DeadEvent[]> {
  const rows = await reader.sql
    .selectFrom('dead_event')
    .selectAll()
    .orderBy('follower')
    .orderBy('event_id')
    .limit(1000)
    .execute()
  return rows.map((row) => ({ follower: row.follower, event: row.event_id, error: row.error, at: row.at }))
}

/** Forgets what a subscriber set aside. */
export async function removeDeadEvents(tx: Tx, follower: string): Promise<void> {
  await tx.sql.deleteFrom('dead_event').where('follower', '=', follower).execute()
}

/** Id of the newest event; 0 where there is none. */
export async function newestEvent(reader: Reader): Promise<number> {
  const row = await reader.sql.selectFrom('event').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? 0
}

/** Id of the event after this one, whether it can be read or not. */
export async function nextEvent(reader: Reader, after: number): Promise<number | undefined> {
  const row = await reader.sql
    .selectFrom('event')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}
