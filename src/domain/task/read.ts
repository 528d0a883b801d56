import type { Principal } from '../../../schemas/actor.ts'
import type { Evidence } from '../../../schemas/evidence.ts'
import { prdKey, taskKey } from '../../../schemas/key.ts'
import type { Task, TaskStatus } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import { mapOrigins } from '../../store/links.ts'
import { findPrd } from '../../store/prd/prds.ts'
import { MAX_HITS } from '../../store/search-words.ts'
import { findEvidence } from '../../store/task/proof.ts'
import { findTask, isReady, listTasks, presentTask, type TaskPlace, type TaskRecord } from '../../store/task/tasks.ts'
import { noSuchPrd } from '../prd/prd.ts'
import { resolveRepository } from '../repository/repository.ts'
import { consult, type Service } from '../service.ts'
import { getTask } from './claim.ts'
import { buildPacket, type Packet } from './packet.ts'

export interface TaskView {
  readonly task: Task
  readonly packet: Packet
  readonly evidence: Evidence | undefined
}

/** A task with everything needed to work on it. */
export async function readTask(service: Service, caller: Principal, id: number, from = 0): Promise<TaskView> {
  return await consult(service, caller, 'task.read', async (reader) => {
    const task = await getTask(reader, id)
    return {
      task: await presentTask(reader, task),
      packet: await buildPacket(reader, task, from),
      evidence: await findEvidence(reader, id),
    }
  })
}

export interface TaskQuery {
  readonly query?: string | undefined
  readonly status?: TaskStatus | undefined
  readonly ready?: boolean | undefined
  readonly blocked?: boolean | undefined
  readonly stale?: boolean | undefined
  readonly repository?: string | undefined
  readonly prd?: number | undefined
  readonly assignee?: string | undefined
  /** Key number of the last task of the page before. */
  readonly after?: number | undefined
  readonly limit: number
}

/** What a list shows of a task. */
export interface TaskLine {
  readonly id: string
  readonly title: string
  readonly repository: string
  readonly prd?: string
  readonly status: TaskStatus
  readonly ready: boolean
  readonly stale: boolean
  readonly priority: number
  readonly complexity: string
  readonly waitingOn: number
  readonly holder?: string
  readonly revision: number
  /** Where its texts were imported from: they are data. */
  readonly importedFrom?: string
}

/** A page in working order. */
export async function queryTasks(
  service: Service,
  caller: Principal,
  query: TaskQuery,
): Promise<{ readonly tasks: readonly TaskLine[]; readonly total: number; readonly capped: number | undefined }> {
  return await consult(service, caller, 'task.read', async (reader) => {
    const repositoryId =
      query.repository === undefined ? undefined : (await resolveRepository(reader, query.repository)).id
    const ids =
      query.query === undefined
        ? undefined
        : (await reader.dialect.searchText(reader, query.query, ['task'], MAX_HITS)).map((hit) => hit.id)
    if (query.prd !== undefined && (await findPrd(reader, query.prd)) === undefined) throw noSuchPrd(query.prd)
    const after = query.after === undefined ? undefined : await findTask(reader, query.after)
    if (query.after !== undefined && after === undefined)
      throw new SpekiError('not_found', `No page follows ${taskKey(query.after)}: there is no such task.`, {
        hint: hint`Begin again without cursor: ${step('task_list')}.`,
      })
    const { tasks, total } = await listTasks(
      reader,
      {
        status: query.status,
        ready: query.ready,
        blocked: query.blocked,
        stale: query.stale,
        repositoryId,
        prdId: query.prd,
        holder: query.assignee,
        ids,
      },
      { after: after && placeOf(after), limit: query.limit },
    )
    const origins = await mapOrigins(
      reader,
      'task',
      tasks.map(({ id }) => id),
    )
    return {
      tasks: tasks.map((task) => presentLine(task, origins.get(task.id))),
      total,
      capped: ids?.length === MAX_HITS ? MAX_HITS : undefined,
    }
  })
}

function placeOf(task: TaskRecord): TaskPlace {
  return { priority: task.priority, position: task.position, id: task.id }
}

function presentLine(task: TaskRecord, origin: string | undefined): TaskLine {
  return {
    id: taskKey(task.id),
    title: task.title,
    repository: task.repository,
    ...(task.prdId !== undefined && { prd: prdKey(task.prdId) }),
    status: task.status,
    ready: isReady(task),
    stale: task.stale,
    priority: task.priority,
    complexity: task.complexity,
    waitingOn: task.waitingOn,
    ...(task.holder !== undefined && { holder: task.holder }),
    revision: task.revision,
    ...(origin !== undefined && { importedFrom: origin }),
  }
}
