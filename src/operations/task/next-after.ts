import type { Principal } from '../../../schemas/actor.ts'
import { changeSetKey, keyNumber } from '../../../schemas/key.ts'
import type { AfterTask } from '../../domain/change-set/undelivered.ts'
import type { Service } from '../../domain/service.ts'
import { type Step, step } from '../../step.ts'
import { deliveryStep } from '../change-set/delivery-step.ts'
import { nextWork } from '../next-work.ts'

/** What to do once a task is done: the next of its PRD, or, after the last, what was made of it. */
export async function nextAfter(service: Service, caller: Principal, after: AfterTask): Promise<Step[]> {
  const { prd, changeSet, open, ready } = after
  // Whoever worked in a worktree of ours goes on so: what is completed elsewhere is in no change set.
  if (ready > 0) return await nextWork(service, caller, { prd: prd === undefined ? undefined : keyNumber(prd) })
  if (open > 0 || changeSet === undefined || changeSet.state === 'delivered') return await nextWork(service, caller)
  const id = changeSetKey(changeSet.id)
  return [deliveryStep(id, changeSet.state), step('changeset_get', { change_set: id })]
}
