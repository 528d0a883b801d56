import { z } from 'zod'
import type { LoggedEvent } from '../../../schemas/event.ts'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { type Step, step } from '../../step.ts'
import { Cursor, expiredCursor, isoTime, Limit } from '../answer.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import type { Cutter } from '../text.ts'

export const activityList = defineOperation({
  name: 'activity_list',
  title: 'List activity',
  description: 'Who did what and when. follow=true reads on from a cursor, oldest first.',
  toolset: 'collaboration',
  effect: 'read',
  action: 'activity.read',
  input: z.object({
    subject: z.string().max(200).optional().describe('Key or repository'),
    prd: PrdKey.optional(),
    repository: RepositoryName.optional(),
    type: z.string().max(60).optional().describe('Prefix, e.g. task.'),
    follow: z.boolean().default(false),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({
    events: z.array(
      z.object({
        id: z.int(),
        at: z.string(),
        type: z.string(),
        subject: z.string(),
        prd: z.string().optional(),
        repository: z.string().optional(),
        actor: z.string(),
        actor_kind: z.string(),
        on_behalf_of: z.string().optional(),
        details: z.string(),
      }),
    ),
    next_cursor: z.string().optional(),
    next: Next,
  }),
  summarize: ({ events }) =>
    events.map((event) => `${event.at} ${event.actor} ${event.type} ${event.subject}`).join('\n') || 'No activity.',
  async run(input, { service, caller, cut }) {
    const { listActivity } = await import('../../domain/activity.ts')
    const { prd, follow, cursor, ...rest } = input
    const query = { ...rest, prd, follow }
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw expiredCursor(cursor, step('activity_list', query))
    const after = cursor === undefined ? (follow ? 0 : undefined) : Number(cursor)
    const events = await listActivity(service, caller, {
      ...rest,
      prd: keyNumber(prd),
      cursor: after,
      newestFirst: !follow,
    })
    // One event alone is shown whole.
    const room = input.limit === 1 ? Number.POSITIVE_INFINITY : 200
    const rows = cut.page('events', events, Math.max(7000, room), (event, part) => eventRow(event, room, part))
    const last = rows.at(-1)
    const more = last !== undefined && (follow || rows.length < events.length || events.length === input.limit)
    const { subject } = rows[0] ?? {}
    return {
      events: rows,
      ...(more && { next_cursor: String(last.id) }),
      next: more
        ? [step('activity_list', { ...query, cursor: String(last.id) })]
        : [readStep(subject) ?? (await nextWork(service, caller))].flat(),
    }
  },
})

/** Where what an event is about is read; undefined for what has no operation of its own. */
function readStep(subject: string | undefined): Step | undefined {
  if (subject?.startsWith('TASK-')) return step('task_get', { task: subject })
  if (subject?.startsWith('PRD-')) return step('prd_get', { prd: subject })
  if (subject?.startsWith('RUN-')) return step('run_status', { run: subject })
  return subject?.startsWith('CS-') ? step('changeset_get', { change_set: subject }) : undefined
}

function eventRow({ at, actor, revision: _, payload, ...event }: LoggedEvent, room: number, cut: Cutter) {
  const alone = { subject: event.subject, follow: true, cursor: String(event.id - 1), limit: 1 }
  return {
    ...event,
    at: isoTime(at),
    actor: actor.name,
    actor_kind: actor.kind,
    ...(actor.onBehalfOf !== undefined && { on_behalf_of: actor.onBehalfOf }),
    details: cut.text('details', JSON.stringify(payload), room, step('activity_list', alone)),
  }
}
