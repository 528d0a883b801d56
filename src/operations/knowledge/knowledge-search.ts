import { z } from 'zod'
import { KnowledgeKey, keyNumber, TaskKey } from '../../../schemas/key.ts'
import { KnowledgeCategory, KnowledgeKind } from '../../../schemas/knowledge.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { Cursor, isoTime, Limit } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'
import { clip, fitting } from '../text.ts'

export const knowledgeSearch = defineOperation({
  name: 'knowledge_search',
  title: 'Search knowledge',
  description: 'Search lessons, blocking notes and suggestions by words, category, repository or task. Newest first.',
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
      }),
    ),
    total: z.int32(),
    next_cursor: z.string().optional(),
    next: Next,
  }),
  summarize: ({ entries, total }) =>
    `${total} entr${total === 1 ? 'y' : 'ies'}. ${entries.map((entry) => `${entry.id} (${entry.category}): ${entry.text.slice(0, 80)}`).join('; ')}`,
  async run(input, { service, caller }) {
    const { searchKnowledge } = await import('../../domain/knowledge.ts')
    const { task, cursor, ...rest } = input
    const { entries, total } = await searchKnowledge(service, caller, {
      ...rest,
      task: keyNumber(task),
      before: cursor === undefined ? undefined : keyNumber(KnowledgeKey.parse(cursor)),
    })
    const rows = entries.map(({ at, resolvedAt, ...entry }) => ({
      ...entry,
      text: clip(entry.text, 1000).text,
      at: isoTime(at),
      settled: resolvedAt !== undefined,
    }))
    const shown = fitting(rows, 6500)
    const last = shown.at(-1)
    return {
      entries: shown,
      total,
      ...(last !== undefined &&
        (shown.length < rows.length || rows.length === input.limit) && { next_cursor: last.id }),
      next: ['knowledge_add', 'task_claim'],
    }
  },
})
