import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { keyNumber, prdKey, taskKey } from '../../../schemas/key.ts'
import type { Task } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import type { Tx } from '../../store/database.ts'
import { findPrd } from '../../store/prd/prds.ts'
import { findNextReady, passLease } from '../../store/task/leases.ts'
import { listDependencies } from '../../store/task/task-links.ts'
import { findTask, findTasks, presentTask, type TaskRecord } from '../../store/task/tasks.ts'
import { followWork } from '../prd/transition.ts'
import { resolveRepository } from '../repository/repository.ts'
import { LEASE_MS, type Request, type Service, transact } from '../service.ts'
import { hashToken, issueToken } from './lease.ts'
import { buildPacket, type Packet } from './packet.ts'
import { claimRow } from './transition.ts'

export interface ClaimFilter {
  readonly task?: number | undefined
  readonly repository?: string | undefined
  readonly prd?: number | undefined
}

export interface Claim {
  readonly task: Task
  readonly lease: { readonly token: string; readonly fence: number; readonly expiresAt: number }
  readonly packet: Packet
}

/**
 * Gives the caller a named task, or the first ready one of the filter. Undefined where nothing is ready. Two
 * callers never hold one task: the choice and the mark are one transaction.
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
      const task = filter.task === undefined ? await chooseTask(tx, filter) : await checkClaimable(tx, filter.task)
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
  const token = issueToken(fence)
  const expiresAt = now + LEASE_MS
  await passLease(tx, task.id, { holder: caller.name, session: caller.session, hash: hashToken(token), expiresAt })
  return { ...claim, lease: { token, fence, expiresAt } }
}

async function chooseTask(tx: Tx, filter: ClaimFilter): Promise<TaskRecord | undefined> {
  const repositoryId = filter.repository === undefined ? undefined : (await resolveRepository(tx, filter.repository)).id
  const id = await findNextReady(tx, { repositoryId, prdId: filter.prd })
  return id === undefined ? undefined : await getTask(tx, id)
}

async function checkClaimable(tx: Tx, id: number): Promise<TaskRecord> {
  const task = await getTask(tx, id)
  const key = taskKey(id)
  if (task.status === 'in_progress') {
    throw new SpekiError('conflict', `${key} is held by ${task.holder}.`, {
      hint: 'Claim other work: task_claim without task.',
    })
  }
  if (task.status !== 'todo') {
    const reason = task.blockReason === undefined ? '' : ` (${task.blockReason})`
    throw new SpekiError(
      'precondition_failed',
      `${key} is ${task.status}${reason}; only a task to do can be claimed.`,
      {
        hint: `Reopen it first: task_update task="${key}" status="todo".`,
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
        hint: 'Do those first, or drop the dependency with task_update.',
      },
    )
  }
  const prd = task.prdId === undefined ? undefined : await findPrd(tx, task.prdId)
  if (prd !== undefined && (prd.deletedAt !== undefined || prd.state === 'archived')) {
    throw new SpekiError(
      'precondition_failed',
      `${key} belongs to ${prdKey(prd.id)}, which is ${prd.deletedAt === undefined ? 'archived' : 'deleted'}.`,
      {
        hint: 'Bring the PRD back with prd_update first.',
      },
    )
  }
  return task
}

/** Throws where there is no such task. */
export async function getTask(tx: Parameters<typeof findTask>[0], id: number): Promise<TaskRecord> {
  const task = await findTask(tx, id)
  if (task === undefined)
    throw new SpekiError('not_found', `There is no ${taskKey(id)}.`, { hint: 'List tasks with task_list.' })
  return task
}
