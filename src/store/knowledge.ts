import type { Selectable } from 'kysely'
import { Actor } from '../../schemas/actor.ts'
import { knowledgeKey, taskKey } from '../../schemas/key.ts'
import { type Knowledge, KnowledgeCategory, KnowledgeKind } from '../../schemas/knowledge.ts'
import type { Reader, Tx } from './database.ts'
import { storedJson, storedValue } from './stored.ts'
import type { Tables } from './tables.ts'

export interface KnowledgeFields {
  readonly kind: KnowledgeKind
  readonly category: KnowledgeCategory
  readonly text: string
  readonly repositoryId: number | undefined
  readonly taskId: number | undefined
  readonly actor: Actor
  readonly at: number
  readonly resolvedAt?: number | undefined
}

export async function insertKnowledge(tx: Tx, id: number, fields: KnowledgeFields): Promise<void> {
  await tx.sql
    .insertInto('knowledge')
    .values({
      id,
      kind: fields.kind,
      category: fields.category,
      text: fields.text,
      repository_id: fields.repositoryId ?? null,
      task_id: fields.taskId ?? null,
      actor: JSON.stringify(fields.actor),
      at: fields.at,
      resolved_at: fields.resolvedAt ?? null,
    })
    .execute()
}

export interface KnowledgeFilter {
  readonly kind?: KnowledgeKind | undefined
  readonly category?: KnowledgeCategory | undefined
  /** Entries of this repository and those that hold for every one. */
  readonly repositoryId?: number | undefined
  /** Entries for this task and those for no task. */
  readonly taskId?: number | undefined
  readonly ids?: readonly number[] | undefined
}

/** A page, newest first, and how many match in all. */
export async function listKnowledge(
  reader: Reader,
  filter: KnowledgeFilter,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<{ readonly entries: readonly Knowledge[]; readonly total: number }> {
  let query = reader.sql.selectFrom('knowledge').leftJoin('repository', 'repository.id', 'knowledge.repository_id')
  const { repositoryId, taskId } = filter
  if (filter.kind !== undefined) query = query.where('knowledge.kind', '=', filter.kind)
  if (filter.category !== undefined) query = query.where('knowledge.category', '=', filter.category)
  if (repositoryId !== undefined) {
    query = query.where((eb) =>
      eb.or([eb('knowledge.repository_id', 'is', null), eb('knowledge.repository_id', '=', repositoryId)]),
    )
  }
  if (taskId !== undefined) {
    query = query.where((eb) => eb.or([eb('knowledge.task_id', 'is', null), eb('knowledge.task_id', '=', taskId)]))
  }
  if (filter.ids !== undefined) query = query.where('knowledge.id', 'in', filter.ids.length > 0 ? filter.ids : [-1])
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  if (page.before !== undefined) query = query.where('knowledge.id', '<', page.before)
  const rows = await query
    .selectAll('knowledge')
    .select('repository.name as repository')
    .orderBy('knowledge.id', 'desc')
    .limit(page.limit)
    .execute()
  return { total, entries: rows.map(fromRow) }
}

/** Every entry, oldest first. */
export async function listAllKnowledge(reader: Reader): Promise<readonly Knowledge[]> {
  return (await selectKnowledge(reader).orderBy('knowledge.id').execute()).map(fromRow)
}

function selectKnowledge(reader: Reader) {
  return reader.sql
    .selectFrom('knowledge')
    .leftJoin('repository', 'repository.id', 'knowledge.repository_id')
    .selectAll('knowledge')
    .select('repository.name as repository')
}

function fromRow(row: Selectable<Tables['knowledge']> & { repository: string | null }): Knowledge {
  return {
    id: knowledgeKey(row.id),
    kind: storedValue(KnowledgeKind, row.kind),
    category: storedValue(KnowledgeCategory, row.category),
    text: row.text,
    ...(row.repository !== null && { repository: row.repository }),
    ...(row.task_id !== null && { task: taskKey(row.task_id) }),
    by: storedJson(Actor, row.actor).name,
    at: row.at,
    ...(row.resolved_at !== null && { resolvedAt: row.resolved_at }),
  }
}

/**
 * What a worker on this task should know: open blocking notes first, then advice for the task, then lessons; newest
 * first in each.
 */
export async function listRelevantKnowledge(
  reader: Reader,
  task: { readonly id: number; readonly repositoryId: number },
  limit: number,
): Promise<{ readonly entries: readonly Knowledge[]; readonly total: number }> {
  const matching = selectKnowledge(reader)
    .where('knowledge.resolved_at', 'is', null)
    .where((eb) =>
      eb.or([eb('knowledge.repository_id', 'is', null), eb('knowledge.repository_id', '=', task.repositoryId)]),
    )
    .where((eb) => eb.or([eb('knowledge.task_id', 'is', null), eb('knowledge.task_id', '=', task.id)]))
  const { total } = await matching
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await matching
    .orderBy((eb) => eb.case('knowledge.kind').when('blocking').then(0).when('suggestion').then(1).else(2).end())
    .orderBy('knowledge.id', 'desc')
    .limit(limit)
    .execute()
  return { entries: rows.map(fromRow), total }
}

/** Settles a blocking note; false where there is no such open entry. */
export async function resolveKnowledge(tx: Tx, id: number, at: number): Promise<boolean> {
  const rows = await tx.sql
    .updateTable('knowledge')
    .set({ resolved_at: at })
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .returning('id')
    .execute()
  return rows.length === 1
}
