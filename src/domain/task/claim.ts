import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { keyNumber, prdKey, taskKey } from '../../../schemas/key.ts'
import type { Task } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Tx } from '../../store/database.ts'
import { findPrd } from '../../store/prd/prds.ts'
import { findNextReady, passLease } from '../../store/task/leases.ts'
import { listDependencies } from '../../store/task/task-links.ts'
import { findTask, findTasks, presentTask, type TaskRecord } from '../../store/task/tasks.ts'
import { followWork } from '../prd/transition.ts'
import { resolveRepository } from '../repository/repository.ts'
import { LEASE_MS, type Request, type Service, transact } from '../service.ts'
import { hashToken, holds, issueToken } from './lease.ts'
import { buildPacket, type Packet } from './packet.ts'
import { claimRow, freeGone, handOver } from './transition.ts'

export interface ClaimFilter {
  readonly task?: number | undefined
  readonly repository?: string | undefined
  readonly prd?: number | undefined
}

export interface Claim {
  readonly task: Task
  readonly lease: { readonly token: string; readonly fence: number; readonly expiresAt: number }
  readonly packet: Packet
  /** The session held it already: it got a new token for the claim it has. */
  readonly again: boolean
}

/**
 * Gives the caller a named task, or the first ready one of the filter. Undefined where nothing is ready. Two
 * callers never hold one task: the choice and the mark are one transaction. A session that lost the token of a task it
 * holds names it again and gets a new one; the old one is void.
 */
export async function claimTask(
  service: Service,
  caller: Principal,
  filter: ClaimFilter,
  request?: Request,
): Promise<Claim | undefined> {
  const claim = await transact(
    service,
    caller,
    'task.claim',
    async (tx, now) => {
      if (service.isClientGone !== undefined) await freeGone(tx, now, service.isClientGone)
      const task =
        filter.task === undefined ? await chooseTask(tx, filter) : await checkClaimable(tx, filter.task, caller)
      return task === undefined ? null : await claimIn(tx, caller, task, now)
    },
    request,
    {
      withhold: (claim) => claim && { ...claim, lease: { ...claim.lease, token: '' } },
      renew: async (tx, claim, now) => claim && (await renewClaim(tx, caller, claim, now)),
    },
  )
  return claim ?? undefined
}

/** Marks a claimable task as the caller's, in the transaction that chose it. */
export async function claimIn(tx: Tx, caller: Principal, task: TaskRecord, now: number): Promise<Claim> {
  if (holds(caller, task)) return await claimAgain(tx, caller, task, now)
  const fence = task.fence + 1
  const token = issueToken(fence)
  const expiresAt = now + LEASE_MS
  const lease = { holder: caller.name, session: caller.session, hash: hashToken(token), expiresAt }
  await claimRow(tx, { actor: actorOf(caller), now }, task, lease, fence)
  await followWork(tx, task.prdId, now)
  const claimed = await getTask(tx, task.id)
  return {
    task: await presentTask(tx, claimed),
    lease: { token, fence, expiresAt },
    packet: await buildPacket(tx, claimed),
    again: false,
  }
}

/**
 * A claim whose answer was lost, once more. No token lies in the database, so it gets a new one under the same fence: what
 * was proven counts on, and the token that was lost holds no more. Throws where the claim is over.
 */
async function renewClaim(tx: Tx, caller: Principal, claim: Claim, now: number): Promise<Claim> {
  const { fence } = claim.lease
  const task = await getTask(tx, keyNumber(claim.task.id))
  if (task.status !== 'in_progress' || task.fence !== fence)
    throw new SpekiError(
      'conflict',
      `${claim.task.id} was claimed with this idempotency key, and that claim is over: it is ${task.status}${task.holder === undefined ? '' : `, held by ${task.holder}`}.`,
      { hint: 'Claim other work with a new key.' },
    )
  const lease = await renewToken(tx, caller, task, now)
  return { ...claim, task: await presentTask(tx, await getTask(tx, task.id)), lease }
}

