import { z } from 'zod'
import { keyNumber, TaskKey } from '../../../schemas/key.ts'
import type { Task } from '../../../schemas/task.ts'
import type { Packet } from '../../domain/task/packet.ts'
import { BLANK, hint, type Sentence, type Step, step } from '../../step.ts'
import { claimNext, nextWork, reviveOf } from '../next-work.ts'
import { type Call, defineOperation } from '../operation.ts'
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
      return { ...answer, next: await nextAfter(service, caller, await readAfterTask(service, caller, keyNumber(key))) }
    }
    return { ...answer, next: await nextFor(task, packet, { service, caller }) }
  },
})

/** Characters for the parts of a packet that can be long: the answer with all else stays within its budget. */
const ROOM = 5000

async function nextFor(
  { id, status, ready, holder, revision, prd }: Task,
  { dependencies }: Packet,
  { service, caller }: Pick<Call, 'service' | 'caller'>,
): Promise<(Step | Sentence)[]> {
  if (status === 'in_progress') {
    if (holder === caller.name) return [step('task_validate', { task: id, lease_token: BLANK })]
    const [other] = await nextWork(service, caller)
    return [hint`${holder ?? 'Somebody'} works on it: other work is ${other ?? step('speki_status')}`]
  }
  const resting = prd === undefined ? undefined : await reviveStep(service, caller, prd)
  if (resting !== undefined) return [resting]
  if (ready) return [await claimNext(service, caller, id)]
  if (status === 'todo') {
    const open = dependencies.find((dependency) => dependency.status !== 'done')
    return open === undefined ? await nextWork(service, caller) : [step('task_get', { task: open.id })]
  }
  if (status === 'in_review') return [step('activity_list', { subject: id })]
  return [step('task_update', { task: id, revision, status: 'todo' })]
}

/** What brings back the PRD that keeps its tasks from being worked on; undefined where none does. */
async function reviveStep(service: Call['service'], caller: Call['caller'], prd: string): Promise<Step | undefined> {
  const { readNeeds } = await import('../../domain/outlook.ts')
  return reviveOf(prd, await readNeeds(service, caller, keyNumber(prd)))
}
