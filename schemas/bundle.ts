import { z } from 'zod'
import { Instant } from './key.ts'
import { KnowledgeCategory, KnowledgeKind } from './knowledge.ts'
import { PrdKind, PrdState } from './prd.ts'
import { Complexity, Criterion, Priority, TaskContext, TaskStatus } from './task.ts'

/** Kinds of folders and files that specs and tasks come from; `speki` is what SPEKI itself exports. */
export const BundleFormat = z.enum([
  'markdown',
  'speki',
  'qala',
  'openspec',
  'spec_kit',
  'task_master',
  'backlog_md',
  'beads',
  'shrimp',
])
export type BundleFormat = z.infer<typeof BundleFormat>

/** Id that an object has where it comes from; unique among its kind in one bundle. */
const Ref = z.string().min(1).max(300)

const InConflict = z
  .array(z.string())
  .optional()
  .describe('Fields that stand as they were in the folder, since both sides changed them, where SPEKI exported it')

/** Fields without a counterpart here, kept as they were and given back on export. */
const Extra = z.record(z.string(), z.json())

export const BundlePrd = z.object({
  ref: Ref,
  title: z.string().trim().min(1).max(300),
  kind: PrdKind,
  state: PrdState,
  body: z.string().describe('Markdown, word for word'),
  revision: z.int().min(1).optional().describe('Number of this text, where SPEKI exported it'),
  version: z.int().min(1).optional().describe('Counts every change of the record, where SPEKI exported it'),
  in_conflict: InConflict,
  parent: Ref.optional().describe('ref of a PRD of this bundle'),
  repositories: z.array(z.string()).describe('Names of repositories, where the source names any'),
  owners: z.array(z.string()),
  created_at: Instant.optional(),
  updated_at: Instant.optional(),
  extra: Extra,
})
export type BundlePrd = z.infer<typeof BundlePrd>

export const BundleTask = z.object({
  ref: Ref,
  alias: z.string().max(100).optional().describe('Id that people know it by, for example US-001'),
  prd: Ref.optional().describe('ref of a PRD of this bundle'),
  repository: z.string().optional().describe('Name of its repository, where the source names one'),
  title: z.string().trim().min(1).max(300),
  description: z.string().max(20_000),
  status: TaskStatus,
  block_reason: z.string().max(2000).optional(),
  acceptance_criteria: z.array(Criterion),
  test_cases: z.array(z.string().trim().min(1).max(500)),
  requirements: z
    .array(z.string())
    .describe('Labels of requirements in the body of its PRD; @3 is the third one, "ref#FR-1" one of another PRD'),
  depends_on: z.array(Ref).describe('refs of tasks of this bundle'),
  complexity: Complexity,
  priority: Priority,
  context: TaskContext,
  notes: z.array(z.object({ text: z.string().min(1).max(20_000), by: z.string().optional(), at: Instant.optional() })),
  created_at: Instant.optional(),
  updated_at: Instant.optional(),
  finished_at: Instant.optional(),
  revision: z.int().min(1).optional().describe('Counts its changes, where SPEKI exported it'),
  in_conflict: InConflict,
  extra: Extra,
})
export type BundleTask = z.infer<typeof BundleTask>

/** Files of before say `criteria`. */
export function withTodaysNames(task: unknown): unknown {
  if (typeof task !== 'object' || task === null || !('criteria' in task)) return task
  const { criteria, ...others } = task
  return { acceptance_criteria: criteria, ...others }
}

export const BundleKnowledge = z.object({
  ref: Ref,
  kind: KnowledgeKind,
  category: KnowledgeCategory,
  text: z.string().min(1).max(20_000),
  task: Ref.optional(),
  repository: z.string().optional(),
  by: z.string().optional(),
  at: Instant.optional(),
  resolved_at: Instant.optional(),
  extra: Extra,
})
export type BundleKnowledge = z.infer<typeof BundleKnowledge>

/** Something read that no PRD, task or knowledge entry holds. */
export const Homeless = z.object({
  path: z.string().describe('File, relative to the folder that was read'),
  what: z.string().describe('What it is, for example "queue of 3 tasks"'),
  why: z.string().describe('Why it has no place, and where it is kept'),
})
export type Homeless = z.infer<typeof Homeless>

/** Specs, tasks and knowledge on their way in or out. Tasks stand in working order. */
export const Bundle = z.object({
  format: BundleFormat,
  workspace: z.string().optional().describe('Id of the workspace that SPEKI exported it from; refs are its keys'),
  prds: z.array(BundlePrd),
  tasks: z.array(z.preprocess(withTodaysNames, BundleTask)),
  knowledge: z.array(BundleKnowledge),
  homeless: z.array(Homeless),
})
export type Bundle = z.infer<typeof Bundle>
