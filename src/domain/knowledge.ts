import { actorOf, type Principal } from '../../schemas/actor.ts'
import { keyNumber, knowledgeKey, taskKey } from '../../schemas/key.ts'
import type { Knowledge, KnowledgeCategory, KnowledgeKind } from '../../schemas/knowledge.ts'
import { SpekiError } from '../errors.ts'
import { hint, step } from '../step.ts'
import { appendEvent } from '../store/events.ts'
import { reserveNumbers } from '../store/keys.ts'
import { insertKnowledge, listKnowledge, resolveKnowledge } from '../store/knowledge.ts'
import { mapOrigins } from '../store/links.ts'
import { MAX_HITS } from '../store/search-words.ts'
import { resolveRepository } from './repository/repository.ts'
import { consult, type Request, type Service, transact } from './service.ts'
import { getTask } from './task/claim.ts'

export interface KnowledgeDraft {
  readonly kind: KnowledgeKind
  readonly category: KnowledgeCategory
  readonly text: string
  readonly repository?: string | undefined
  readonly task?: number | undefined
}

/** Notes a lesson for good, a blocking note until it is settled, or advice for one task. */
export async function addKnowledge(
  service: Service,
  caller: Principal,
  draft: KnowledgeDraft,
  request?: Request,
): Promise<Knowledge> {
  if (draft.kind === 'suggestion' && draft.task === undefined) {
    throw new SpekiError('invalid_input', 'A suggestion is advice for one task.', {
      hint: 'Name the task, or add a lesson instead.',
    })
  }
  return await transact(
    service,
    caller,
    'knowledge.add',
    async (tx, now) => {
      const task = draft.task === undefined ? undefined : await getTask(tx, draft.task)
      const repository = draft.repository === undefined ? undefined : await resolveRepository(tx, draft.repository)
      const id = await reserveNumbers(tx, 'knowledge')
      await insertKnowledge(tx, id, {
        kind: draft.kind,
        category: draft.category,
        text: draft.text,
        repositoryId: repository?.id,
        taskId: task?.id,
        actor: actorOf(caller),
        at: now,
      })
      await tx.dialect.indexText(tx, { kind: 'knowledge', id, title: draft.category, body: draft.text })
      await appendEvent(tx, {
        at: now,
        type: 'knowledge.added',
        subject: knowledgeKey(id),
        prdId: task?.prdId,
        repositoryId: repository?.id ?? task?.repositoryId,
        actor: actorOf(caller),
        payload: { kind: draft.kind, category: draft.category, ...(task !== undefined && { task: taskKey(task.id) }) },
      })
      const { entries } = await listKnowledge(tx, { ids: [id] }, { limit: 1 })
      const [entry] = entries
      if (entry === undefined) throw new SpekiError('internal', `${knowledgeKey(id)} was not stored.`)
      return entry
    },
    request,
  )
}

/** Settles an entry: it is no longer served to workers. */
export async function settleKnowledge(service: Service, caller: Principal, id: number): Promise<void> {
  await transact(service, caller, 'knowledge.settle', async (tx, now) => {
    if (!(await resolveKnowledge(tx, id, now)))
      throw new SpekiError('not_found', `There is no open ${knowledgeKey(id)}.`, {
        hint: hint`Search with ${step('knowledge_search')}.`,
      })
    await appendEvent(tx, {
      at: now,
      type: 'knowledge.settled',
      subject: knowledgeKey(id),
      actor: actorOf(caller),
      payload: {},
    })
  })
}

export interface KnowledgeQuery {
  readonly query?: string | undefined
  readonly kind?: KnowledgeKind | undefined
  readonly category?: KnowledgeCategory | undefined
  readonly repository?: string | undefined
  readonly task?: number | undefined
  readonly before?: number | undefined
  readonly limit: number
}

export async function searchKnowledge(
  service: Service,
  caller: Principal,
  query: KnowledgeQuery,
): Promise<{
  readonly entries: readonly Knowledge[]
  readonly total: number
  readonly capped: number | undefined
  /** By key number, where entries were imported from. */
  readonly origins: ReadonlyMap<number, string>
}> {
  return await consult(service, caller, 'knowledge.read', async (reader) => {
    const repositoryId =
      query.repository === undefined ? undefined : (await resolveRepository(reader, query.repository)).id
    const ids =
      query.query === undefined
        ? undefined
        : (await reader.dialect.searchText(reader, query.query, ['knowledge'], MAX_HITS)).map((hit) => hit.id)
    if (query.task !== undefined) await getTask(reader, query.task)
    const found = await listKnowledge(
      reader,
      { kind: query.kind, category: query.category, repositoryId, taskId: query.task, ids },
      { before: query.before, limit: query.limit },
    )
    const numbers = found.entries.map(({ id: key }) => keyNumber(key))
    const origins = await mapOrigins(reader, 'knowledge', numbers)
    return { ...found, origins, capped: ids?.length === MAX_HITS ? MAX_HITS : undefined }
  })
}
