import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { keyNumber } from '../../../schemas/key.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import { changeSetFor } from '../change-set/change-set-for.ts'
import { followWork } from '../prd/transition.ts'
import { forgetAnswer } from '../repeated-request.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { type Claim, getTask } from '../task/claim.ts'
import { holdLease } from '../task/lease.ts'
import { freeGone, moveTask } from '../task/transition.ts'
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

/**
 * Takes a claim back of which nothing came, with its attempt, which it names so that it can be cleared away: the task is free
 * again, and the request may be made once more.
 */
export async function undoClaim(
  service: Service,
  caller: Principal,
  claim: Claim,
  request: Request | undefined,
): Promise<AttemptRecord | undefined> {
  return await transact(service, caller, 'task.attempt', async (tx, now) => {
    if (request !== undefined) await forgetAnswer(tx, caller, request)
    const task = await getTask(tx, keyNumber(claim.task.id))
    const { fence } = claim.lease
    if (task.status !== 'in_progress' || task.fence !== fence) return undefined
    const doer = { actor: actorOf(caller), now }
    const begun = (await listAttempts(tx, { taskId: task.id, state: 'working' })).find((one) => one.fence === fence)
    if (begun !== undefined) await closeAttempt(tx, doer, begun, task, 'released')
    await moveTask(tx, doer, task, { to: 'todo' }, {}, { note: 'The claim was refused: there was no place to work.' })
    await followWork(tx, task.prdId, now)
    return begun
  })
}

/** Ends the attempts of agents in their own chat whose claim is over, and names them, so that they can be cleared away. */
export async function releaseAbandoned(service: Service, caller: Principal): Promise<readonly AttemptRecord[]> {
  return await transact(service, caller, 'task.attempt', async (tx, now) => {
    if (service.isClientGone !== undefined) await freeGone(tx, now, service.isClientGone)
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
