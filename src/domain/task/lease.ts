import { createHash, randomBytes } from 'node:crypto'
import type { Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Tx } from '../../store/database.ts'
import { renewLease } from '../../store/task/leases.ts'
import type { TaskRecord } from '../../store/task/tasks.ts'
import { LEASE_MS } from '../service.ts'

/** A token only the claimer has. It begins with the fence, so that a later claim is always the greater one; only its hash is stored. */
export function issueToken(fence: number): string {
  return `${fence}.${randomBytes(18).toString('base64url')}`
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Whether the task is in progress in this very session. */
export function holds(caller: Principal, task: TaskRecord): boolean {
  return task.status === 'in_progress' && task.holderSession === caller.session && task.holder === caller.name
}

/** Throws unless the token is that of the lease that holds now. */
function checkToken(caller: Principal, task: TaskRecord, token: string): void {
  const id = taskKey(task.id)
  if (task.status === 'in_progress' && task.leaseHash === hashToken(token)) return
  if (task.status !== 'in_progress') {
    throw new SpekiError(
      'conflict',
      `${id} is ${task.status}; nobody holds it, so that lease is over. Nothing was changed.`,
      {
        hint:
          task.status !== 'todo'
            ? hint`To work on it again, reopen it: ${step('task_update', { task: id, revision: task.revision, status: 'todo' })}.`
            : hint`Claim it again to go on: ${step('task_claim', { task: id })}.`,
      },
    )
  }
  throw new SpekiError(
    'conflict',
    `That lease of ${id} is over: ${task.holder ?? 'another worker'} holds it now (claim ${task.fence}). Nothing was changed.`,
    {
      hint: holds(caller, task)
        ? hint`That is you; get a new token: ${step('task_claim', { task: id })}.`
        : hint`Stop working on it and claim other work: ${step('task_claim')}.`,
    },
  )
}

/** Checks the token and extends its lease: a holder that comes with it lives, through whatever connection. */
export async function holdLease(
  tx: Tx,
  caller: Principal,
  task: TaskRecord,
  token: string,
  now: number,
): Promise<void> {
  checkToken(caller, task, token)
  await renewLease(tx, task.id, now + LEASE_MS)
}
