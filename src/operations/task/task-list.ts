import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { TaskStatus } from '../../../schemas/task.ts'
import type { TaskLine } from '../../domain/task/read.ts'
import { type Step, step } from '../../step.ts'
import { Cursor, Limit, readCursor, TaskRow, taskRowOf, wordCap } from '../answer.ts'
import { claimNext, nextWork } from '../next-work.ts'
import { type Call, defineOperation, Next } from '../operation.ts'

export const taskList = defineOperation({
  name: 'task_list',
  title: 'List tasks',
  description: 'List or search tasks in working order.',
  toolset: 'tasks',
  effect: 'read',
  action: 'task.read',
  input: z.object({
    ready: z.boolean().optional(),
    blocked: z.boolean().optional().describe('Or waiting for a dependency'),
    stale: z.boolean().optional(),
    status: TaskStatus.optional(),
    repository: RepositoryName.optional(),
    prd: PrdKey.optional(),
    assignee: z.string().max(200).optional().describe('Holder'),
    query: z.string().max(500).optional(),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ tasks: z.array(TaskRow), total: z.int32(), next_cursor: z.string().optional(), next: Next }),
  summarize: ({ tasks, total }) =>
    `${total} task(s). ${tasks.map((task) => `${task.id} ${task.status}${task.ready ? ' (ready)' : ''}: ${task.title}`).join('; ')}`,
  async run(input, { service, caller, cut }) {
    const { queryTasks } = await import('../../domain/task/read.ts')
    const { prd, cursor, ...rest } = input
    const query = { ...rest, prd }
    const { tasks, total, capped } = await queryTasks(service, caller, {
      ...rest,
      prd: keyNumber(prd),
      after: readCursor(cursor, TaskKey, step('task_list', query)),
    })
    const rows = cut.page('tasks', tasks, 7500, taskRowOf)
    const last = rows.at(-1)
    const more = last !== undefined && (rows.length < tasks.length || tasks.length === input.limit)
    return {
      tasks: rows,
      total,
      ...(more && { next_cursor: last.id }),
      next: [
        ...wordCap(capped),
        ...(await nextOf(tasks, { service, caller })),
        ...(more ? [step('task_list', { ...query, cursor: last.id })] : []),
      ],
    }
  },
})

/** What the asking session holds, else the first that can be worked on, else the first that waits for somebody to look. */
async function nextOf(
  tasks: readonly TaskLine[],
  { service, caller }: Pick<Call, 'service' | 'caller'>,
): Promise<readonly Step[]> {
  const own = tasks.find(({ status, holder }) => status === 'in_progress' && holder === caller.name)
  if (own !== undefined) return [step('task_get', { task: own.id })]
  const ready = tasks.find((task) => task.ready)
  if (ready !== undefined) return [await claimNext(service, caller, ready.id)]
  const stuck = tasks.find(({ status }) => status === 'blocked' || status === 'failed')
  if (stuck !== undefined) return [step('task_get', { task: stuck.id })]
  return (await nextWork(service, caller)).slice(0, 2)
}
