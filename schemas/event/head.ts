import { z } from 'zod'
import { Actor } from '../actor.ts'
import { Instant } from '../key.ts'

/** What every event has beside its type and payload. */
export const EventHead = z.object({
  id: z.int().min(1).describe('Grows with every commit; a cursor is the id last seen'),
  at: Instant,
  subject: z.string().describe('Key or name of what changed'),
  prd: z.string().optional(),
  repository: z.string().optional(),
  actor: Actor,
  revision: z.int().optional().describe('Revision of the subject after the change'),
})

/** An event of one type: what happened in one sentence, and what its payload holds. */
export function event<const T extends string, P extends z.ZodRawShape>(type: T, happened: string, payload: P) {
  return EventHead.extend({ type: z.literal(type), payload: z.object(payload) }).describe(happened)
}

/** A list that nobody changes. */
export function list<T extends z.ZodType>(of: T) {
  return z.array(of).readonly()
}
