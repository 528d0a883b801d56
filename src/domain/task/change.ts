import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { Complexity, Task, TaskContext, TaskStatus } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import {
  findDependencyPath,
  insertNote,
  listDependents,
  setDependencies,
  setTaskRequirements,
  shiftDependents,
} from '../../store/task/task-links.ts'
import { findTask, presentTask, type TaskRecord, updateTask } from '../../store/task/tasks.ts'
import { demand } from '../access/can.ts'
import { followWork } from '../prd/prd.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { getTask } from './claim.ts'
import { holdLease } from './lease.ts'
import { checkStatusChange, needsToken } from './status.ts'

export interface TaskChange {
  readonly status?: TaskStatus | undefined
  /** Why it is blocked, failed or cancelled. */
  readonly reason?: string | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly criteria?: readonly string[] | undefined
  readonly testCases?: readonly string[] | undefined
  readonly complexity?: Complexity | undefined
  readonly priority?: number | undefined
  /** Put it right before or after another task: it takes that one's priority. */
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly context?: TaskContext | undefined
  /** Replaces all of them. */
  readonly dependsOn?: readonly number[] | undefined
  readonly requirements?: readonly number[] | undefined
  readonly note?: string | undefined
}

export interface TaskTarget {
  readonly id: number
  /** The revision the caller read; not needed for a note, nor for the holder. */
  readonly revision?: number | undefined
  readonly token?: string | undefined
}

/** Applies one change to one or many tasks; all of them or none. */
export async function changeTasks(
  service: Service,
  caller: Principal,
  targets: readonly TaskTarget[],
  change: TaskChange,
  request?: Request,
): Promise<readonly Task[]> {
  return await transact(
    service,
    caller,
    'task.edit',
    async (tx, now) => {
      const changed: Task[] = []
      for (const target of targets) {
        await changeTask(tx, caller, target, change, now)
        changed.push(await presentTask(tx, await getTask(tx, target.id)))
      }
      return changed
    },
    request,
  )
}

async function changeTask(
  tx: Tx,
  caller: Principal,
  target: TaskTarget,
  change: TaskChange,
  now: number,
): Promise<void> {
  const task = await getTask(tx, target.id)
  const id = `TASK-${task.id}`
  if (target.revision !== undefined && target.revision !== task.revision) {
    throw new SpekiError(
      'conflict',
      `${id} is at revision ${task.revision}, you read ${target.revision}; nothing was changed.`,
      {
        hint: `Read it again with task_get task="${id}" and repeat the change.`,
      },
    )
  }
  if (target.token !== undefined) await holdLease(tx, task, target.token, now)
  const { note, status, ...fields } = change
  if (note !== undefined) await insertNote(tx, task.id, note, actorOf(caller), now)
  const changesStatus = status !== undefined && status !== task.status
  const changesFields = Object.values(fields).some((value) => value !== undefined)
  if (changesStatus) {
    checkStatusChange(id, task.status, status)
    if (needsToken(task.status) && target.token === undefined)
      demand(caller, 'task.release_of_others', { key: id, holder: task.holder })
  }
  if (changesStatus || changesFields)
    await updateTask(tx, task.id, {
      ...(await fieldColumns(tx, task, fields)),
      ...(changesStatus && statusColumns(status, fields.reason, now)),
      updated_at: now,
    })
  if (fields.dependsOn !== undefined) await changeDependencies(tx, task, fields.dependsOn)
  if (fields.requirements !== undefined) await changeRequirements(tx, task, fields.requirements)
  if (fields.title !== undefined || fields.description !== undefined) {
    await tx.dialect.indexText(tx, {
      kind: 'task',
      id: task.id,
      title: fields.title ?? task.title,
      body: fields.description ?? task.description,
    })
  }
  if (changesStatus && task.status === 'done') await shiftDependents(tx, task.id, 1)
  await appendEvent(tx, {
    at: now,
    type: changesStatus ? `task.${statusEvent(task.status, status)}` : changesFields ? 'task.updated' : 'task.noted',
    subject: id,
    prdId: task.prdId,
    repositoryId: task.repositoryId,
    actor: actorOf(caller),
    revision: changesStatus || changesFields ? task.revision + 1 : task.revision,
    payload: {
      ...fields,
      ...(changesStatus && { from: task.status, to: status }),
      ...(note !== undefined && { note }),
    },
  })
  if (changesStatus) await followWork(tx, task.prdId, now)
}

