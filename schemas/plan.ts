import { z } from 'zod'
import { PrdKey, RequirementKey, Revision, TaskKey } from './key.ts'
import { RepositoryName } from './repository.ts'
import { SourceLines } from './requirement.ts'
import { Complexity, Criterion, Priority, TaskContext } from './task.ts'

/** A task as an agent submits it. `ref` is its name inside the plan. */
export const PlannedTask = z.object({
  ref: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    .describe('Name in this plan, e.g. T1'),
  title: z.string().trim().min(1).max(300),
  repository: RepositoryName,
  description: z.string().max(20_000).default(''),
  acceptance_criteria: z.array(Criterion).max(30).default([]),
  test_cases: z.array(z.string().trim().min(1).max(500)).max(50).default([]),
  requirements: z.array(z.string().max(100)).max(100).default([]).describe('REQ keys or labels it realises'),
  depends_on: z.array(z.string().max(100)).max(100).default([]).describe('refs or TASK keys to be done first'),
  complexity: Complexity.default('medium'),
  priority: Priority.default(50),
  context: TaskContext.default({}),
})
export type PlannedTask = z.infer<typeof PlannedTask>

/** One thing wrong with a plan. A plan with any is refused whole. */
export const PlanProblem = z.object({
  code: z.enum([
    'duplicate_ref',
    'unknown_repository',
    'repository_outside_prd',
    'unknown_requirement',
    'unknown_dependency',
    'cycle',
    'uncovered_requirement',
    'duplicate_task',
    'missing_criteria',
    'untestable_criterion',
    'oversized_task',
    'self_dependency',
    'kept_task_conflict',
  ]),
  task: z.string().optional().describe('ref of the task it is about'),
  message: z.string().describe('What is wrong and how to mend it'),
})
export type PlanProblem = z.infer<typeof PlanProblem>

/** Why a requirement was put into a repository. */
export const Placement = z.object({
  requirement: z.string(),
  repository: z.string(),
  confidence: z.number().min(0).max(1),
  reason: z.string(),
})
export type Placement = z.infer<typeof Placement>

/** A requirement as the packet shows it. */
export const PacketRequirement = z.object({
  id: RequirementKey,
  label: z.string().optional(),
  text: z.string(),
  lines: SourceLines,
  criteria: z.array(z.string()),
})

/** What `plan_draft` returns: all an agent needs to answer with `plan_submit`. */
export const PlanDraft = z.object({
  prd: PrdKey,
  base_revision: Revision,
  requirements: z.array(PacketRequirement),
  placements: z.array(Placement),
  tasks: z.array(PlannedTask).describe('Deterministic draft; refine it and submit it'),
  waves: z.array(z.array(z.string())).describe('refs that can run at once, wave after wave'),
  critical_path: z.array(z.string()).describe('The longest chain of refs by size'),
  questions: z.array(z.string()).describe('What evidence does not decide; ask or decide, then submit'),
  kept: z
    .array(z.object({ task: TaskKey, title: z.string(), status: z.string() }))
    .describe('Tasks of an earlier plan that stay'),
})
export type PlanDraft = z.infer<typeof PlanDraft>
