import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { Task, TaskFields } from '../../../schemas/task.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { lastPosition, presentTask } from '../../store/task/tasks.ts'
import { getPrd } from '../prd/prd.ts'
import { followWork } from '../prd/transition.ts'
import { resolveRepository } from '../repository/repository.ts'
import { type Request, type Service, transact } from '../service.ts'
import { getTask } from './claim.ts'
import { checkEdge, checkRequirements } from './links.ts'
import { enterTasks } from './transition.ts'

export interface TaskDraft extends TaskFields {
  readonly repository: string
  readonly prd?: number | undefined
  readonly requirements: readonly number[]
  readonly dependsOn: readonly number[]
  /** The task on which it was discovered: the new one joins its PRD. */
  readonly followUpOf?: number | undefined
}

/** Adds work outside a plan: ad hoc, or a follow-up found on the way. */
export async function createTask(
  service: Service,
  caller: Principal,
  draft: TaskDraft,
  request?: Request,
): Promise<Task> {
  return await transact(
    service,
    caller,
    'task.create',
    async (tx, now) => {
      const origin = draft.followUpOf === undefined ? undefined : await getTask(tx, draft.followUpOf)
      const prdId = draft.prd ?? origin?.prdId
      const prd = prdId === undefined ? undefined : await getPrd(tx, prdId)
      const repository = await resolveRepository(tx, draft.repository)
      await checkRequirements(tx, prdId, draft.requirements, 'Name the PRD it belongs to.')
      const id = await reserveNumbers(tx, 'task')
      for (const dependency of draft.dependsOn) await checkEdge(tx, id, dependency)
      const entry = {
        ...draft,
        id,
        repositoryId: repository.id,
        prdId,
        prdRevision: prd?.revision,
        position: (await lastPosition(tx)) + 1,
        createdAt: now,
        updatedAt: now,
      }
      await enterTasks(tx, { actor: actorOf(caller), now }, [entry], () => ({
        type: 'task.created',
        payload: { title: draft.title, ...(origin !== undefined && { followUpOf: taskKey(origin.id) }) },
      }))
      await followWork(tx, prdId, now)
      return await presentTask(tx, await getTask(tx, id))
    },
    request,
  )
}