/** A new token for the claim a session has: its worktree and what was validated hang on the fence, so that stays. */
async function claimAgain(tx: Tx, caller: Principal, task: TaskRecord, now: number): Promise<Claim> {
  const lease = await renewToken(tx, caller, task, now)
  const claimed = await presentTask(tx, await getTask(tx, task.id))
  return { task: claimed, lease, packet: await buildPacket(tx, task), again: true }
}

/** Under the fence the task has; where another session of the client held it, the feed tells that it changed hands. */
async function renewToken(tx: Tx, caller: Principal, task: TaskRecord, now: number): Promise<Claim['lease']> {
  const { fence, holder = caller.name } = task
  const token = issueToken(fence)
  const expiresAt = now + LEASE_MS
  const lease = { session: caller.session, hash: hashToken(token), expiresAt }
  if (holder === caller.name) await passLease(tx, task.id, lease)
  else await handOver(tx, { actor: actorOf(caller), now }, task, { ...lease, holder: caller.name }, holder)
  return { token, fence, expiresAt }
}

async function chooseTask(tx: Tx, filter: ClaimFilter): Promise<TaskRecord | undefined> {
  const repositoryId = filter.repository === undefined ? undefined : (await resolveRepository(tx, filter.repository)).id
  const id = await findNextReady(tx, { repositoryId, prdId: filter.prd })
  return id === undefined ? undefined : await getTask(tx, id)
}

async function checkClaimable(tx: Tx, id: number, caller: Principal): Promise<TaskRecord> {
  const task = await getTask(tx, id)
  if (holds(caller, task)) return task
  const key = taskKey(id)
  if (task.status === 'in_progress') {
    throw new SpekiError('conflict', `${key} is held by ${task.holder}.`, {
      hint: hint`Claim other work: ${step('task_claim')}.`,
    })
  }
  if (task.status !== 'todo') {
    const reason = task.blockReason === undefined ? '' : ` (${task.blockReason})`
    throw new SpekiError(
      'precondition_failed',
      `${key} is ${task.status}${reason}; only a task to do can be claimed.`,
      {
        hint: hint`Reopen it first: ${step('task_update', { task: key, revision: task.revision, status: 'todo' })}.`,
      },
    )
  }
  if (task.waitingOn > 0) {
    const open = (await findTasks(tx, await listDependencies(tx, id))).filter(
      (dependency) => dependency.status !== 'done',
    )
    throw new SpekiError(
      'precondition_failed',
      `${key} waits for ${open.map((dependency) => `${taskKey(dependency.id)} (${dependency.status})`).join(', ')}.`,
      {
        hint: hint`Do those first: ${step('task_claim')}. Or drop the dependency: ${step('task_update', { task: key, revision: task.revision, depends_on: [] })}.`,
      },
    )
  }
  const prd = task.prdId === undefined ? undefined : await findPrd(tx, task.prdId)
  if (prd !== undefined && (prd.deletedAt !== undefined || prd.state === 'archived')) {
    throw new SpekiError(
      'precondition_failed',
      `${key} belongs to ${prdKey(prd.id)}, which is ${prd.deletedAt === undefined ? 'archived' : 'deleted'}.`,
      {
        hint: hint`Bring the PRD back first: ${step('prd_update', { prd: prdKey(prd.id), ...(prd.deletedAt === undefined ? { state: 'draft' } : { deleted: false }) })}.`,
      },
    )
  }
  return task
}

/** Throws where there is no such task. */
export async function getTask(tx: Parameters<typeof findTask>[0], id: number): Promise<TaskRecord> {
  const task = await findTask(tx, id)
  if (task === undefined)
    throw new SpekiError('not_found', `There is no ${taskKey(id)}.`, {
      hint: hint`List tasks with ${step('task_list')}.`,
    })
  return task
}
