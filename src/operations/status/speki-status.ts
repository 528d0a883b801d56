import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import type { Status } from '../../domain/status.ts'
import { Counts, countsOf, isoTime, PrdRow } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'

const Row = z.object({
  id: TaskKey,
  title: z.string(),
  repository: z.string(),
  holder: z.string().optional(),
  reason: z.string().optional(),
})

export const spekiStatus = defineOperation({
  name: 'speki_status',
  title: 'Status',
  description:
    'Show what is going on: progress by PRD and repository, your claimed tasks, what is blocked, and the suggested next call. Start here.',
  toolset: 'status',
  effect: 'read',
  action: 'status.read',
  alwaysLoad: true,
  input: z.object({ prd: PrdKey.optional(), repository: RepositoryName.optional() }),
  output: z.object({
    tasks: Counts,
    repositories: z.array(z.object({ name: z.string(), tasks: Counts })),
    prds: z.array(PrdRow).describe('Newest first, at most ten'),
    totals: z.object({ prds: z.int32(), repositories: z.int32() }),
    yours: z.array(Row).describe('Tasks this session holds'),
    in_progress: z.array(Row),
    attention: z.array(Row).describe('Blocked, failed or stale'),
    recent: z.array(z.object({ at: z.string(), type: z.string(), subject: z.string(), actor: z.string() })),
    next: Next,
  }),
  summarize: ({ tasks, next }) =>
    `${tasks.done} of ${tasks.total} tasks done, ${tasks.ready} ready, ${tasks.in_progress} in progress. Next: ${next.join('; ')}`,
  async run(input, { service, caller }) {
    const { readStatus } = await import('../../domain/status.ts')
    const status = await readStatus(service, caller, {
      prd: keyNumber(input.prd),
      repository: input.repository,
    })
    return {
      tasks: countsOf(status.tasks),
      repositories: status.repositories
        .slice(0, 30)
        .map((entry) => ({ name: entry.name, tasks: countsOf(entry.tasks) })),
      prds: status.prds.map((prd) => ({ ...prd, tasks: countsOf(prd.tasks) })),
      totals: status.totals,
      yours: [...status.yours],
      in_progress: [...status.inProgress],
      attention: [...status.attention],
      recent: status.recent.map((event) => ({
        at: isoTime(event.at),
        type: event.type,
        subject: event.subject,
        actor: event.actor.name,
      })),
      next: suggest(status),
    }
  },
})

function suggest(status: Status): string[] {
  const [held] = status.yours
  if (held !== undefined) return [`task_get task="${held.id}"`, `task_validate task="${held.id}"`]
  if (status.totals.repositories === 0) return ['repository_register path="/absolute/path"']
  if (status.totals.prds === 0) return ['prd_create']
  if (status.tasks.ready > 0) return ['task_claim']
  const unplanned = status.prds.find(
    (prd) => prd.tasks.total === 0 && prd.state !== 'completed' && prd.state !== 'archived',
  )
  if (unplanned !== undefined) return [`plan_draft prd="${unplanned.id}"`]
  if (status.attention.length > 0) return ['task_list blocked=true']
  return ['task_list', 'prd_create']
}