function statusEvent(from: TaskStatus, to: TaskStatus): string {
  if (to !== 'todo') return to
  return from === 'in_progress' ? 'released' : 'reopened'
}

function statusColumns(status: TaskStatus, reason: string | undefined, now: number) {
  return {
    status,
    holder: null,
    holder_session: null,
    lease_hash: null,
    lease_expires_at: null,
    block_reason: status === 'todo' ? null : (reason ?? null),
    finished_at: status === 'cancelled' ? now : null,
  }
}

async function fieldColumns(tx: Tx, task: TaskRecord, fields: Omit<TaskChange, 'note' | 'status'>) {
  const place = await newPlace(tx, task, fields)
  return {
    ...(fields.title !== undefined && { title: fields.title }),
    ...(fields.description !== undefined && { description: fields.description }),
    ...(fields.criteria !== undefined && { criteria: JSON.stringify(fields.criteria) }),
    ...(fields.testCases !== undefined && { test_cases: JSON.stringify(fields.testCases) }),
    ...(fields.complexity !== undefined && { complexity: fields.complexity }),
    ...(fields.context !== undefined && { context: JSON.stringify({ ...task.context, ...fields.context }) }),
    ...place,
  }
}

/** Between the neighbour and the one beyond it; positions are real numbers, so nobody else moves. */
async function newPlace(reader: Reader, task: TaskRecord, fields: Pick<TaskChange, 'priority' | 'before' | 'after'>) {
  const neighbourId = fields.before ?? fields.after
  if (neighbourId === undefined) return fields.priority === undefined ? {} : { priority: fields.priority }
  const neighbour = await getTask(reader, neighbourId)
  const down = fields.before !== undefined
  const beyond = await reader.sql
    .selectFrom('task')
    .select('position')
    .where('priority', '=', neighbour.priority)
    .where('position', down ? '<' : '>', neighbour.position)
    .where('id', '<>', task.id)
    .orderBy('position', down ? 'desc' : 'asc')
    .limit(1)
    .executeTakeFirst()
  const edge = beyond?.position ?? neighbour.position + (down ? -2 : 2)
  return { priority: neighbour.priority, position: (neighbour.position + edge) / 2 }
}

async function changeDependencies(tx: Tx, task: TaskRecord, dependsOn: readonly number[]): Promise<void> {
  for (const dependency of dependsOn) await checkEdge(tx, task.id, dependency)
  await setDependencies(tx, task.id, dependsOn)
}

/** Throws where the edge dangles or closes a cycle, with the path. */
export async function checkEdge(reader: Reader, taskId: number, dependency: number): Promise<void> {
  if ((await findTask(reader, dependency)) === undefined) {
    throw new SpekiError(
      'invalid_input',
      `TASK-${taskId} cannot wait for TASK-${dependency}: there is no such task. Nothing was changed.`,
      { hint: 'List tasks with task_list.' },
    )
  }
  const path = await findDependencyPath(reader, dependency, taskId)
  if (path !== undefined) {
    const cycle = [taskId, ...path].map((id) => `TASK-${id}`).join(' → ')
    throw new SpekiError('invalid_input', `That dependency closes a cycle: ${cycle}. Nothing was changed.`, {
      hint: 'Drop one edge of the cycle first.',
    })
  }
}

async function changeRequirements(tx: Tx, task: TaskRecord, requirements: readonly number[]): Promise<void> {
  for (const id of requirements) {
    const row = await tx.sql.selectFrom('requirement').select('prd_id').where('id', '=', id).executeTakeFirst()
    if (row === undefined || row.prd_id !== task.prdId) {
      throw new SpekiError(
        'invalid_input',
        `REQ-${id} is no requirement of ${task.prdId === undefined ? 'this ad-hoc task' : `PRD-${task.prdId}`}.`,
        { hint: 'See them with prd_get include=["requirements"].' },
      )
    }
  }
  await setTaskRequirements(tx, task.id, requirements)
}

/** Tasks that keep waiting for these, because they were cancelled or failed; at most ten of each. */
export async function listStranded(
  service: Service,
  caller: Principal,
  ids: readonly number[],
): Promise<readonly string[]> {
  return await consult(service, caller, 'task.read', async (reader) => {
    const stranded = new Set<number>()
    for (const id of ids) for (const dependent of (await listDependents(reader, id, 10)).ids) stranded.add(dependent)
    return [...stranded].map((id) => `TASK-${id}`)
  })
}
