import { z } from 'zod'
import { keyNumber, TaskKey } from '../../../schemas/key.ts'
import { defineOperation } from '../operation.ts'
import { packetOf, TaskPacket } from './task-packet.ts'

export const taskGet = defineOperation({
  name: 'task_get',
  title: 'Read task',
  description:
    'Read a task with everything needed to work on it: criteria, requirements, contracts, dependencies and their evidence, check commands, lessons, notes.',
  toolset: 'tasks',
  effect: 'read',
  action: 'task.read',
  alwaysLoad: true,
  input: z.object({ task: TaskKey }),
  output: TaskPacket,
  summarize: ({ id, title, status, repository }) => `${id} "${title}" in ${repository} is ${status}.`,
  async run(input, { service, caller }) {
    const { readTask } = await import('../../domain/task/read.ts')
    const { task, packet, evidence } = await readTask(service, caller, keyNumber(input.task))
    const next =
      task.status === 'in_progress'
        ? [`task_validate task="${task.id}"`]
        : task.ready
          ? [`task_claim task="${task.id}"`]
          : ['task_list ready=true']
    return { ...packetOf(task, packet, evidence), next }
  },
})
