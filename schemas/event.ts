import { z } from 'zod'
import { EventHead } from './event/head.ts'
import { prdEvents } from './event/prd-events.ts'
import { runEvents } from './event/run-events.ts'
import { taskEvents } from './event/task-events.ts'
import { workspaceEvents } from './event/workspace-events.ts'

/** One line of the append-only log: activity feed, audit trail, outbox and change feed at once. What is written is one of these. */
export const Event = z.discriminatedUnion('type', [...taskEvents, ...prdEvents, ...runEvents, ...workspaceEvents])
export type Event = z.infer<typeof Event>

export type EventType = Event['type']

/** What the log has, by whatever version it was written. */
export const LoggedEvent = EventHead.extend({
  type: z.string().describe('noun.verb in the past, for example task.claimed'),
  payload: z.record(z.string(), z.unknown()),
})
export type LoggedEvent = z.infer<typeof LoggedEvent>

/** A logged event as one of those this version writes; undefined for what an older or newer one wrote otherwise. */
export function knownEvent(logged: LoggedEvent): Event | undefined {
  return Event.safeParse(logged).data
}
