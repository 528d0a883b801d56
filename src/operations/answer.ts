import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../schemas/key.ts'
import { PrdKind, PrdState } from '../../schemas/prd.ts'
import { TaskStatus } from '../../schemas/task.ts'
import type { Status } from '../domain/status.ts'
import type { TaskLine } from '../domain/task/read.ts'
import { SpekiError } from '../errors.ts'
import { hint, type Step } from '../step.ts'

/** How many tasks, by status; `ready` is the part of `todo` that can start now. */
export const Counts = z.object({
  total: z.int(),
  ready: z.int(),
  stale: z.int(),
  todo: z.int(),
  in_progress: z.int(),
  in_review: z.int(),
  done: z.int(),
  failed: z.int(),
  blocked: z.int(),
  cancelled: z.int(),
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
  revision: z.int().optional(),
  tasks: Counts,
  snippet: z.string().optional(),
  imported_from: z.string().optional(),
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
  priority: z.int(),
  complexity: z.string(),
  waiting_on: z.int().describe('Dependencies that are not done'),
  holder: z.string().optional(),
  revision: z.int(),
  imported_from: z.string().optional(),
})

export function taskRowOf(line: TaskLine): z.infer<typeof TaskRow> {
  const { waitingOn, importedFrom, ...rest } = line
  return { ...rest, waiting_on: waitingOn, ...(importedFrom !== undefined && { imported_from: importedFrom }) }
}

/** A page is asked for with the cursor of the page before. */
export const Limit = z.int32().min(1).max(100).default(20).describe('At most 100')
export const Cursor = z.string().max(100).optional().describe('next_cursor')

/** The number in a cursor, which is the key of the last row of the page before; what is none leads back to the first page. */
export function readCursor(cursor: string | undefined, key: z.ZodString, first: Step): number | undefined {
  if (cursor === undefined) return undefined
  const known = key.safeParse(cursor)
  if (known.success) return keyNumber(known.data)
  throw expiredCursor(cursor, first)
}

/** Said where more was found than a search counts. */
export function wordCap(capped: number | undefined): readonly string[] {
  return capped === undefined ? [] : [`${capped} texts or more match, and the best are counted: narrow the query`]
}

export function expiredCursor(cursor: string, first: Step): SpekiError {
  return new SpekiError('invalid_input', `No page follows the cursor "${cursor}": what it names is not there.`, {
    hint: hint`Begin again: ${first}.`,
  })
}

/** Time for models and people: ISO 8601 in UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString()
}
