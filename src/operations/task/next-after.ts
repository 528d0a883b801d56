import { changeSetKey } from '../../../schemas/key.ts'
import type { AfterTask } from '../../domain/change-set/undelivered.ts'
import { type Step, step } from '../../step.ts'
import { deliveryStep } from '../change-set/changeset-get.ts'

/** What to do once a task is done: the next of its PRD, or, after the last, what was made of it. */
export function nextAfter({ prd, changeSet, open, ready }: AfterTask): Step[] {
  // Whoever worked in a worktree of ours goes on so: what is completed elsewhere is in no change set.
  if (ready > 0) return [step('task_claim', { prd, ...(changeSet !== undefined && { worktree: true }) })]
  if (open > 0) return [step('task_claim'), step('speki_status', { prd })]
  if (changeSet === undefined || changeSet.state === 'delivered') return [step('speki_status')]
  const id = changeSetKey(changeSet.id)
  return [deliveryStep(id, changeSet.state), step('changeset_get', { change_set: id })]
}
