import type { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import { ChangeSetKey, changeSetKey, keyNumber, PrdKey, RunKey, TaskKey } from '../../../schemas/key.ts'
import type { Action } from '../../domain/access/actions.ts'
import { SpekiError } from '../../errors.ts'
import type { Runtime } from '../../operations/runtime.ts'
import { guides } from '../guides/index.ts'

interface ReadContext {
  readonly runtime: Runtime
  readonly caller: Principal
  readonly signal: AbortSignal
}

export interface Instance {
  readonly id: string
  readonly title: string
}

export interface ResourceDefinition {
  readonly name: string
  readonly title: string
  readonly description: string
  /** With `{id}` where it stands for many. */
  readonly uri: string
  readonly mimeType: string
  /** What a caller must be allowed to do to read it or see it listed. */
  readonly action: Action
  /** A page of those there are, behind the one with this id; absent where there is just one. */
  readonly instances?: (runtime: Runtime, caller: Principal, after?: string) => Promise<readonly Instance[]>
  /** Throws `not_found` for an id that is not there. */
  readonly read: (id: string, context: ReadContext) => Promise<string>
}

/** Of a kind on a page; the newest are completed, and whatever is read by its id need not be among them. */
export const LISTED = 50

async function prdInstances(runtime: Runtime, caller: Principal, after?: string) {
  const { queryPrds } = await import('../../domain/prd/read.ts')
  const { prds } = await queryPrds(await runtime.open(), caller, { before: keyNumber(after), limit: LISTED })
  return prds.map(({ prd }) => ({ id: prd.id, title: prd.title }))
}

export const resources: readonly ResourceDefinition[] = [
  {
    name: 'status',
    title: 'Status',
    description: 'Progress of the workspace by PRD and repository',
    uri: 'speki://status',
    mimeType: 'text/markdown',
    action: 'status.read',
    async read(_id, { runtime, caller }) {
      const { readStatus } = await import('../../domain/status.ts')
      const { statusPage } = await import('./status-page.ts')
      return statusPage(await readStatus(await runtime.open(), caller, {}))
    },
  },
  {
    name: 'prd',
    title: 'PRD',
    description: 'Text of a PRD as Markdown',
    uri: 'speki://prd/{id}',
    mimeType: 'text/markdown',
    action: 'prd.read',
    instances: prdInstances,
    async read(id, { runtime, caller }) {
      const { readPrdBody } = await import('../../domain/prd/read.ts')
      return (await readPrdBody(await runtime.open(), caller, numberIn(id, PrdKey))).body
    },
  },
  {
    name: 'plan',
    title: 'Plan of a PRD',
    description: 'Requirements and tasks of a PRD with their state',
    uri: 'speki://prd/{id}/plan',
    mimeType: 'text/markdown',
    action: 'prd.read',
    instances: prdInstances,
    async read(id, { runtime, caller }) {
      const { readPrd, readPrdTasks, readRequirements } = await import('../../domain/prd/read.ts')
      const service = await runtime.open()
      const number = numberIn(id, PrdKey)
      const { prd, plan } = await readPrd(service, caller, number)
      const requirements = await readRequirements(service, caller, number)
      const tasks = await readPrdTasks(service, caller, number)
      return [
        `# Plan of ${prd.id}: ${prd.title}`,
        plan === undefined
          ? 'No plan yet: call plan_draft.'
          : `${plan.id}, cut from revision ${plan.revision} (now ${prd.revision}).`,
        `## Requirements${requirements.some(({ text }) => firstLine(text).endsWith(' …')) ? ` (first lines; whole: prd_get prd="${prd.id}" section=their id)` : ''}`,
        ...requirements.map(
          (entry) =>
            `- ${entry.id}${entry.label === undefined ? '' : ` (${entry.label})`} ${entry.state}: ${firstLine(entry.text)} ${entry.tasks.join(', ')}`,
        ),
        '## Tasks',
        ...tasks.map(
          (task) =>
            `- ${task.id} [${task.repository}] ${task.status}${task.ready ? ', ready' : ''}${task.stale ? ', stale' : ''}: ${task.title}`,
        ),
      ].join('\n')
    },
  },
  {
    name: 'task',
    title: 'Task',
    description: 'A task with criteria, dependencies and evidence',
    uri: 'speki://task/{id}',
    mimeType: 'application/json',
    action: 'task.read',
    async instances(runtime, caller, after) {
      const { queryTasks } = await import('../../domain/task/read.ts')
      const { tasks } = await queryTasks(await runtime.open(), caller, { after: keyNumber(after), limit: LISTED })
      return tasks.map((task) => ({ id: task.id, title: task.title }))
    },
    async read(id, { runtime, caller }) {
      const { readTask } = await import('../../domain/task/read.ts')
      const { task, ...others } = await readTask(await runtime.open(), caller, numberIn(id, TaskKey))
      // `criteria` is what clients of before read.
      return JSON.stringify({ task: { ...task, criteria: task.acceptanceCriteria }, ...others }, undefined, 2)
    },
  },
  {
    name: 'repository',
    title: 'Repository',
    description: 'What is known of a repository: path, languages, packages, check commands',
    uri: 'speki://repository/{id}',
    mimeType: 'application/json',
    action: 'repository.read',
    async instances(runtime, caller, after) {
      const { queryRepositories } = await import('../../domain/repository/read.ts')
      const { repositories } = await queryRepositories(
        await runtime.open(),
        caller,
        { health: async () => 'ok' },
        { after, limit: LISTED },
        AbortSignal.timeout(10_000),
      )
      return repositories.map(({ repository: { name, description } }) => ({ id: name, title: description || name }))
    },
    async read(id, { runtime, caller, signal }) {
      const { getRepository } = await import('../../domain/repository/read.ts')
      const { presentRepository } = await import('../../domain/repository/repository.ts')
      const record = await getRepository(await runtime.open(), caller, id)
      return JSON.stringify(
        { ...presentRepository(record), health: await runtime.probe.health(record, signal) },
        undefined,
        2,
      )
    },
  },
  {
    name: 'run-report',
    title: 'Run report',
    description: 'What a run did: every attempt, and of each failure the diagnostic report',
    uri: 'speki://run/{id}/report',
    mimeType: 'text/markdown',
    action: 'run.read',
    async instances(runtime, caller, after) {
      const { readRuns } = await import('../../domain/run/read.ts')
      const runs = await readRuns(await runtime.open(), caller, LISTED, keyNumber(after))
      return runs.map(({ id, title }) => ({ id, title }))
    },
    async read(id, { runtime, caller }) {
      const { readRun } = await import('../../domain/run/read.ts')
      const { renderRun } = await import('../../execution/attempt/run-report.ts')
      return renderRun(await readRun(await runtime.open(), caller, numberIn(id, RunKey)))
    },
  },
  {
    name: 'changeset',
    title: 'Change set',
    description:
      'What was made across repositories, how far testing together and delivery have come, and what happened',
    uri: 'speki://changeset/{id}',
    mimeType: 'text/markdown',
    action: 'changeset.read',
    async instances(runtime, caller, after) {
      const { readChangeSets } = await import('../../domain/change-set/change-set.ts')
      const { changeSets } = await readChangeSets(await runtime.open(), caller, {
        before: keyNumber(after),
        limit: LISTED,
      })
      return changeSets.map(({ id, title }) => ({ id: changeSetKey(id), title }))
    },
    async read(id, { runtime, caller }) {
      const { readChangeSet } = await import('../../domain/change-set/change-set.ts')
      const { listActivity } = await import('../../domain/activity.ts')
      const { renderChangeSet } = await import('../../execution/change-set/page.ts')
      const service = await runtime.open()
      const view = await readChangeSet(service, caller, numberIn(id, ChangeSetKey))
      const subject = changeSetKey(view.changeSet.id)
      const happened = await listActivity(service, caller, { subject, limit: LISTED, newestFirst: true })
      return renderChangeSet(view, happened.toReversed())
    },
  },
  {
    name: 'guide',
    title: 'Guide',
    description: 'How to work with SPEKI, by topic',
    uri: 'speki://guide/{id}',
    mimeType: 'text/markdown',
    action: 'guide.read',
    instances: async () => guides.map((guide) => ({ id: guide.topic, title: guide.title })),
    async read(id) {
      const guide = guides.find((entry) => entry.topic === id)
      if (guide === undefined)
        throw new SpekiError('not_found', `There is no guide "${id}".`, {
          hint: `Topics: ${guides.map((entry) => entry.topic).join(', ')}.`,
        })
      return guide.text
    },
  },
]

/** The number in an id that has to be a key. */
function numberIn(id: string, schema: z.ZodType<string>): number {
  const read = schema.safeParse(id)
  if (read.success) return keyNumber(read.data)
  throw new SpekiError('invalid_input', `There is no "${id}". ${read.error.issues[0]?.message ?? ''}`, {
    hint: 'resources/list names those there are.',
  })
}

/** Says in itself where more follows. */
function firstLine(text: string): string {
  const [line = ''] = text.split('\n', 1)
  return line.length === text.trimEnd().length ? line : `${line} …`
}
