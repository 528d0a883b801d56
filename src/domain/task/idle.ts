import type { Principal } from '../../../schemas/actor.ts'
import { prdKey, taskKey } from '../../../schemas/key.ts'
import type { TaskStatus } from '../../../schemas/task.ts'
import type { Reader } from '../../store/database.ts'
import { findPrd } from '../../store/prd/prds.ts'
import { listDependencies } from '../../store/task/task-links.ts'
import { findTasks, listTasks, type TaskRecord } from '../../store/task/tasks.ts'
import { getPrd } from '../prd/prd.ts'
import { resolveRepository } from '../repository/repository.ts'
import { consult, type Service } from '../service.ts'
import type { ClaimFilter } from './claim.ts'

/** A task that keeps work from being ready, and why. */
export interface IdleTask {
  readonly id: string
  readonly title: string
  readonly repository: string
  readonly status: TaskStatus
  readonly reason: string
  /** Whether the asking session holds it. */
  readonly yours: boolean
}

export interface Idle {
  /** Tasks there are in the scope; none: nothing is planned. */
  readonly total: number
  /** What is not over, the most telling first; as many as were looked at. */
  readonly open: readonly IdleTask[]
  readonly openTotal: number
}

/** Tasks of one kind that are looked at. */
const LOOKED_AT = 20

/** Why there is nothing to claim in a scope: what is held, blocked or waits, and for whom. */
export async function explainIdle(
  service: Service,
  caller: Principal,
  scope: Omit<ClaimFilter, 'task'>,
): Promise<Idle> {
  return await consult(service, caller, 'task.read', async (reader) => {
    const repositoryId =
      scope.repository === undefined ? undefined : (await resolveRepository(reader, scope.repository)).id
    if (scope.prd !== undefined) await getPrd(reader, scope.prd)
    const filter = { repositoryId, prdId: scope.prd }
    const open: IdleTask[] = []
    let openTotal = 0
    for (const status of ['in_progress', 'blocked', 'failed', 'in_review', 'todo'] as const) {
      const { tasks, total } = await listTasks(reader, { ...filter, status }, { limit: LOOKED_AT })
      openTotal += total
      for (const task of tasks) open.push(await describe(reader, task, caller.session))
    }
    const { total } = await listTasks(reader, filter, { limit: 1 })
    return { total, open, openTotal }
  })
}

async function describe(reader: Reader, task: TaskRecord, session: string): Promise<IdleTask> {
  const { id, title, repository, status } = task
  const yours = task.status === 'in_progress' && task.holderSession === session
  return { id: taskKey(id), title, repository, status, yours, reason: await reasonOf(reader, task, yours) }
}

async function reasonOf(reader: Reader, task: TaskRecord, yours: boolean): Promise<string> {
  if (yours) return 'held by you'
  if (task.status === 'in_progress')
    return `held by ${task.holder}${task.leaseExpiresAt === undefined ? '' : `, until ${new Date(task.leaseExpiresAt).toISOString()} unless renewed`}`
  if (task.status === 'todo' && task.waitingOn > 0) {
    const needed = await findTasks(reader, await listDependencies(reader, task.id))
    const open = needed.filter(({ status }) => status !== 'done')
    return `waits for ${open.map(({ id, status }) => `${taskKey(id)} (${status})`).join(', ')}`
  }
  if (task.status === 'todo') {
    const prd = task.prdId === undefined ? undefined : await findPrd(reader, task.prdId)
    if (prd === undefined) return 'it is ready now: claim again'
    if (prd.deletedAt !== undefined) return `${prdKey(prd.id)} is deleted`
    return prd.state === 'archived' ? `${prdKey(prd.id)} is archived` : 'it is ready now: claim again'
  }
  return task.blockReason ?? 'no reason was given'
}
