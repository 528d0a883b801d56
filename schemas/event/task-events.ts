import { z } from 'zod'
import { Cause } from '../cause.ts'
import { TaskContext, TaskStatus } from '../task.ts'
import { event, list } from './head.ts'

/** Fields that an edit changed, as they are now. */
const edited = {
  title: z.string().optional(),
  description: z.string().optional(),
  acceptanceCriteria: list(z.string()).optional(),
  testCases: list(z.string()).optional(),
  complexity: z.string().optional(),
  priority: z.number().optional(),
  before: z.number().optional().describe('Number of the task it was put before'),
  after: z.number().optional().describe('Number of the task it was put after'),
  context: TaskContext.optional().describe('What was added to the context'),
  dependsOn: list(z.number()).optional().describe('Numbers of the tasks it waits for'),
  requirements: list(z.number()).optional().describe('Numbers of the requirements it realises'),
  note: z.string().optional(),
}

const moved = {
  from: TaskStatus.describe('Status before'),
  to: TaskStatus.describe('Status now'),
  reason: z.string().optional().describe('The cause as a sentence'),
  cause: Cause.optional(),
  importedFrom: z.string().optional().describe('Tool whose import moved it'),
  ...edited,
}

const closed = {
  summary: z.string().describe('What was done'),
  readied: z.int().describe('How many tasks can start now'),
  validation: z.string().optional().describe('Key of the validation it rests on'),
  reason: z.string().optional().describe('Why it was closed without proof'),
}

/** A change of a task's row is exactly one of these, with the revision the row has since. */
export const taskEvents = [
  event('task.created', 'A task was added, by a plan or by hand', {
    title: z.string(),
    status: TaskStatus.optional().describe('Where it is not to do'),
    plan: z.string().optional().describe('Key of the plan it belongs to'),
    followUpOf: z.string().optional().describe('Key of the task on which it was discovered'),
    cause: Cause.optional().describe('Why it is blocked from the start'),
  }),
  event('task.imported', 'A task came from elsewhere', {
    from: z.string().describe('Tool it comes from'),
    title: z.string(),
    status: TaskStatus,
    cause: Cause.optional(),
  }),
  event('task.claimed', 'Somebody took it to work on', {
    fence: z.int().describe('How often it was claimed'),
    title: z.string(),
  }),
  event('task.lease_expired', 'Its holder gave no sign of life: it is to do again', {
    holder: z.string(),
    fence: z.int(),
    expiredAt: z.int(),
    gone: z.boolean().optional().describe('Its process is known to be gone'),
  }),
  event('task.lease_inherited', 'The claim of a dead worker went to another; it stays the same claim', {
    fence: z.int(),
    holder: z.string().describe('Who holds it now'),
    from: z.string().optional().describe('Worker that died'),
  }),
  event('task.released', 'Its holder gave it back', moved),
  event('task.in_review', 'Its holder handed it to a review', moved),
  event('task.blocked', 'It cannot go on', moved),
  event('task.failed', 'It was given up', moved),
  event('task.cancelled', 'Nobody will do it', moved),
  event('task.reopened', 'It is to do again', moved),
  event('task.updated', 'Fields of it changed', {
    ...edited,
    plan: z.string().optional().describe('Key of the plan that changed it'),
    from: z.string().optional().describe('Tool whose import changed it'),
    fields: list(z.string()).optional().describe('Names of what the import changed'),
  }),
  event('task.noted', 'A note was added; its revision stays', edited),
  event('task.stale', 'Its PRD changed in a way that touches it', {
    requirements: list(z.int()).describe('Numbers of its requirements that changed or went'),
  }),
  event('task.kept', 'A plan keeps it as it is: it is stale no more', {
    plan: z.string().describe('Key of that plan'),
  }),
  event('task.validated', 'The checks ran; its revision stays', {
    validation: z.string().describe('Key of the validation'),
    passed: z.boolean(),
    tree: z.string().describe('Hash of the tree that was checked'),
    checks: list(
      z.object({
        kind: z.string(),
        status: z.string(),
        exitCode: z.int().nullish(),
        durationMs: z.number(),
      }),
    ),
  }),
  event('task.completed', 'It is done, with proof', closed),
  event('task.overridden', 'It is done by the word of a person', closed),
] as const
