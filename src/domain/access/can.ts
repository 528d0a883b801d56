import type { Principal } from '../../../schemas/actor.ts'
import { SpekiError } from '../../errors.ts'
import { type Action, REFUSALS, type Refusal, type Resource, RULES, type Rule } from './actions.ts'

export type Decision = { readonly allowed: true } | ({ readonly allowed: false } & Refusal)

const WORKSPACE: Resource = { key: 'this workspace' }

/** Whether a principal may do something, and if not, why and what to do instead. The only place that decides. */
export function can(principal: Principal, action: Action, resource: Resource = WORKSPACE): Decision {
  const { scope, kinds }: Rule = RULES[action]
  if (!kinds.includes(principal.kind)) return { allowed: false, ...refusalOf(action, kinds, resource) }
  if (principal.scopes.includes(scope)) return { allowed: true }
  return {
    allowed: false,
    reason: `${principal.name} may only ${principal.scopes.join(' and ')} here, and ${action} changes something.`,
    next: 'Ask on a connection that was not started with --read-only.',
  }
}

/** Throws `forbidden` where `can` says no. */
export function demand(principal: Principal, action: Action, resource?: Resource): void {
  const decision = can(principal, action, resource)
  if (!decision.allowed) throw new SpekiError('forbidden', decision.reason, { hint: decision.next })
}

function refusalOf(action: Action, kinds: Rule['kinds'], resource: Resource): Refusal {
  return (
    REFUSALS[action]?.(resource) ?? {
      reason: `${action} is open to ${kinds.join(', ')} alone.`,
      next: 'Ask a person of this workspace to do it.',
    }
  )
}
