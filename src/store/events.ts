import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import { Actor } from '../../schemas/actor.ts'
import type { Event, LoggedEvent } from '../../schemas/event.ts'
import { prdKey } from '../../schemas/key.ts'
import { chunksOf } from './chunks.ts'
import type { Reader, Tx } from './database.ts'
import { storedJson } from './stored.ts'
import type { Tables } from './tables.ts'

interface DraftHead {
  readonly at: number
  /** Key or name of what changed. */
  readonly subject: string
  readonly prdId?: number | undefined
  readonly repositoryId?: number | undefined
  readonly actor: Actor
  readonly revision?: number | undefined
}

/** A type with the payload that goes with it. */
export type EventContent = Event extends infer Each
  ? Each extends { type: infer Type; payload: infer Payload }
    ? { readonly type: Type; readonly payload: Payload }
    : never
  : never

export type EventDraft = DraftHead & EventContent

/** Appends in the transaction of the change it tells of. */
export async function appendEvent(tx: Tx, draft: EventDraft): Promise<void> {
  await appendEvents(tx, [draft])
}

/** Appends in this order. Each row carries the hash of the one before it, so a changed row shows. */
export async function appendEvents(tx: Tx, drafts: readonly EventDraft[]): Promise<void> {
  if (drafts.length === 0) return
  const last = await tx.sql.selectFrom('event').select('hash').orderBy('id', 'desc').limit(1).executeTakeFirst()
  let previous = last?.hash ?? ''
  const rows = drafts.map((draft) => {
    const row = {
      at: draft.at,
      type: draft.type,
      subject: draft.subject,
      prd_id: draft.prdId ?? null,
      repository_id: draft.repositoryId ?? null,
      actor: JSON.stringify(draft.actor),
      revision: draft.revision ?? null,
      payload: JSON.stringify(draft.payload),
      previous_hash: previous,
    }
    previous = eventHash(row)
    return { ...row, hash: previous }
  })
  for (const chunk of chunksOf(rows)) await tx.sql.insertInto('event').values(chunk).execute()
}

type HashedColumns = Omit<Selectable<Tables['event']>, 'id' | 'hash'>

function eventHash(row: HashedColumns): string {
  const content = [
    row.previous_hash,
    row.at,
    row.type,
    row.subject,
    row.prd_id,
    row.repository_id,
    row.actor,
    row.revision,
    row.payload,
  ]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** Id of the first event whose hash does not follow from its content and its predecessor; undefined where the chain is whole. */
export async function findBrokenEvent(reader: Reader): Promise<number | undefined> {
  let previous = ''
  for (let after = 0; ; ) {
    const rows = await reader.sql
      .selectFrom('event')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(1000)
      .execute()
    for (const row of rows) {
      if (row.previous_hash !== previous || row.hash !== eventHash(row)) return row.id
      previous = row.hash
      after = row.id
    }
    if (rows.length < 1000) return undefined
  }
}

export interface EventFilter {
  readonly subject?: string | undefined
  readonly subjects?: readonly string[] | undefined
  readonly prdId?: number | undefined
  readonly repositoryId?: number | undefined
  /** Prefix of the type, for example "task." */
  readonly type?: string | undefined
}

/** Events after the cursor in commit order, or with `newestFirst` those before it, newest first. */
export async function listEvents(
  reader: Reader,
  filter: EventFilter,
  page: { readonly cursor?: number | undefined; readonly limit: number; readonly newestFirst: boolean },
): Promise<readonly LoggedEvent[]> {
  let query = reader.sql.selectFrom('event').leftJoin('repository', 'repository.id', 'event.repository_id')
  if (filter.subject !== undefined) query = query.where('event.subject', '=', filter.subject)
  if (filter.subjects !== undefined) query = query.where('event.subject', 'in', filter.subjects)
  if (filter.prdId !== undefined) query = query.where('event.prd_id', '=', filter.prdId)
  if (filter.repositoryId !== undefined) query = query.where('event.repository_id', '=', filter.repositoryId)
  if (filter.type !== undefined) {
    // A range instead of LIKE: its case rules differ between the engines.
    query = query.where('event.type', '>=', filter.type).where('event.type', '<', `${filter.type}\uffff`)
  }
  if (page.cursor !== undefined) query = query.where('event.id', page.newestFirst ? '<' : '>', page.cursor)
  const rows = await query
    .selectAll('event')
    .select('repository.name as repository')
    .orderBy('event.id', page.newestFirst ? 'desc' : 'asc')
    .limit(page.limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    type: row.type,
    subject: row.subject,
    ...(row.prd_id !== null && { prd: prdKey(row.prd_id) }),
    ...(row.repository !== null && { repository: row.repository }),
    actor: storedJson(Actor, row.actor),
    ...(row.revision !== null && { revision: row.revision }),
    payload: JSON.parse(row.payload),
  }))
}

/** Id of the newest event of all; 0 where nothing happened yet. */
export async function newestEventId(reader: Reader): Promise<number> {
  const row = await reader.sql.selectFrom('event').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? 0
}

/** The newest event of these types about a subject. */
export async function findLastEvent(
  reader: Reader,
  subject: string,
  types: readonly string[],
): Promise<{ readonly type: string; readonly payload: unknown } | undefined> {
  const row = await reader.sql
    .selectFrom('event')
    .select(['type', 'payload'])
    .where('subject', '=', subject)
    .where('type', 'in', types)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && { type: row.type, payload: JSON.parse(row.payload) }
}
