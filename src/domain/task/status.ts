import type { TaskStatus } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, hint, step } from '../../step.ts'

/** Statuses a task gets by being moved; the others are reached by claim and completion alone. */
export type MovedStatus = Exclude<TaskStatus, 'in_progress' | 'done'>

/** Where a task can go by request; `in_progress` and `done` are reached by claim and completion alone. */
const NEXT: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  todo: ['blocked', 'cancelled'],
  in_progress: ['todo', 'blocked', 'failed', 'cancelled', 'in_review'],
  in_review: ['todo', 'cancelled'],
  done: ['todo'],
  failed: ['todo', 'blocked', 'cancelled'],
  blocked: ['todo', 'cancelled'],
  cancelled: ['todo'],
}

/** Whether leaving the status takes the lease token: only the holder gives up work in progress. */
export function needsToken(from: TaskStatus): boolean {
  return from === 'in_progress'
}

export function checkStatusChange(id: string, from: TaskStatus, to: TaskStatus): MovedStatus {
  if (to === 'in_progress')
    throw new SpekiError('precondition_failed', `${id} becomes in_progress by a claim.`, {
      hint: hint`Call ${step('task_claim', { task: id })}.`,
    })
  if (to === 'done')
    throw new SpekiError('precondition_failed', `${id} becomes done by proof.`, {
      hint:
        from === 'in_progress'
          ? hint`Run the checks, then complete it: ${step('task_validate', { task: id, lease_token: BLANK })}.`
          : hint`Claim it, run the checks, then complete it: ${step('task_claim', { task: id })}.`,
    })
  if (!NEXT[from].includes(to)) {
    throw new SpekiError('precondition_failed', `${id} is ${from}; it cannot become ${to}.`, {
      hint: `From ${from} it can become ${NEXT[from].join(', ')}.`,
    })
  }
  return to
}
