import { type Step, step } from '../../step.ts'

/** What brings a change set on from a state. */
export function deliveryStep(id: string, state: string): Step {
  const tested = state === 'tested' || state === 'delivering' || state === 'stopped'
  return step(tested ? 'changeset_deliver' : 'changeset_integrate', { change_set: id })
}
