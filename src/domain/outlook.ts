import type { Principal } from '../../schemas/actor.ts'
import { prdKey, taskKey } from '../../schemas/key.ts'
import type { Reader } from '../store/database.ts'
import { findPrd, listPrds, mapParents } from '../store/prd/prds.ts'
import { listRequirements } from '../store/prd/requirements.ts'
import { countTasks } from '../store/progress.ts'
import { findRepository, listRepositoryNames } from '../store/repositories.ts'
import { type ChangeSetRecord, listUndelivered } from '../store/run/change-sets.ts'
import { findNextReady } from '../store/task/leases.ts'
import { listTraces } from '../store/task/task-links.ts'
import { findTasks, listHeldBy, listTasks } from '../store/task/tasks.ts'
import { getPrd } from './prd/prd.ts'
import { resolveRepository } from './repository/repository.ts'
import { consult, type Service } from './service.ts'
import type { StatusScope } from './status.ts'
import { getTask } from './task/claim.ts'

/** What there is to be done next: the first of each kind, undefined where there is none. */
export interface Outlook {
  /** In the workspace, whatever the scope. */
  readonly repositories: number
  readonly prds: number
  /** A task this session holds. */
  readonly held: string | undefined
  readonly ready: ReadyTask | undefined
  readonly unplanned: { readonly prd: string; readonly requirements: number } | undefined
  /** A task that is blocked, failed or stale. */
  readonly stuck: string | undefined
  /** Work that waits to be tested together and delivered. */
  readonly undelivered: ChangeSetRecord | undefined
  /** A task somebody works on. */
  readonly working: string | undefined
}

export interface ReadyTask {
  readonly task: string
  readonly prd: string | undefined
  /** Its repository has a working copy on this machine, from which worktrees are made. */
  readonly here: boolean
}

/** PRDs that are looked through for one without a plan, the newest first. */
const LOOKED_AT = 20

export async function readOutlook(service: Service, caller: Principal, scope: StatusScope): Promise<Outlook> {
  return await consult(service, caller, 'status.read', async (reader) => {
    const repositoryId =
      scope.repository === undefined ? undefined : (await resolveRepository(reader, scope.repository)).id
    const filter = { repositoryId, prdId: scope.prd }
    const inProgress = await listTasks(reader, { ...filter, status: 'in_progress' }, { limit: 1 })
    const held = (await findTasks(reader, await listHeldBy(reader, caller.session))).find(
      (task) =>
        (filter.prdId ?? task.prdId) === task.prdId && (repositoryId ?? task.repositoryId) === task.repositoryId,
    )
    const stuck = await listTasks(reader, { ...filter, attention: true }, { limit: 1 })
    const [working] = inProgress.tasks
    const [first] = stuck.tasks
    const undelivered = repositoryId === undefined ? await listUndelivered(reader, scope.prd) : []
    return {
      repositories: (await listRepositoryNames(reader)).length,
      prds: (await listPrds(reader, { deleted: false }, { limit: 1 })).total,
      held: held && taskKey(held.id),
      ready: await readyIn(reader, filter),
      unplanned: await unplannedIn(reader, filter),
      stuck: first && taskKey(first.id),
      undelivered: undelivered[0],
      working: working && taskKey(working.id),
    }
  })
}

/** Where a task is done that may be claimed. */
export async function readReady(service: Service, caller: Principal, taskId: number): Promise<ReadyTask> {
  return await consult(service, caller, 'task.read', async (reader) => await describe(reader, taskId))
}

interface Scope {
  readonly repositoryId: number | undefined
  readonly prdId: number | undefined
}

async function readyIn(reader: Reader, scope: Scope): Promise<ReadyTask | undefined> {
  const id = await findNextReady(reader, scope)
  return id === undefined ? undefined : await describe(reader, id)
}

async function describe(reader: Reader, id: number): Promise<ReadyTask> {
  const task = await getTask(reader, id)
  const repository = await findRepository(reader, task.repositoryId)
  return {
    task: taskKey(id),
    prd: task.prdId === undefined ? undefined : prdKey(task.prdId),
    here: repository?.root !== undefined,
  }
}

/** The newest PRD that nothing was made of: no tasks, and no children that have them in its place. */
async function unplannedIn(reader: Reader, { repositoryId, prdId }: Scope): Promise<Outlook['unplanned']> {
  const ids = prdId === undefined ? undefined : [prdId]
  const { prds } = await listPrds(reader, { repositoryId, ids, deleted: false }, { limit: LOOKED_AT })
  const tasks = await countTasks(reader, 'prd_id', { prdIds: prds.map(({ id }) => id) })
  const parents = new Set((await mapParents(reader)).values())
  const found = prds.find(
    ({ id, state }) => state !== 'completed' && state !== 'archived' && !tasks.has(id) && !parents.has(id),
  )
  if (found === undefined) return undefined
  return { prd: prdKey(found.id), requirements: (await listRequirements(reader, found.id)).length }
}

/** What a PRD needs before its tasks can be worked on. */
export interface PrdNeeds {
  readonly deleted: boolean
  readonly archived: boolean
  readonly requirements: number
  /** Work is to be planned: nothing was yet, or the text changed since in what it asks for. */
  readonly plan: boolean
  /** Registered in the workspace. */
  readonly repositories: number
  /** Those of them that it names. */
  readonly spans: number
}

export async function readNeeds(service: Service, caller: Principal, id: number): Promise<PrdNeeds> {
  return await consult(service, caller, 'prd.read', async (reader) => {
    const prd = (await findPrd(reader, id)) ?? (await getPrd(reader, id))
    const tasks = (await countTasks(reader, 'prd_id', { prdIds: [id] })).get(id)
    const children = [...(await mapParents(reader)).values()].includes(id)
    const requirements = await listRequirements(reader, id)
    const traces = await listTraces(reader, id)
    const live = new Set(
      (await findTasks(reader, [...new Set(traces.map(({ task }) => task))]))
        .filter(({ status }) => status !== 'cancelled')
        .map((task) => task.id),
    )
    const realised = new Set(traces.filter(({ task }) => live.has(task)).map(({ requirement }) => requirement))
    const changed = (tasks?.stale ?? 0) > 0 || (!children && requirements.some((each) => !realised.has(each.id)))
    return {
      deleted: prd.deletedAt !== undefined,
      archived: prd.state === 'archived',
      requirements: requirements.length,
      plan: prd.state !== 'completed' && requirements.length > 0 && changed,
      repositories: (await listRepositoryNames(reader)).length,
      spans: prd.repositories.length,
    }
  })
}
