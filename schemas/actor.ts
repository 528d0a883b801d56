import { z } from 'zod'

/** Who did something: a person, an agent on behalf of a person, a connector, or SPEKI itself. */
export const Actor = z.object({
  kind: z.enum(['person', 'agent', 'connector', 'system']),
  name: z.string().min(1).max(200).describe('Name shown in the feed, for example "claude-code"'),
  onBehalfOf: z.string().max(200).optional().describe('The person an agent acts for'),
})
export type Actor = z.infer<typeof Actor>

/** One caller of a service: its actor and the session that holds its leases. */
export interface Caller {
  readonly actor: Actor
  /** Unique for a connection (one stdio process, one HTTP session); leases taken through it are renewed by any of its calls. */
  readonly session: string
}
