import { z } from 'zod'
import { Instant, PrdKey, RequirementKey, Revision, TaskKey } from './key.ts'

export const TaskStatus = z.enum(['todo', 'in_progress', 'in_review', 'done', 'failed', 'blocked', 'cancelled'])
export type TaskStatus = z.infer<typeof TaskStatus>

export const Complexity = z.enum(['low', 'medium', 'high'])
export type Complexity = z.infer<typeof Complexity>

/** 1 is most urgent; work of equal priority goes by position. */
export const Priority = z.int32().min(1).max(100).describe('1 (first) to 100')

export const Criterion = z.string().trim().min(1).max(1000)

/** What the worker should know beyond the description: all optional, all advisory but contracts. */
export const TaskContext = z.object({
  files: z.array(z.string().max(500)).max(50).optional().describe('To create or change'),
  contracts: z.array(z.string().max(4000)).max(20).optional().describe('Interfaces that bind'),
  references: z.array(z.string().max(500)).max(50).optional().describe('Where to read on'),
  notes: z.string().max(4000).optional(),
})
export type TaskContext = z.infer<typeof TaskContext>

/** What a plan, an import or a person says about a task; in answers and files the names are snake_case. */
export interface TaskFields {
  readonly title: string
  readonly description: string
  readonly acceptanceCriteria: readonly string[]
  readonly testCases: readonly string[]
  readonly complexity: Complexity
  /** 1 (first) to 100 (last). */
  readonly priority: number
  readonly context: TaskContext
}

/** The same as it is written in arguments and files. */
export interface WrittenTaskFields extends Omit<TaskFields, 'acceptanceCriteria' | 'testCases'> {
  readonly acceptance_criteria: readonly string[]
  readonly test_cases: readonly string[]
}

export function taskFieldsOf(written: WrittenTaskFields): TaskFields {
  const { title, description, acceptance_criteria, test_cases, complexity, priority, context } = written
  return {
    title,
    description,
    acceptanceCriteria: acceptance_criteria,
    testCases: test_cases,
    complexity,
    priority,
    context,
  }
}

/** Some of them. */
export type SomeTaskFields = { readonly [Name in keyof TaskFields]?: TaskFields[Name] | undefined }

export const Task = z.object({
  id: TaskKey,
  alias: z.string().optional().describe('Id it had elsewhere, or its ref in the plan'),
  title: z.string(),
  description: z.string(),
  repository: z.string(),
  prd: PrdKey.optional().describe('Absent for ad-hoc work'),
  prdRevision: Revision.optional().describe('Revision of the PRD it was cut from'),
  stale: z.boolean().describe('The PRD changed in a way that touches this task'),
  status: TaskStatus,
  ready: z.boolean().describe('To do, with every dependency done'),
  acceptanceCriteria: z.array(Criterion),
  testCases: z.array(z.string()),
  requirements: z.array(RequirementKey),
  dependsOn: z.array(TaskKey),
  complexity: Complexity,
  priority: Priority,
  position: z.number().describe('Order among tasks of equal priority'),
  context: TaskContext,
  blockReason: z.string().optional(),
  holder: z.string().optional().describe('Who works on it now'),
  leaseExpiresAt: Instant.optional(),
  fence: z.int().describe('How often it was claimed; the token of a lease carries it'),
  revision: Revision,
  createdAt: Instant,
  updatedAt: Instant,
  finishedAt: Instant.optional(),
})
export type Task = z.infer<typeof Task>

export const TaskNote = z.object({ text: z.string(), by: z.string(), at: Instant })
export type TaskNote = z.infer<typeof TaskNote>
