import { z } from 'zod'
import { ChangeSetKey, changeSetKey, keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { step } from '../../step.ts'
import { Counts, countsOf, isoTime, PrdRow } from '../answer.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { asIs } from '../text.ts'

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
  description: 'Progress by PRD and repository, your claimed tasks, what is blocked, what to call next. Start here.',
  toolset: 'status',
  effect: 'read',
  action: 'status.read',
  alwaysLoad: true,
  input: z.object({ prd: PrdKey.optional(), repository: RepositoryName.optional() }),
  output: z.object({
    tasks: Counts,
    repositories: z.array(z.object({ name: z.string(), tasks: Counts })),
    prds: z.array(PrdRow).describe('Newest first, at most ten'),
    totals: z.object({ prds: z.int(), repositories: z.int() }),
    yours: z.array(Row).describe('Tasks this session holds'),
    in_progress: z.array(Row),
    attention: z.array(Row).describe('Blocked, failed or stale'),
    change_sets: z
      .array(z.object({ id: ChangeSetKey, title: z.string(), state: z.string() }))
      .optional()
      .describe('Work that waits to be tested together and delivered'),
    recent: z.array(z.object({ at: z.string(), type: z.string(), subject: z.string(), actor: z.string() })),
    background: z.array(z.string()).optional().describe('What is wrong in the background, and what to do'),
    next: Next,
  }),
  summarize: ({ tasks, background = [], next }) =>
    [
      `${tasks.done} of ${tasks.total} tasks done, ${tasks.ready} ready, ${tasks.in_progress} in progress.`,
      ...background,
      `Next: ${next.join('; ')}`,
    ].join(' '),
  async run(input, { service, caller, cut }) {
    const { readStatus } = await import('../../domain/status.ts')
    const { readUndelivered } = await import('../../domain/change-set/undelivered.ts')
    const scope = { prd: keyNumber(input.prd), repository: input.repository }
    const status = await readStatus(service, caller, scope)
    const undelivered = input.repository === undefined ? await readUndelivered(service, caller, scope.prd) : []
    const tasks = (filter: Readonly<Record<string, unknown>>) =>
      step('task_list', { ...filter, prd: input.prd, repository: input.repository })
    return {
      tasks: countsOf(status.tasks),
      repositories: cut.list('repositories', status.repositories, { rows: 30 }, step('repository_list'), (entry) => ({
        name: entry.name,
        tasks: countsOf(entry.tasks),
      })),
      prds: cut.list('prds', status.prds, { total: status.totals.prds }, step('prd_list'), (prd) => ({
        ...prd,
        tasks: countsOf(prd.tasks),
      })),
      totals: status.totals,
      yours: [...status.yours],
      in_progress: cut.list(
        'in_progress',
        status.inProgress,
        { total: status.totals.inProgress },
        tasks({ status: 'in_progress' }),
        asIs,
      ),
      attention: cut.list(
        'attention',
        status.attention,
        { total: status.totals.attention },
        tasks({ blocked: true }),
        asIs,
      ),
      ...(undelivered.length > 0 && {
        change_sets: cut.list(
          'change_sets',
          undelivered,
          { rows: 10 },
          step('changeset_get'),
          ({ id, title, state }) => ({ id: changeSetKey(id), title, state }),
        ),
      }),
      recent: status.recent.map((event) => ({
        at: isoTime(event.at),
        type: event.type,
        subject: event.subject,
        actor: event.actor.name,
      })),
      ...(status.background.length > 0 && { background: [...status.background] }),
      next: await nextWork(service, caller, scope),
    }
  },
})
