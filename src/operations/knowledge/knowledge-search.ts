import { z } from 'zod'
import { KnowledgeKey, keyNumber, TaskKey } from '../../../schemas/key.ts'
import { KnowledgeCategory, KnowledgeKind } from '../../../schemas/knowledge.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { BLANK, step } from '../../step.ts'
import { Cursor, isoTime, Limit, readCursor, wordCap } from '../answer.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { excerpt } from '../text.ts'

export const knowledgeSearch = defineOperation({
  name: 'knowledge_search',
  title: 'Search knowledge',
  description: 'Search lessons, blocking notes and suggestions. Newest first.',
  toolset: 'tasks',
  effect: 'read',
  action: 'knowledge.read',
  input: z.object({
    query: z.string().max(500).optional(),
    category: KnowledgeCategory.optional(),
    kind: KnowledgeKind.optional(),
    repository: RepositoryName.optional(),
    task: TaskKey.optional(),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({
    entries: z.array(
      z.object({
        id: KnowledgeKey,
        kind: KnowledgeKind,
        category: KnowledgeCategory,
        text: z.string(),
        repository: z.string().optional(),
        task: TaskKey.optional(),
        by: z.string(),
        at: z.string(),
        settled: z.boolean(),
        imported_from: z.string().optional(),
      }),
    ),
    total: z.int32(),
    next_cursor: z.string().optional(),
    next: Next,
  }),
  summarize: ({ entries, total }) =>
    `${total} entr${total === 1 ? 'y' : 'ies'}. ${entries.map((entry) => `${entry.id} (${entry.category}): ${excerpt(entry.text, 80)}`).join('; ')}`,
  async run(input, { service, caller, cut }) {
    const { searchKnowledge } = await import('../../domain/knowledge.ts')
    const { cursor, ...query } = input
    const again = step('knowledge_search', query)
    const { entries, total, capped, origins } = await searchKnowledge(service, caller, {
      ...query,
      task: keyNumber(query.task),
      before: readCursor(cursor, KnowledgeKey, again),
    })
    const rows = cut.page('entries', entries, 6500, ({ at, resolvedAt, ...entry }) => {
      const origin = origins.get(keyNumber(entry.id))
      return {
        ...entry,
        at: isoTime(at),
        settled: resolvedAt !== undefined,
        ...(origin !== undefined && { imported_from: origin }),
      }
    })
    const { limit: _, ...filter } = query
    const narrowed = Object.values(filter).some((value) => value !== undefined)
    const last = rows.at(-1)
    const more = last !== undefined && (rows.length < entries.length || entries.length === query.limit)
    return {
      entries: rows,
      total,
      ...(more && { next_cursor: last.id }),
      next: more
        ? [...wordCap(capped), step('knowledge_search', { ...query, cursor: last.id })]
        : total === 0 && !narrowed
          ? [step('knowledge_add', { text: BLANK, category: BLANK })]
          : await nextWork(service, caller),
    }
  },
})
