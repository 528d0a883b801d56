import { z } from 'zod'
import { Instant, KnowledgeKey, TaskKey } from './key.ts'

export const KnowledgeCategory = z.enum([
  'architecture',
  'testing',
  'api',
  'database',
  'performance',
  'security',
  'tooling',
  'patterns',
  'gotchas',
])
export type KnowledgeCategory = z.infer<typeof KnowledgeCategory>

/** `lesson` stays for good; `blocking` stops a task until settled; `suggestion` is advice for one task. */
export const KnowledgeKind = z.enum(['lesson', 'blocking', 'suggestion'])
export type KnowledgeKind = z.infer<typeof KnowledgeKind>

export const Knowledge = z.object({
  id: KnowledgeKey,
  kind: KnowledgeKind,
  category: KnowledgeCategory,
  text: z.string(),
  repository: z.string().optional().describe('Absent where it holds for every repository'),
  task: TaskKey.optional(),
  by: z.string(),
  at: Instant,
  resolvedAt: Instant.optional(),
})
export type Knowledge = z.infer<typeof Knowledge>
