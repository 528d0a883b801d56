import type { Principal } from '../../../schemas/actor.ts'
import type { PrdState } from '../../../schemas/prd.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import { demand } from '../access/can.ts'

/** Where a PRD can go by request. Every state has a way back; work itself moves it to in_progress and completed. */
const NEXT: Readonly<Record<PrdState, readonly PrdState[]>> = {
  draft: ['in_review', 'approved', 'in_progress', 'archived'],
  in_review: ['draft', 'approved', 'archived'],
  approved: ['draft', 'in_review', 'in_progress', 'archived'],
  in_progress: ['draft', 'approved', 'completed', 'archived'],
  completed: ['in_progress', 'archived'],
  archived: ['draft'],
}

/** Throws where the step is not legal, or is a person's alone. */
export function checkTransition(id: string, from: PrdState, to: PrdState, caller: Principal, openTasks: number): void {
  if (!NEXT[from].includes(to)) {
    throw new SpekiError('precondition_failed', `${id} is ${from}; it cannot become ${to}.`, {
      hint: `From ${from} it can become ${NEXT[from].join(', ')}.`,
    })
  }
  if (to === 'approved') demand(caller, 'prd.approve', { key: id })
  if (to === 'completed' && openTasks > 0) {
    throw new SpekiError(
      'precondition_failed',
      `${id} has ${openTasks} open task${openTasks === 1 ? '' : 's'}; it is not completed.`,
      {
        hint: hint`See them with ${step('task_list', { prd: id })}; finish or cancel them first.`,
      },
    )
  }
}
