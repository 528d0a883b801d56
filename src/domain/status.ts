import type { Principal } from '../../schemas/actor.ts'
import type { LoggedEvent } from '../../schemas/event.ts'
import { prdKey, taskKey } from '../../schemas/key.ts'
import type { PrdState } from '../../schemas/prd.ts'
import { listEvents } from '../store/events.ts'
import { listPrds } from '../store/prd/prds.ts'
import { addCounts, countTasks, type TaskCounts } from '../store/progress.ts'
import { listRepositoryNames } from '../store/repositories.ts'
import { listTasks } from '../store/task/tasks.ts'
import { backgroundProblems } from './background.ts'
import { getPrd } from './prd/prd.ts'
import { resolveRepository } from './repository/repository.ts'
import { consult, type Service } from './service.ts'

export interface StatusScope {
  readonly prd?: number | undefined
  readonly repository?: string | undefined
}

export interface StatusTask {
  readonly id: string
  readonly title: string
  readonly repository: string
  readonly holder?: string
  readonly reason?: string
}

export interface Status {
  readonly tasks: TaskCounts
  readonly repositories: readonly { readonly name: string; readonly tasks: TaskCounts }[]
  readonly prds: readonly {
    readonly id: string
    readonly title: string
    readonly state: PrdState
    readonly tasks: TaskCounts
  }[]
  readonly totals: {
    readonly prds: number
    readonly repositories: number
    readonly inProgress: number
    readonly attention: number
  }
  /** Tasks this session holds. */
  readonly yours: readonly StatusTask[]
  readonly inProgress: readonly StatusTask[]
  /** Blocked, failed or stale: what waits for a decision. */
  readonly attention: readonly StatusTask[]
  readonly recent: readonly LoggedEvent[]
  /** What a person should look at in the background; empty where all is well. */
  readonly background: readonly string[]
}

const MAX_ROWS = 10
const NO_TASKS: TaskCounts = { total: 0, ready: 0, stale: 0, byStatus: {} }

/** What is going on, over the workspace, one PRD or one repository. */
export async function readStatus(service: Service, caller: Principal, scope: StatusScope): Promise<Status> {
  return await consult(service, caller, 'status.read', async (reader) => {
    const repositoryId =
      scope.repository === undefined ? undefined : (await resolveRepository(reader, scope.repository)).id
    if (scope.prd !== undefined) await getPrd(reader, scope.prd)
    const filter = { repositoryId, prdId: scope.prd }
    const byRepository = await countTasks(reader, 'repository_id', {
      repositoryId,
      prdIds: scope.prd === undefined ? undefined : [scope.prd],
    })
    const names = await listRepositoryNames(reader)
    const { prds, total } = await listPrds(
      reader,
      { repositoryId, deleted: false, ids: scope.prd === undefined ? undefined : [scope.prd] },
      { limit: MAX_ROWS },
    )
    const byPrd = await countTasks(reader, 'prd_id', { repositoryId, prdIds: prds.map((prd) => prd.id) })
    const inProgress = await listTasks(reader, { ...filter, status: 'in_progress' }, { limit: MAX_ROWS })
    const attention = await listTasks(reader, { ...filter, attention: true }, { limit: MAX_ROWS })
    return {
      tasks: addCounts(byRepository.values()),
      repositories: names.flatMap((entry) => {
        const tasks = byRepository.get(entry.id)
        return tasks === undefined &&
          (scope.prd !== undefined || (repositoryId !== undefined && repositoryId !== entry.id))
          ? []
          : [{ name: entry.name, tasks: tasks ?? NO_TASKS }]
      }),
      prds: prds.map((prd) => ({
        id: prdKey(prd.id),
        title: prd.title,
        state: prd.state,
        tasks: byPrd.get(prd.id) ?? NO_TASKS,
      })),
      totals: {
        prds: total,
        repositories: names.length,
        inProgress: inProgress.total,
        attention: attention.total,
      },
      yours: inProgress.tasks.filter((task) => task.holderSession === caller.session).map(presentRow),
      inProgress: inProgress.tasks.map(presentRow),
      attention: attention.tasks.map(presentRow),
      recent: await listEvents(reader, { prdId: scope.prd, repositoryId }, { limit: 5, newestFirst: true }),
      background: await backgroundProblems(reader, service.now()),
    }
  })
}

function presentRow(task: {
  id: number
  title: string
  repository: string
  holder: string | undefined
  blockReason: string | undefined
  stale: boolean
}): StatusTask {
  const reason = task.blockReason ?? (task.stale ? 'the PRD changed since' : undefined)
  return {
    id: taskKey(task.id),
    title: task.title,
    repository: task.repository,
    ...(task.holder !== undefined && { holder: task.holder }),
    ...(reason !== undefined && { reason }),
  }
}
