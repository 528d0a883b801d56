import type { PlannedTask } from '../../../schemas/plan.ts'
import { apart } from '../../reading/read-apart.ts'
import { examinePlan } from './check.ts'
import type { PlanContext } from './context.ts'

export interface PlanToExamine {
  readonly context: PlanContext
  readonly tasks: readonly PlannedTask[]
}

/** Checks a submitted plan, apart where it or what it is checked against is large. */
export const examining = apart(
  'examine_plan',
  ({ context, tasks }: PlanToExamine) => examinePlan(context, tasks),
  ({ context, tasks }) =>
    context.requirements.reduce((sum, { text }) => sum + text.length, 0) +
    tasks.reduce((sum, { description, acceptance_criteria: criteria }) => {
      return sum + description.length + criteria.reduce((length, { length: more }) => length + more, 0)
    }, 0),
)
