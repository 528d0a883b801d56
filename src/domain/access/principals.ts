import type { Principal } from '../../../schemas/actor.ts'

/** A person at this machine. */
export function personPrincipal(name: string, session: string): Principal {
  return { kind: 'person', name, session, scopes: ['read', 'write'] }
}

/** An agent that acts for a person; where it may only look, it has no right to write. */
export function agentPrincipal(
  name: string,
  session: string,
  options: { readonly onBehalfOf: string; readonly readOnly: boolean },
): Principal {
  const scopes = options.readOnly ? (['read'] as const) : (['read', 'write'] as const)
  return { kind: 'agent', name, onBehalfOf: options.onBehalfOf, session, scopes }
}

/** SPEKI itself, at what nobody asked for by a call: its workers. */
export function systemPrincipal(name: string, session: string): Principal {
  return { kind: 'system', name, session, scopes: ['read', 'write'] }
}
