import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { TaskStatus } from '../../../schemas/task.ts'
import { Cursor, Limit, TaskRow, taskRowOf } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'

export const taskList = defineOperation({
  name: 'task_list',
  title: 'List tasks',
  description:
    'List or search tasks in working order: ready, blocked, stale, by status, repository, PRD, holder, or full text. Pages by cursor.',
  toolset: 'tasks',
  effect: 'read',
  action: 'task.read',
  input: z.object({
    ready: z.boolean().optional(),
    blocked: z.boolean().optional().describe('Blocked, or waiting for a dependency'),
    stale: z.boolean().optional(),
    status: TaskStatus.optional(),
    repository: RepositoryName.optional(),
    prd: PrdKey.optional(),
    assignee: z.string().max(200).optional().describe('Name of the holder'),
    query: z.string().max(500).optional(),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ tasks: z.array(TaskRow), total: z.int32(), next_cursor: z.string().optional(), next: Next }),
  summarize: ({ tasks, total }) =>
    `${total} task(s). ${tasks.map((task) => `${task.id} ${task.status}${task.ready ? ' (ready)' : ''}: ${task.title}`).join('; ')}`,
  async run(input, { service, caller }) {
    const { queryTasks } = await import('../../domain/task/read.ts')
    const { prd, cursor, ...rest } = input
    const { tasks, total } = await queryTasks(service, caller, {
      ...rest,
      prd: keyNumber(prd),
      after: cursor === undefined ? undefined : keyNumber(TaskKey.parse(cursor)),
    })
    const last = tasks.at(-1)
    return {
      tasks: tasks.map(taskRowOf),
      total,
      ...(last !== undefined && tasks.length === input.limit && { next_cursor: last.id }),
      next: tasks.some((task) => task.ready) ? ['task_claim'] : ['speki_status'],
    }
  },
})
