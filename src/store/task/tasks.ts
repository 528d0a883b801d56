import { type Expression, expressionBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { z } from 'zod'
import { Cause, wordCause } from '../../../schemas/cause.ts'
import { prdKey, requirementKey, taskKey } from '../../../schemas/key.ts'
import { Complexity, type Task, TaskContext, type TaskFields, TaskStatus } from '../../../schemas/task.ts'
import { readChunks } from '../chunks.ts'
import type { Reader } from '../database.ts'
import { storedJson, storedValue } from '../stored.ts'
import type { Tables } from '../tables.ts'

const Texts = z.array(z.string())

/** A task as stored. JSON columns are parsed; links to requirements and dependencies are asked for apart. */
export interface TaskRecord extends TaskFields {
  readonly id: number
  readonly alias: string | undefined
  readonly repositoryId: number
  readonly repository: string
  readonly prdId: number | undefined
  readonly planId: number | undefined
  readonly prdRevision: number | undefined
  readonly stale: boolean
  readonly status: TaskStatus
  readonly waitingOn: number
  readonly position: number
  readonly cause: Cause | undefined
  /** The cause as a sentence. */
  readonly blockReason: string | undefined
  readonly holder: string | undefined
  readonly holderSession: string | undefined
  readonly leaseHash: string | undefined
  readonly leaseExpiresAt: number | undefined
  readonly fence: number
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly finishedAt: number | undefined
}

type TaskRow = Selectable<Tables['task']> & { repository: string }

function fromRow(row: TaskRow): TaskRecord {
  const cause = row.cause === null ? undefined : storedJson(Cause, row.cause)
  return {
    id: row.id,
    alias: row.alias ?? undefined,
    title: row.title,
    description: row.description,
    repositoryId: row.repository_id,
    repository: row.repository,
    prdId: row.prd_id ?? undefined,
    planId: row.plan_id ?? undefined,
    prdRevision: row.prd_revision ?? undefined,
    stale: row.stale === 1,
    status: storedValue(TaskStatus, row.status),
    waitingOn: row.waiting_on,
    acceptanceCriteria: storedJson(Texts, row.criteria),
    testCases: storedJson(Texts, row.test_cases),
    complexity: storedValue(Complexity, row.complexity),
    priority: row.priority,
    position: row.position,
    context: storedJson(TaskContext, row.context),
    cause,
    blockReason: cause && wordCause(cause),
    holder: row.holder ?? undefined,
    holderSession: row.holder_session ?? undefined,
    leaseHash: row.lease_hash ?? undefined,
    leaseExpiresAt: row.lease_expires_at ?? undefined,
    fence: row.fence,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at ?? undefined,
  }
}

/** The shape people and agents see. */
export async function presentTask(reader: Reader, task: TaskRecord): Promise<Task> {
  const requirements = await reader.sql
    .selectFrom('task_requirement')
    .select('requirement_id')
    .where('task_id', '=', task.id)
    .orderBy('requirement_id')
    .execute()
  const dependencies = await reader.sql
    .selectFrom('task_dependency')
    .select('depends_on')
    .where('task_id', '=', task.id)
    .orderBy('depends_on')
    .execute()
  return {
    id: taskKey(task.id),
    ...(task.alias !== undefined && { alias: task.alias }),
    title: task.title,
    description: task.description,
    repository: task.repository,
    ...(task.prdId !== undefined && { prd: prdKey(task.prdId) }),
    ...(task.prdRevision !== undefined && { prdRevision: task.prdRevision }),
    stale: task.stale,
    status: task.status,
    ready: isReady(task),
    acceptanceCriteria: [...task.acceptanceCriteria],
    testCases: [...task.testCases],
    requirements: requirements.map((row) => requirementKey(row.requirement_id)),
    dependsOn: dependencies.map((row) => taskKey(row.depends_on)),
    complexity: task.complexity,
    priority: task.priority,
    position: task.position,
    context: task.context,
    ...(task.blockReason !== undefined && { blockReason: task.blockReason }),
    ...(task.holder !== undefined && { holder: task.holder }),
    ...(task.leaseExpiresAt !== undefined && { leaseExpiresAt: task.leaseExpiresAt }),
    fence: task.fence,
    revision: task.revision,
    createdAt: task.createdAt,
    updatedAt: task.updatedAt,
    ...(task.finishedAt !== undefined && { finishedAt: task.finishedAt }),
  }
}

export function isReady(task: Pick<TaskRecord, 'status' | 'waitingOn'>): boolean {
  return task.status === 'todo' && task.waitingOn === 0
}

function selectTasks(reader: Reader) {
  return reader.sql
    .selectFrom('task')
    .innerJoin('repository', 'repository.id', 'task.repository_id')
    .selectAll('task')
    .select('repository.name as repository')
}

export async function findTask(reader: Reader, id: number): Promise<TaskRecord | undefined> {
  const row = await selectTasks(reader).where('task.id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function findTasks(reader: Reader, ids: readonly number[]): Promise<readonly TaskRecord[]> {
  const rows = await readChunks(
    [...ids].sort((a, b) => a - b),
    async (chunk) => await selectTasks(reader).where('task.id', 'in', chunk).orderBy('task.id').execute(),
  )
  return rows.map(fromRow)
}

/** Every task of a PRD, in working order. */
export async function listPrdTasks(reader: Reader, prdId: number): Promise<readonly TaskRecord[]> {
  const rows = await selectTasks(reader)
    .where('task.prd_id', '=', prdId)
    .orderBy('task.priority')
    .orderBy('task.position')
    .orderBy('task.id')
    .execute()
  return rows.map(fromRow)
}

/** Tasks of a PRD that are blocked. */
export async function listBlockedTasks(reader: Reader, prdId: number): Promise<readonly TaskRecord[]> {
  const rows = await selectTasks(reader)
    .where('task.prd_id', '=', prdId)
    .where('task.status', '=', 'blocked')
    .orderBy('task.id')
    .execute()
  return rows.map(fromRow)
}

/** Tasks whose lease ran out. */
export async function listExpired(reader: Reader, now: number): Promise<readonly TaskRecord[]> {
  const rows = await selectTasks(reader).where('lease_expires_at', '<=', now).orderBy('task.id').execute()
  return rows.map(fromRow)
}

/** Where the task next to this one stands, in the order of one priority; a third task is left out of account. */
export async function findPositionBeyond(
  reader: Reader,
  neighbour: Pick<TaskRecord, 'priority' | 'position'>,
  direction: 'before' | 'after',
  besides: number,
): Promise<number | undefined> {
  const row = await reader.sql
    .selectFrom('task')
    .select('position')
    .where('priority', '=', neighbour.priority)
    .where('position', direction === 'before' ? '<' : '>', neighbour.position)
    .where('id', '<>', besides)
    .orderBy('position', direction === 'before' ? 'desc' : 'asc')
    .limit(1)
    .executeTakeFirst()
  return row?.position
}

/** Tasks that belong to no PRD, in working order. */
export async function listLooseTasks(reader: Reader): Promise<readonly TaskRecord[]> {
  const rows = await selectTasks(reader)
    .where('task.prd_id', 'is', null)
    .orderBy('task.priority')
    .orderBy('task.position')
    .orderBy('task.id')
    .execute()
  return rows.map(fromRow)
}

/** Tasks that a session holds. */
export async function listHeldBy(reader: Reader, session: string): Promise<readonly number[]> {
  const rows = await reader.sql.selectFrom('task').select('id').where('holder_session', '=', session).execute()
  return rows.map((row) => row.id)
}

export interface TaskFilter {
  readonly status?: TaskStatus | undefined
  readonly ready?: boolean | undefined
  /** To do, but waiting for a dependency, or blocked with a reason. */
  readonly blocked?: boolean | undefined
  readonly stale?: boolean | undefined
  /** What waits for a decision: blocked, failed, or stale and not given up. */
  readonly attention?: boolean | undefined
  readonly repositoryId?: number | undefined
  readonly prdId?: number | undefined
  readonly holder?: string | undefined
  /** Only these, for example the hits of a search. */
  readonly ids?: readonly number[] | undefined
}

/** Place in the working order; the next page starts after it. */
export interface TaskPlace {
  readonly priority: number
  readonly position: number
  readonly id: number
}

/** A page in working order (priority, position, key), and how many match in all. */
export async function listTasks(
  reader: Reader,
  filter: TaskFilter,
  page: { readonly after?: TaskPlace | undefined; readonly limit: number },
): Promise<{ readonly tasks: readonly TaskRecord[]; readonly total: number }> {
  const { total } = await reader.sql
    .selectFrom('task')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where(matching(filter))
    .executeTakeFirstOrThrow()
  const rows = await selectTasks(reader)
    .where(matching(filter))
    .$if(page.after !== undefined, (query) => query.where(comesAfter(page.after)))
    .orderBy('task.priority')
    .orderBy('task.position')
    .orderBy('task.id')
    .limit(page.limit)
    .execute()
  return { tasks: rows.map(fromRow), total }
}

const onTask = expressionBuilder<Tables, 'task'>()

/** To do, and waiting for nothing. */
export const IS_READY = onTask.and([onTask('task.status', '=', 'todo'), onTask('task.waiting_on', '=', 0)])

function matching(filter: TaskFilter) {
  const conditions: Expression<SqlBool>[] = []
  if (filter.status !== undefined) conditions.push(onTask('task.status', '=', filter.status))
  if (filter.ready) conditions.push(IS_READY)
  if (filter.blocked) {
    const waiting = onTask.and([onTask('task.status', '=', 'todo'), onTask('task.waiting_on', '>', 0)])
    conditions.push(onTask.or([onTask('task.status', '=', 'blocked'), waiting]))
  }
  if (filter.attention) {
    const stale = onTask.and([onTask('task.stale', '=', sql.lit(1)), onTask('task.status', '<>', 'cancelled')])
    conditions.push(onTask.or([onTask('task.status', 'in', ['blocked', 'failed']), stale]))
  }
  if (filter.stale !== undefined) conditions.push(onTask('task.stale', '=', sql.lit(filter.stale ? 1 : 0)))
  if (filter.repositoryId !== undefined) conditions.push(onTask('task.repository_id', '=', filter.repositoryId))
  if (filter.prdId !== undefined) conditions.push(onTask('task.prd_id', '=', filter.prdId))
  if (filter.holder !== undefined) conditions.push(onTask('task.holder', '=', filter.holder))
  if (filter.ids !== undefined) conditions.push(onTask('task.id', 'in', filter.ids.length > 0 ? filter.ids : [-1]))
  return onTask.and(conditions)
}

function comesAfter(place: TaskPlace | undefined) {
  const { priority, position, id } = place ?? { priority: 0, position: 0, id: 0 }
  return onTask(onTask.refTuple('task.priority', 'task.position', 'task.id'), '>', onTask.tuple(priority, position, id))
}

/** Position after every task there is. */
export async function lastPosition(reader: Reader): Promise<number> {
  const row = await reader.sql
    .selectFrom('task')
    .select((eb) => eb.fn.max('position').as('position'))
    .executeTakeFirst()
  return row?.position ?? 0
}

/** The highest number that an alias such as US-012 has in the workspace; 0 where there is none. */
export async function findLastAliasNumber(reader: Reader, prefix: string): Promise<number> {
  const rows = await reader.sql.selectFrom('task').select('alias').where('alias', 'like', `${prefix}-%`).execute()
  return rows.reduce(
    (highest, { alias }) => Math.max(highest, Number(/^[A-Z]+-(\d{1,9})$/.exec(alias ?? '')?.[1] ?? 0)),
    0,
  )
}
