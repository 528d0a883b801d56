import { z } from 'zod'
import { KnowledgeKey, keyNumber, TaskKey } from '../../../schemas/key.ts'
import { KnowledgeCategory, KnowledgeKind } from '../../../schemas/knowledge.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'

export const knowledgeAdd = defineOperation({
  name: 'knowledge_add',
  title: 'Add knowledge',
  description: 'Note a lesson, a blocking note, or a suggestion for one task; whoever claims matching work gets it.',
  toolset: 'tasks',
  effect: 'write',
  action: 'knowledge.add',
  input: z.object({
    text: z.string().trim().min(1).max(4000),
    category: KnowledgeCategory,
    kind: KnowledgeKind.default('lesson'),
    repository: RepositoryName.optional().describe('Default: all'),
    task: TaskKey.optional().describe('For a suggestion'),
  }),
  output: z.object({ id: KnowledgeKey, next: Next }),
  summarize: ({ id }) => `Noted ${id}.`,
  async run(input, { service, caller, request }) {
    const { addKnowledge } = await import('../../domain/knowledge.ts')
    const entry = await addKnowledge(service, caller, { ...input, task: keyNumber(input.task) }, request)
    return {
      id: entry.id,
      next: await nextWork(service, caller),
    }
  },
})
