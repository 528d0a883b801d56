import { z } from 'zod'
import { changeSetKey, keyNumber, PrdKey, prdKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { TaskStatus } from '../../../schemas/task.ts'
import type { AfterTask } from '../../domain/change-set/undelivered.ts'
import type { Idle } from '../../domain/task/idle.ts'
import { BLANK, type Step, step } from '../../step.ts'
import { isoTime } from '../answer.ts'
import { deliveryStep } from '../change-set/delivery-step.ts'
import { nextWork } from '../next-work.ts'
import { type Call, defineOperation, Next } from '../operation.ts'
import { prdWork } from '../prd/prd-work.ts'
import { packetOf, TaskPacket } from './task-packet.ts'

export const taskClaim = defineOperation({
  name: 'task_claim',
  title: 'Claim task',
  description:
    'Claim the next ready task, or a given one: returns a lease token and the work packet. Two claimers never get one task; the holder gets a new token.',
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
      .describe('Make one, with checkpoints; what is completed there lands in the change set'),
  }),
  output: z.object({
    claimed: z.boolean().describe('false: nothing is ready; why says what stands in the way'),
    why: z
      .array(
        z.object({ task: TaskKey, title: z.string(), repository: z.string(), status: TaskStatus, reason: z.string() }),
      )
      .optional(),
    reason: z.string().optional().describe('Where no task stands in the way'),
    lease: z
      .object({ token: z.string().describe('Pass it to task_validate and task_complete'), expires_at: z.string() })
      .optional(),
    worktree: z.string().optional().describe('Work here and nowhere else'),
    kept_out: z.string().optional().describe('What your settings lack for writing there'),
    beside: z
      .array(z.string())
      .optional()
      .describe('What it builds on and lies beside it, with what has landed so far: to be read, not to be changed'),
    task: TaskPacket.optional(),
    next: Next,
  }),
  summarize: ({ task, lease, kept_out, why = [], reason }) =>
    task === undefined
      ? `Nothing is ready. ${reason ?? why.map((entry) => `${entry.task}: ${entry.reason}`).join('; ')}`
      : `Claimed ${task.id} "${task.title}" in ${task.repository} until ${lease?.expires_at}.${kept_out === undefined ? '' : ` ${kept_out}`}`,
  async run(input, { service, caller, request, execution, signal, cut, word }) {
    const { claimTask } = await import('../../domain/task/claim.ts')
    const scope = { repository: input.repository, prd: keyNumber(input.prd) }
    const claim = await claimTask(service, caller, { ...scope, task: keyNumber(input.task) }, request)
    if (claim === undefined) {
      const { explainIdle } = await import('../../domain/task/idle.ts')
      const { readUndelivered } = await import('../../domain/change-set/undelivered.ts')
      const idle = await explainIdle(service, caller, scope)
      const waiting = idle.openTotal === 0 ? await readUndelivered(service, caller, scope.prd) : []
      const readOn = step('task_list', { prd: input.prd, repository: input.repository })
      const why = cut.list('why', idle.open, { rows: 10, total: idle.openTotal }, readOn, (entry) => ({
        task: entry.id,
        title: entry.title,
        repository: entry.repository,
        status: entry.status,
        reason: entry.reason,
      }))
      const reason = idle.openTotal === 0 ? wordEmpty(input, idle.total) : undefined
      return {
        claimed: false,
        why,
        ...(reason !== undefined && { reason }),
        next: await nextIdle({ service, caller }, scope, idle, waiting[0]),
      }
    }
    const { task, lease, packet } = claim
    const next = [step('task_validate', { task: task.id, lease_token: BLANK })]
    const id = keyNumber(task.id)
    const { findOwnAttempt } = await import('../../domain/run/own-attempt.ts')
    const wantsWorktree = input.worktree || (claim.again && (await findOwnAttempt(service, caller, id)) !== undefined)
    const { beginWork } = await import('../../execution/chat/begin-work.ts')
    const own = await beginWork(await execution(), caller, { claim, worktree: wantsWorktree, request }, signal)
    return {
      claimed: true,
      ...(own !== undefined && { worktree: own.worktree }),
      ...(own?.keptOut !== undefined && { kept_out: own.keptOut }),
      ...(own !== undefined && own.beside.length > 0 && { beside: [...own.beside] }),
      lease: { token: lease.token, expires_at: isoTime(lease.expiresAt) },
      task: {
        ...packetOf(task, packet, undefined, { cut: cut.within('task'), room: ROOM }),
        next: next.map(word),
      },
      next,
    }
  },
})

/** Characters for the long parts of the packet, beside the lease and the worktree. */
const ROOM = 4000

/** Why there is nothing to claim where no open task is in the scope. */
function wordEmpty({ prd, repository }: { prd?: string | undefined; repository?: string | undefined }, total: number) {
  const scope = [prd === undefined ? [] : `of ${prd}`, repository === undefined ? [] : `in ${repository}`].flat()
  const which = scope.length === 0 ? 'here' : scope.join(' ')
  return total === 0 ? `There are no tasks ${which} yet.` : `Every task ${which} is over.`
}

async function nextIdle(
  { service, caller }: Pick<Call, 'service' | 'caller'>,
  scope: { readonly prd: number | undefined; readonly repository: string | undefined },
  { total, open }: Idle,
  waiting: AfterTask['changeSet'],
): Promise<Step[]> {
  const prd = scope.prd === undefined ? undefined : prdKey(scope.prd)
  const held = open.find(({ yours }) => yours)
  if (held !== undefined) return [step('task_claim', { task: held.id })]
  if (total === 0)
    return scope.prd === undefined ? await nextWork(service, caller) : await prdWork(service, caller, scope.prd)
  if (waiting !== undefined) return [deliveryStep(changeSetKey(waiting.id), waiting.state)]
  const stuck = open.find(({ status }) => status === 'blocked' || status === 'failed')
  if (stuck !== undefined) return [step('task_get', { task: stuck.id }), step('speki_status', { prd })]
  const working = open.find(({ status }) => status === 'in_progress')
  if (working !== undefined) return [step('activity_list', { subject: working.id }), step('speki_status', { prd })]
  return [step('speki_status', { prd })]
}
