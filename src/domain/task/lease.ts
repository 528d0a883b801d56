import { createHash, randomBytes } from 'node:crypto'
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

/** Throws unless the token is that of the lease that holds now. */
function checkToken(task: TaskRecord, token: string): void {
  const id = taskKey(task.id)
  if (task.status === 'in_progress' && task.leaseHash === hashToken(token)) return
  if (task.status !== 'in_progress') {
    throw new SpekiError(
      'conflict',
      `${id} is ${task.status}; nobody holds it, so that lease is over. Nothing was changed.`,
      {
        hint: hint`Claim it again to go on: ${step('task_claim', { task: id })}.`,
      },
    )
  }
  throw new SpekiError(
    'conflict',
    `That lease of ${id} is over: ${task.holder ?? 'another worker'} holds it now (claim ${task.fence}). Nothing was changed.`,
    {
      hint: hint`If that is you, ${step('task_claim', { task: id })} gives you a new token. Else stop working on it and claim other work: ${step('task_claim')}.`,
    },
  )
}

/** Checks the token and extends its lease: a holder that comes with it lives, through whatever connection. */
export async function holdLease(tx: Tx, task: TaskRecord, token: string, now: number): Promise<void> {
  checkToken(task, token)
  await renewLease(tx, task.id, now + LEASE_MS)
}
