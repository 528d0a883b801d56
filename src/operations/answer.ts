import { z } from 'zod'
import { PrdKey, TaskKey } from '../../schemas/key.ts'
import { PrdKind, PrdState } from '../../schemas/prd.ts'
import { TaskStatus } from '../../schemas/task.ts'
import type { Status } from '../domain/status.ts'
import type { TaskLine } from '../domain/task/read.ts'

/** How many tasks, by status; `ready` is the part of `todo` that can start now. */
export const Counts = z.object({
  total: z.int32(),
  ready: z.int32(),
  stale: z.int32(),
  todo: z.int32(),
  in_progress: z.int32(),
  in_review: z.int32(),
  done: z.int32(),
  failed: z.int32(),
  blocked: z.int32(),
  cancelled: z.int32(),
})
export type Counts = z.infer<typeof Counts>

export function countsOf({ total, ready, stale, byStatus }: Status['tasks']): Counts {
  const { todo = 0, in_progress = 0, in_review = 0, done = 0, failed = 0, blocked = 0, cancelled = 0 } = byStatus
  return { total, ready, stale, todo, in_progress, in_review, done, failed, blocked, cancelled }
}

/** A line of a list of PRDs. */
export const PrdRow = z.object({
  id: PrdKey,
  title: z.string(),
  kind: PrdKind.optional(),
  state: PrdState,
  repositories: z.array(z.string()).optional(),
  revision: z.int32().optional(),
  tasks: Counts,
  snippet: z.string().optional(),
})

/** A line of a list of tasks. */
export const TaskRow = z.object({
  id: TaskKey,
  title: z.string(),
  repository: z.string(),
  prd: PrdKey.optional(),
  status: TaskStatus,
  ready: z.boolean(),
  stale: z.boolean(),
  priority: z.int32(),
  complexity: z.string(),
  waiting_on: z.int32().describe('Dependencies that are not done'),
  holder: z.string().optional(),
  revision: z.int32(),
})

export function taskRowOf(line: TaskLine): z.infer<typeof TaskRow> {
  const { waitingOn, ...rest } = line
  return { ...rest, waiting_on: waitingOn }
}

/** A page is asked for with the cursor of the page before. */
export const Limit = z.int32().min(1).max(100).default(20).describe('Rows a page')
export const Cursor = z.string().max(40).optional().describe('next_cursor of the page before')

/** Time for models and people: ISO 8601 in UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString()
}
