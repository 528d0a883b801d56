import { z } from 'zod'
import { Actor } from './actor.ts'
import { Instant } from './key.ts'

/** One line of the append-only log: activity feed, audit trail, outbox and change feed at once. */
export const Event = z.object({
  id: z.int().min(1).describe('Grows with every commit; a cursor is the id last seen'),
  at: Instant,
  type: z.string().describe('noun.verb in the past, for example task.claimed'),
  subject: z.string().describe('Key or name of what changed'),
  prd: z.string().optional(),
  repository: z.string().optional(),
  actor: Actor,
  revision: z.int().optional().describe('Revision of the subject after the change'),
  payload: z.record(z.string(), z.unknown()),
})
export type Event = z.infer<typeof Event>
