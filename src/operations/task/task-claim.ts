import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { isoTime } from '../answer.ts'
import { type Call, defineOperation, Next } from '../operation.ts'
import { packetOf, TaskPacket } from './task-packet.ts'

export const taskClaim = defineOperation({
  name: 'task_claim',
  title: 'Claim task',
  description:
    'Claim the next ready task (by repository or PRD), or a given one: returns the task, a lease token and the work packet. Two claimers never get one task.',
  toolset: 'tasks',
  effect: 'write',
  action: 'task.claim',
  alwaysLoad: true,
  input: z.object({
    task: TaskKey.optional(),
    repository: RepositoryName.optional(),
    prd: PrdKey.optional(),
    worktree: z
      .boolean()
      .default(false)
      .describe('Make one for it, with checkpoints; what you complete there lands in the change set'),
  }),
  output: z.object({
    claimed: z.boolean().describe('false: nothing is ready'),
    lease: z
      .object({ token: z.string().describe('Pass it to task_validate and task_complete'), expires_at: z.string() })
      .optional(),
    worktree: z.string().optional().describe('Work here and nowhere else'),
    beside: z
      .array(z.string())
      .optional()
      .describe('What it builds on and lies beside it, with what has landed so far: to be read, not to be changed'),
    task: TaskPacket.optional(),
    next: Next,
  }),
  summarize: ({ task, lease }) =>
    task === undefined
      ? 'Nothing is ready.'
      : `Claimed ${task.id} "${task.title}" in ${task.repository} until ${lease?.expires_at}.`,
  async run(input, { service, caller, request, execution, signal }) {
    const { claimTask } = await import('../../domain/task/claim.ts')
    const claim = await claimTask(
      service,
      caller,
      {
        task: keyNumber(input.task),
        repository: input.repository,
        prd: keyNumber(input.prd),
      },
      request,
    )
    if (claim === undefined) return { claimed: false, next: ['speki_status', 'task_list blocked=true'] }
    const { task, lease, packet } = claim
    const next = [`task_validate task="${task.id}" lease_token="…"`, `task_complete task="${task.id}" lease_token="…"`]
    const own = input.worktree ? await openFor(execution, caller, keyNumber(task.id), lease.token, signal) : undefined
    return {
      claimed: true,
      ...(own !== undefined && { worktree: own.worktree }),
      ...(own !== undefined && own.beside.length > 0 && { beside: [...own.beside] }),
      lease: { token: lease.token, expires_at: isoTime(lease.expiresAt) },
      task: { ...packetOf(task, packet, undefined), next },
      next,
    }
  },
})

async function openFor(
  execution: Call['execution'],
  caller: Call['caller'],
  taskId: number,
  token: string,
  signal: AbortSignal,
) {
  const { openOwnWorktree } = await import('../../execution/chat/own-worktree.ts')
  return await openOwnWorktree(await execution(), caller, taskId, token, signal)
}
