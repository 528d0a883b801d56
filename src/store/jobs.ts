import type { Selectable, Updateable } from 'kysely'
import { z } from 'zod'
import type { Reader, Tx } from './database.ts'
import { storedValue } from './stored.ts'
import type { Tables } from './tables.ts'

/** `failed` waits for its next try, `dead` for a person. */
export const JobState = z.enum(['queued', 'running', 'failed', 'done', 'dead'])
export type JobState = z.infer<typeof JobState>

export interface JobRecord {
  readonly id: number
  readonly name: string
  readonly key: string | undefined
  readonly payload: unknown
  readonly state: JobState
  readonly recurring: boolean
  /** Begun so far, the present one included. */
  readonly attempts: number
  readonly dueAt: number
  readonly holder: string | undefined
  readonly fence: number
  readonly error: string | undefined
  readonly createdAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

export interface JobRequest {
  readonly name: string
  /** What it is about: a request for the same is joined to the one that waits. */
  readonly key?: string | undefined
  readonly payload?: unknown
  readonly dueAt: number
}

function fromRow(row: Selectable<Tables['job']>): JobRecord {
  return {
    id: row.id,
    name: row.name,
    key: row.key ?? undefined,
    payload: JSON.parse(row.payload),
    state: storedValue(JobState, row.state),
    recurring: row.recurring === 1,
    attempts: row.attempts,
    dueAt: row.due_at,
    holder: row.holder ?? undefined,
    fence: row.fence,
    error: row.error ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
  }
}

/**
 * Queues a job in the transaction of the change that asks for it. One of the same name and key that has not begun takes the
 * new payload and the sooner time; one that runs does not count, as it may have read what was before.
 */
export async function queueJob(tx: Tx, request: JobRequest, now: number): Promise<number> {
  const { name, key, payload = {}, dueAt } = request
  const waiting =
    key === undefined
      ? undefined
      : await tx.sql
          .selectFrom('job')
          .select(['id', 'due_at'])
          .where('name', '=', name)
          .where('key', '=', key)
          .where('state', 'in', ['queued', 'failed'])
          .executeTakeFirst()
  if (waiting !== undefined) {
    await updateJob(tx, waiting.id, { payload: JSON.stringify(payload), due_at: Math.min(waiting.due_at, dueAt) })
    return waiting.id
  }
  return await insertJob(tx, { name, key, payload, dueAt, recurring: false }, now)
}

/** Queues the next occurrence of a recurring job, where none is open. */
export async function queueRecurring(tx: Tx, name: string, dueAt: number, now: number): Promise<void> {
  const open = await tx.sql
    .selectFrom('job')
    .select('id')
    .where('name', '=', name)
    .where('recurring', '=', 1)
    .where('state', 'in', ['queued', 'failed', 'running'])
    .executeTakeFirst()
  if (open === undefined) await insertJob(tx, { name, key: undefined, payload: {}, dueAt, recurring: true }, now)
}

async function insertJob(
  tx: Tx,
  job: Pick<JobRecord, 'name' | 'key' | 'payload' | 'dueAt' | 'recurring'>,
  now: number,
): Promise<number> {
  const { id } = await tx.sql
    .insertInto('job')
    .values({
      name: job.name,
      key: job.key ?? null,
      payload: JSON.stringify(job.payload),
      state: 'queued',
      recurring: job.recurring ? 1 : 0,
      attempts: 0,
      due_at: job.dueAt,
      holder: null,
      fence: 0,
      error: null,
      created_at: now,
      started_at: null,
      ended_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export interface JobFilter {
  readonly names?: readonly string[]
  readonly states?: readonly JobState[]
  readonly holder?: string
  readonly dueBy?: number
}

/** The one that is due first comes first. */
export async function listJobs(reader: Reader, filter: JobFilter, limit: number): Promise<readonly JobRecord[]> {
  let query = reader.sql.selectFrom('job').selectAll()
  if (filter.names !== undefined) query = query.where('name', 'in', filter.names)
  if (filter.states !== undefined) query = query.where('state', 'in', filter.states)
  if (filter.holder !== undefined) query = query.where('holder', '=', filter.holder)
  if (filter.dueBy !== undefined) query = query.where('due_at', '<=', filter.dueBy)
  return (await query.orderBy('due_at').orderBy('id').limit(limit).execute()).map(fromRow)
}

export async function findJob(reader: Reader, id: number): Promise<JobRecord | undefined> {
  const row = await reader.sql.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function updateJob(tx: Tx, id: number, columns: Updateable<Tables['job']>): Promise<void> {
  await tx.sql.updateTable('job').set(columns).where('id', '=', id).execute()
}

/** Whether this holder may still write for the job. */
export async function holdsJob(tx: Tx, held: Pick<JobRecord, 'id' | 'holder' | 'fence'>): Promise<boolean> {
  const job = await findJob(tx, held.id)
  return job?.state === 'running' && job.holder === held.holder && job.fence === held.fence
}

/** How many jobs there are of each name and state. */
export async function countJobs(
  reader: Reader,
): Promise<readonly { readonly name: string; readonly state: JobState; readonly count: number }[]> {
  const rows = await reader.sql
    .selectFrom('job')
    .select((eb) => ['name', 'state', eb.fn.countAll<number>().as('count')])
    .groupBy(['name', 'state'])
    .orderBy('name')
    .execute()
  return rows.map((row) => ({ name: row.name, state: storedValue(JobState, row.state), count: Number(row.count) }))
}

/** Forgets jobs that were done before an instant. Dead ones stay: they wait for a person. */
export async function removeDoneJobs(tx: Tx, before: number): Promise<number> {
  const { numDeletedRows } = await tx.sql
    .deleteFrom('job')
    .where('state', '=', 'done')
    .where('ended_at', '<', before)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Id of the newest job; 0 where there is none. */
export async function newestJob(reader: Reader): Promise<number> {
  const row = await reader.sql.selectFrom('job').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? 0
}
