import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import { changeSetFor } from '../change-set/change-set-for.ts'
import { consult, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { holdLease } from '../task/lease.ts'
import { closeAttempt } from './transition.ts'
import { beginAttempt, getRepositoryRecord, type PlaceAttempt } from './work.ts'

/** The attempt of an agent in its own chat, at a task it holds: the one it has, or a new one. */
export async function beginOwnAttempt(
  service: Service,
  caller: Principal,
  taskId: number,
  token: string,
  place: PlaceAttempt,
): Promise<{ readonly attempt: AttemptRecord; readonly repository: RepositoryRecord }> {
  return await transact(service, caller, 'task.attempt', async (tx, now) => {
    const task = await getTask(tx, taskId)
    await holdLease(tx, caller, task, token, now)
    const repository = await getRepositoryRecord(tx, task.repositoryId)
    const known = (await listAttempts(tx, { taskId, state: 'working' })).find(({ fence }) => fence === task.fence)
    if (known !== undefined) return { attempt: known, repository }
    const changeSetId = await changeSetFor(tx, { actor: actorOf(caller), now }, task.prdId, task.title)
    const of = { taskId, fence: task.fence, agent: caller.name }
    return { attempt: await beginAttempt(tx, caller, { id: undefined, changeSetId }, of, place, now), repository }
  })
}

/** The attempt under the claim that holds now, of an agent in its own chat; undefined where it has no worktree of ours. */
export async function findOwnAttempt(
  service: Service,
  caller: Principal,
  taskId: number,
): Promise<AttemptRecord | undefined> {
  return await consult(service, caller, 'task.read', async (reader) => {
    const { fence } = await getTask(reader, taskId)
    const working = await listAttempts(reader, { taskId, state: 'working' })
    return working.find((attempt) => attempt.fence === fence && attempt.workerId === undefined)
  })
}

/** Ends the attempts of agents in their own chat whose claim is over, and names them, so that they can be cleared away. */
export async function releaseAbandoned(service: Service, caller: Principal): Promise<readonly AttemptRecord[]> {
  return await transact(service, caller, 'task.attempt', async (tx, now) => {
    const abandoned: AttemptRecord[] = []
    for (const attempt of await listAttempts(tx, { state: 'working' })) {
      if (attempt.workerId !== undefined) continue
      const task = await getTask(tx, attempt.taskId)
      if (task.status === 'in_progress' && task.fence === attempt.fence) continue
      await closeAttempt(tx, { actor: actorOf(caller), now }, attempt, task, 'released')
      abandoned.push(attempt)
    }
    return abandoned
  })
}
