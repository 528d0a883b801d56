import { z } from 'zod'
import { keyNumber, TaskKey } from '../../../schemas/key.ts'
import type { Task } from '../../../schemas/task.ts'
import { BLANK, hint, type Sentence, type Step, step } from '../../step.ts'
import { defineOperation } from '../operation.ts'
import { nextAfter } from './next-after.ts'
import { packetOf, TaskPacket } from './task-packet.ts'

export const taskGet = defineOperation({
  name: 'task_get',
  title: 'Read task',
  description:
    'Read a task with all that working on it needs: criteria, requirements, contracts, dependencies with evidence, checks, lessons, notes.',
  toolset: 'tasks',
  effect: 'read',
  action: 'task.read',
  alwaysLoad: true,
  input: z.object({
    task: TaskKey,
    section: z.string().max(50).optional().describe('Only this truncated field'),
    from: z.int().min(0).default(0).describe('Place in it'),
  }),
  output: TaskPacket,
  summarize: ({ id, title, status, repository }) => `${id} "${title}" in ${repository} is ${status}.`,
  async run({ task: key, section, from }, { service, caller, cut }) {
    const { readTask } = await import('../../domain/task/read.ts')
    const { readAfterTask } = await import('../../domain/change-set/undelivered.ts')
    const { task, packet, evidence } = await readTask(service, caller, keyNumber(key), from)
    const answer = packetOf(task, packet, evidence, { cut, room: ROOM, section, from })
    if (task.status === 'done') {
      return { ...answer, next: nextAfter(await readAfterTask(service, caller, keyNumber(key))) }
    }
    return { ...answer, next: [nextFor(task, caller.name)] }
  },
})

/** Characters for the parts of a packet that can be long: the answer with all else stays within its budget. */
const ROOM = 5000

function nextFor({ id, status, ready, holder, revision, dependsOn }: Task, asker: string): Step | Sentence {
  if (status === 'in_progress')
    return holder === asker
      ? step('task_validate', { task: id, lease_token: BLANK })
      : hint`${holder ?? 'Somebody'} works on it: other work is ${step('task_claim')}`
  if (ready) return step('task_claim', { task: id })
  if (status === 'todo')
    return dependsOn[0] === undefined ? step('task_list', { ready: true }) : step('task_get', { task: dependsOn[0] })
  if (status === 'in_review') return step('activity_list', { subject: id })
  return step('task_update', { task: id, revision, status: 'todo' })
}
