import type { Principal } from '../../../schemas/actor.ts'
import { type ClaimStart, findClaimStart, insertClaimStart, type StartPlace } from '../../store/task/claim-starts.ts'
import { freezeChecks } from '../run/frozen-checks.ts'
import { getRepositoryRecord } from '../run/work.ts'
import { consult, type Service, transact } from '../service.ts'
import { getTask } from './claim.ts'
import { holdLease } from './lease.ts'

export type { ClaimStart, StartPlace } from '../../store/task/claim-starts.ts'

/** Notes with a claim what stood in the repository's worktrees when it began, and its checks; what was noted first stays. */
export async function noteClaimStart(
  service: Service,
  caller: Principal,
  claim: { readonly taskId: number; readonly token: string },
  places: readonly StartPlace[],
): Promise<void> {
  await transact(service, caller, 'task.claim', async (tx, now) => {
    const task = await getTask(tx, claim.taskId)
    await holdLease(tx, caller, task, claim.token, now)
    const checks = freezeChecks(await getRepositoryRecord(tx, task.repositoryId))
    await insertClaimStart(tx, { taskId: task.id, fence: task.fence }, { checks, places }, now)
  })
}

/** What was noted with the claim that holds now; undefined where nothing was. */
export async function readClaimStart(
  service: Service,
  caller: Principal,
  taskId: number,
): Promise<ClaimStart | undefined> {
  return await consult(service, caller, 'task.read', async (reader) =>
    findClaimStart(reader, taskId, (await getTask(reader, taskId)).fence),
  )
}
