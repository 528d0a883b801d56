import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { prdKey, taskKey } from '../../../schemas/key.ts'
import type { SomeTaskFields, Task, TaskStatus } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, hint, step } from '../../step.ts'
import type { Reader, Tx } from '../../store/database.ts'
import { insertNote, listDependents } from '../../store/task/task-links.ts'
import { findPositionBeyond, presentTask, type TaskRecord } from '../../store/task/tasks.ts'
import { demand } from '../access/can.ts'
import { followWork } from '../prd/transition.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { getTask } from './claim.ts'
import { holdLease } from './lease.ts'
import { checkEdge, checkRequirements } from './links.ts'
import { guardMeasure } from './measure.ts'
import { checkStatusChange, needsToken } from './status.ts'
import { editTask, moveTask, type TaskAlteration, tellOfTask } from './transition.ts'

export interface TaskChange extends SomeTaskFields {
  readonly status?: TaskStatus | undefined
  /** Why it is blocked, failed or cancelled. */
  readonly reason?: string | undefined
  /** Put it right before or after another task: it takes that one's priority. */
  readonly before?: number | undefined
  readonly after?: number | undefined
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
  const id = taskKey(task.id)
  if (target.revision !== undefined && target.revision !== task.revision) {
    throw new SpekiError(
      'conflict',
      `${id} is at revision ${task.revision}, you read ${target.revision}; nothing was changed.`,
      {
        hint: hint`Read it again with ${step('task_get', { task: id })} and repeat the change.`,
      },
    )
  }
  if (target.token !== undefined) await holdLease(tx, caller, task, target.token, now)
  const { note, status, ...fields } = change
  await guardMeasure(tx, caller, task, fields)
  const doer = { actor: actorOf(caller), now }
  if (note !== undefined) await insertNote(tx, task.id, note, actorOf(caller), now)
  const changesFields = Object.values(fields).some((value) => value !== undefined)
  const { reason, before, after, ...edited } = fields
  if (status !== undefined && status !== task.status) {
    const to = checkStatusChange(id, task.status, status)
    if (needsToken(task.status) && target.token === undefined)
      demand(caller, 'task.release_of_others', { key: id, holder: task.holder })
    const cause = { kind: caller.kind, ...(reason !== undefined && { reason }) }
    await moveTask(tx, doer, task, { to, cause }, await alterationOf(tx, task, fields), { ...fields, note })
    await followWork(tx, task.prdId, now)
  } else if (changesFields) {
    await editTask(tx, doer, task, await alterationOf(tx, task, fields), { ...edited, before, after, note })
  } else await tellOfTask(tx, doer, task, { type: 'task.noted', payload: { note } })
}

/** What a change asks for, as it is written; throws where a link leads nowhere. */
async function alterationOf(tx: Tx, task: TaskRecord, change: TaskChange): Promise<TaskAlteration> {
  const { title, description, acceptanceCriteria, testCases, complexity, context, dependsOn, requirements } = change
  for (const dependency of dependsOn ?? []) await checkEdge(tx, task.id, dependency)
  const seeThem = step('prd_get', {
    prd: task.prdId === undefined ? BLANK : prdKey(task.prdId),
    include: ['requirements'],
  })
  await checkRequirements(tx, task.prdId, requirements ?? [], hint`See them with ${seeThem}.`)
  return {
    ...{ title, description, acceptanceCriteria, testCases, complexity, dependsOn, requirements },
    context: context && { ...task.context, ...context },
    ...(await newPlace(tx, task, change)),
  }
}

/** Between the neighbour and the one beyond it; positions are real numbers, so nobody else moves. */
async function newPlace(reader: Reader, task: TaskRecord, fields: Pick<TaskChange, 'priority' | 'before' | 'after'>) {
  const neighbourId = fields.before ?? fields.after
  if (neighbourId === undefined) return { priority: fields.priority }
  const neighbour = await getTask(reader, neighbourId)
  const direction = fields.before === undefined ? 'after' : 'before'
  const beyond = await findPositionBeyond(reader, neighbour, direction, task.id)
  const edge = beyond ?? neighbour.position + (direction === 'before' ? -2 : 2)
  return { priority: neighbour.priority, position: (neighbour.position + edge) / 2 }
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
    return [...stranded].map((id) => taskKey(id))
  })
}
