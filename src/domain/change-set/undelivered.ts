import type { Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { Reader } from '../../store/database.ts'
import { listAttempts } from '../../store/run/attempts.ts'
import {
  type ChangeSetRecord,
  findChangeSet,
  findOpenChangeSet,
  listMembers,
  listUndelivered,
} from '../../store/run/change-sets.ts'
import { listPrdTasks, type TaskRecord } from '../../store/task/tasks.ts'
import { consult, type Service } from '../service.ts'
import { getTask } from '../task/claim.ts'

/** What a finished task leaves to be done. */
export interface AfterTask {
  readonly prd: string | undefined
  /** Where its work landed, or that of its PRD; absent where nothing landed. */
  readonly changeSet: ChangeSetRecord | undefined
  /** Tasks of the same PRD that are not over. */
  readonly open: number
  readonly ready: number
}

/** Where the work of a task landed, and what of its PRD is left. */
export async function readAfterTask(service: Service, caller: Principal, taskId: number): Promise<AfterTask> {
  return await consult(service, caller, 'changeset.read', async (reader) => {
    const task = await getTask(reader, taskId)
    const siblings = task.prdId === undefined ? [] : await listPrdTasks(reader, task.prdId)
    return {
      prd: task.prdId === undefined ? undefined : prdKey(task.prdId),
      changeSet: await landedIn(reader, task),
      open: siblings.filter(({ status }) => status !== 'done' && status !== 'cancelled').length,
      ready: siblings.filter(({ status, waitingOn }) => status === 'todo' && waitingOn === 0).length,
    }
  })
}

async function landedIn(reader: Reader, task: TaskRecord): Promise<ChangeSetRecord | undefined> {
  const landed = (await listAttempts(reader, { taskId: task.id, state: 'landed' })).at(-1)
  if (landed !== undefined) return await findChangeSet(reader, landed.changeSetId)
  const open = task.prdId === undefined ? undefined : await findOpenChangeSet(reader, task.prdId)
  return open !== undefined && (await holdsWork(reader, open.id)) ? open : undefined
}

/** Change sets with work that is not delivered and that nobody works on any more, newest first. */
export async function readUndelivered(
  service: Service,
  caller: Principal,
  prdId: number | undefined,
): Promise<readonly ChangeSetRecord[]> {
  return await consult(service, caller, 'changeset.read', async (reader) => {
    return await listUndelivered(reader, prdId)
  })
}

async function holdsWork(reader: Reader, changeSetId: number): Promise<boolean> {
  return (await listMembers(reader, changeSetId)).some(({ base, head }) => base !== head)
}
