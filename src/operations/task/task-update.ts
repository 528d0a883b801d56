import { z } from 'zod'
import { keyNumber, RequirementKey, TaskKey } from '../../../schemas/key.ts'
import { Complexity, Criterion, Priority, type Task, TaskContext, TaskStatus } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, hint, type Step, step } from '../../step.ts'
import { claimNext, nextWork } from '../next-work.ts'
import { type Call, defineOperation, Next } from '../operation.ts'

export const taskUpdate = defineOperation({
  name: 'task_update',
  title: 'Update task',
  description:
    'Change tasks: release (todo), block, fail, cancel or reopen with reason; fields, order, dependencies; add a note. Pass revision, the holder lease_token.',
  toolset: 'tasks',
  effect: 'write',
  action: 'task.edit',
  alwaysLoad: true,
  input: z.object({
    task: TaskKey.optional(),
    tasks: z.array(TaskKey).min(1).max(200).optional().describe('The same change for many, all or none'),
    revision: z.int32().min(1).optional().describe('You read'),
    lease_token: z.string().max(200).optional(),
    status: TaskStatus.optional(),
    reason: z.string().max(2000).optional(),
    note: z.string().min(1).max(10_000).optional(),
    title: z.string().trim().min(1).max(300).optional(),
    description: z.string().max(20_000).optional(),
    acceptance_criteria: z.array(Criterion).max(30).optional(),
    test_cases: z.array(z.string().max(500)).max(50).optional(),
    complexity: Complexity.optional(),
    priority: Priority.optional(),
    before: TaskKey.optional().describe('Right before this one'),
    after: TaskKey.optional(),
    depends_on: z.array(TaskKey).max(100).optional().describe('Replaces all'),
    requirements: z.array(RequirementKey).max(100).optional().describe('Replaces all'),
    context: TaskContext.optional(),
  }),
  output: z.object({
    tasks: z.array(z.object({ id: TaskKey, status: TaskStatus, ready: z.boolean(), revision: z.int32() })),
    stranded: z.array(TaskKey).describe('Tasks that still wait for a cancelled or failed one'),
    next: Next,
  }),
  summarize: ({ tasks }) => tasks.map((task) => `${task.id} is ${task.status}, revision ${task.revision}`).join('; '),
  async run(input, { service, caller, request }) {
    const {
      task,
      tasks,
      revision,
      lease_token: token,
      acceptance_criteria: acceptanceCriteria,
      test_cases: testCases,
      before,
      after,
      depends_on,
      requirements,
      ...rest
    } = input
    const keys = tasks ?? (task === undefined ? [] : [task])
    if (keys.length === 0 || (task !== undefined && tasks !== undefined)) {
      throw new SpekiError('invalid_input', 'Name one task, or several in tasks. Nothing was changed.', {
        hint: hint`For example ${step('task_update', { task: 'TASK-12' })}.`,
      })
    }
    const change = {
      ...rest,
      acceptanceCriteria,
      testCases,
      before: keyNumber(before),
      after: keyNumber(after),
      dependsOn: depends_on?.map((key) => keyNumber(key)),
      requirements: requirements?.map((key) => keyNumber(key)),
    }
    const asksMore = Object.entries(change).some(([name, value]) => value !== undefined && name !== 'note')
    if (asksMore && revision === undefined && token === undefined && tasks === undefined) {
      throw new SpekiError('invalid_input', 'A change names the revision it is based on. Nothing was changed.', {
        hint: hint`Pass your lease_token, or the revision from ${step('task_get', { task: keys[0] })}.`,
      })
    }
    if (!asksMore && change.note === undefined)
      throw new SpekiError('invalid_input', 'Nothing to change was given.', { hint: 'Give status, a note or a field.' })
    const { changeTasks, listStranded } = await import('../../domain/task/change.ts')
    const changed = await changeTasks(
      service,
      caller,
      keys.map((key) => ({ id: keyNumber(key), revision, token })),
      change,
      request,
    )
    const stops = change.status === 'cancelled' || change.status === 'failed'
    const stranded = stops
      ? await listStranded(
          service,
          caller,
          keys.map((key) => keyNumber(key)),
        )
      : []
    return {
      tasks: changed.map(({ id, status, ready, revision: now }) => ({ id, status, ready, revision: now })),
      stranded: [...stranded],
      next: await nextOf(changed, stranded, token !== undefined && change.status === 'todo', { service, caller }),
    }
  },
})

/** What waits for what was given up is looked at first; then the task is gone on with, or other work. */
async function nextOf(
  changed: readonly Task[],
  stranded: readonly string[],
  released: boolean,
  { service, caller }: Pick<Call, 'service' | 'caller'>,
): Promise<Step[]> {
  const [waiting] = stranded
  if (waiting !== undefined) return [step('task_update', { task: waiting, revision: BLANK, depends_on: BLANK })]
  const working = changed.find(({ status, holder }) => status === 'in_progress' && holder === caller.name)
  if (working !== undefined) return [step('task_validate', { task: working.id, lease_token: BLANK })]
  const ready = changed.find((task) => task.ready)
  // What was just given back is no more for whoever gave it back than other work.
  return ready === undefined || released
    ? await nextWork(service, caller)
    : [await claimNext(service, caller, ready.id)]
}
