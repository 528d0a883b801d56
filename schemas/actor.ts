import { z } from 'zod'

/** Who did something, as it is kept with events and evidence: a person, an agent on behalf of a person, a connector, or SPEKI itself. */
export const Actor = z.object({
  kind: z.enum(['person', 'agent', 'connector', 'system']),
  name: z.string().min(1).max(200).describe('Name shown in the feed, for example "claude-code#3f2a"'),
  onBehalfOf: z.string().max(200).optional().describe('The person an agent acts for'),
})
export type Actor = z.infer<typeof Actor>

/** What a principal may do at all, whatever its kind. */
export type Scope = 'read' | 'write'

/** Who asks for something: what `can` decides over, and what leases and repeated requests belong to. */
export interface Principal extends Readonly<Actor> {
  /** Unique for a connection (see `Session`); leases taken through it are renewed by any of its calls. */
  readonly session: string
  /** Name that stays over sessions: of the client, or the one given to the agent. Repeated requests belong to it. */
  readonly client: string
  readonly scopes: readonly Scope[]
}

/** The part of a principal that is stored with what it did. */
export function actorOf({ kind, name, onBehalfOf }: Principal): Actor {
  return { kind, name, ...(onBehalfOf !== undefined && { onBehalfOf }) }
}
