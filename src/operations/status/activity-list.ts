import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { Cursor, isoTime, Limit } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'
import { clip } from '../text.ts'

export const activityList = defineOperation({
  name: 'activity_list',
  title: 'List activity',
  description:
    'Read the activity feed: who did what and when, for the workspace, a PRD, a repository or one subject. follow=true reads on from a cursor, oldest first.',
  toolset: 'collaboration',
  effect: 'read',
  action: 'activity.read',
  input: z.object({
    subject: z.string().max(200).optional().describe('Key such as TASK-12, or repository name'),
    prd: PrdKey.optional(),
    repository: RepositoryName.optional(),
    type: z.string().max(60).optional().describe('Prefix such as task. or prd.edited'),
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
  async run(input, { service, caller }) {
    const { listActivity } = await import('../../domain/activity.ts')
    const { prd, follow, cursor, ...rest } = input
    const after = cursor === undefined ? (follow ? 0 : undefined) : z.coerce.number().int().min(0).parse(cursor)
    const events = await listActivity(service, caller, {
      ...rest,
      prd: keyNumber(prd),
      cursor: after,
      newestFirst: !follow,
    })
    const last = events.at(-1)
    return {
      events: events.map(({ at, actor, revision: _, payload, ...event }) => ({
        ...event,
        at: isoTime(at),
        actor: actor.name,
        actor_kind: actor.kind,
        ...(actor.onBehalfOf !== undefined && { on_behalf_of: actor.onBehalfOf }),
        details: clip(JSON.stringify(payload), 200).text,
      })),
      ...(last !== undefined && (follow || events.length === input.limit) && { next_cursor: String(last.id) }),
      next: ['speki_status'],
    }
  },
})
