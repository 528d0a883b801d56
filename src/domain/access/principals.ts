import { createHash } from 'node:crypto'
import type { Principal } from '../../../schemas/actor.ts'
import { isLone, type Session } from './session.ts'

const LONGEST_NAME = 100

/** A person at this machine. */
export function personPrincipal(given: string, session: Session): Principal {
  const name = cleaned(given, 'unknown')
  return { kind: 'person', name, client: name, session, scopes: ['read', 'write'] }
}

/**
 * An agent that acts for a person. Two sessions of one client are two names: `claude-code#3f2a`, by a hash of the session;
 * an agent that was given a name has that one, over all its sessions.
 */
export function agentPrincipal(agent: {
  /** What the program calls itself. */
  readonly client: string
  /** The name somebody gave it. */
  readonly given?: string | undefined
  readonly session: Session
  readonly onBehalfOf: string
  readonly readOnly?: boolean
}): Principal {
  const { session } = agent
  const client = cleaned(agent.given ?? agent.client, 'agent')
  const onBehalfOf = cleaned(agent.onBehalfOf, 'unknown')
  const name = agent.given !== undefined || isLone(session) ? client : `${client}#${shortHash(session)}`
  return { kind: 'agent', name, client, onBehalfOf, session, scopes: agent.readOnly ? ['read'] : ['read', 'write'] }
}

/** SPEKI itself, at what nobody asked for by a call: its workers. */
export function systemPrincipal(name: string, session: Session): Principal {
  return { kind: 'system', name, client: name, session, scopes: ['read', 'write'] }
}

/**
 * Names are shown in feeds and errors, and stored with each event: one line, without invisible characters, no longer than
 * what reads them takes, and cut between characters.
 */
function cleaned(name: string, otherwise: string): string {
  const visible = name.replaceAll(/\p{C}/gu, '').trim()
  return [...visible].slice(0, LONGEST_NAME).join('') || otherwise
}

function shortHash(session: Session): string {
  return createHash('sha256').update(session).digest('hex').slice(0, 4)
}
