import { Actor } from '../../../schemas/actor.ts'
import type { TaskNote } from '../../../schemas/task.ts'
import { pathBetween } from '../../graph.ts'
import { chunksOf } from '../chunks.ts'
import type { Reader, Tx } from '../database.ts'

export async function listDependencies(reader: Reader, taskId: number): Promise<readonly number[]> {
  const rows = await reader.sql
    .selectFrom('task_dependency')
    .select('depends_on')
    .where('task_id', '=', taskId)
    .orderBy('depends_on')
    .execute()
  return rows.map((row) => row.depends_on)
}

/** The first `limit` tasks that wait for this one, and how many do in all. */
export async function listDependents(
  reader: Reader,
  taskId: number,
  limit: number,
): Promise<{ readonly ids: readonly number[]; readonly total: number }> {
  const query = reader.sql.selectFrom('task_dependency').where('depends_on', '=', taskId)
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await query.select('task_id').orderBy('task_id').limit(limit).execute()
  return { ids: rows.map((row) => row.task_id), total }
}

/** Tasks that waited for this one and now wait for nothing: the first `limit`, and how many in all. */
export async function listReadied(
  reader: Reader,
  taskId: number,
  limit: number,
): Promise<{ readonly ids: readonly number[]; readonly total: number }> {
  const query = reader.sql
    .selectFrom('task_dependency')
    .innerJoin('task', 'task.id', 'task_dependency.task_id')
    .where('task_dependency.depends_on', '=', taskId)
    .where('task.status', '=', 'todo')
    .where('task.waiting_on', '=', 0)
  const { total } = await query.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await query.select('task.id').orderBy('task.id').limit(limit).execute()
  return { ids: rows.map((row) => row.id), total }
}

/** Every edge on the way from these tasks to what they wait for, directly or not. */
export async function listEdgesFrom(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly dependsOn: number }[]> {
  const seen = new Set(taskIds)
  const edges: { task: number; dependsOn: number }[] = []
  for (let frontier = [...seen]; frontier.length > 0; ) {
    const reached: number[] = []
    for (const chunk of chunksOf(frontier)) {
      const rows = await reader.sql
        .selectFrom('task_dependency')
        .selectAll()
        .where('task_id', 'in', chunk)
        .orderBy('task_id')
        .orderBy('depends_on')
        .execute()
      for (const row of rows) {
        edges.push({ task: row.task_id, dependsOn: row.depends_on })
        if (seen.has(row.depends_on)) continue
        seen.add(row.depends_on)
        reached.push(row.depends_on)
      }
    }
    frontier = reached
  }
  return edges
}

/**
 * The way from `from` along dependencies to `to`, both included; undefined where there is none. An edge
 * "to waits for from" would then close a cycle.
 */
export async function findDependencyPath(
  reader: Reader,
  from: number,
  to: number,
): Promise<readonly number[] | undefined> {
  const edges = Map.groupBy(await listEdgesFrom(reader, [from]), ({ task }) => task)
  return pathBetween(from, to, (id) => (edges.get(id) ?? []).map(({ dependsOn }) => dependsOn))
}

/** Replaces the dependencies of a task and sets its `waiting_on` to match. */
export async function setDependencies(tx: Tx, taskId: number, dependsOn: readonly number[]): Promise<void> {
  await tx.sql.deleteFrom('task_dependency').where('task_id', '=', taskId).execute()
  const unique = [...new Set(dependsOn)]
  if (unique.length > 0) {
    await tx.sql
      .insertInto('task_dependency')
      .values(unique.map((id) => ({ task_id: taskId, depends_on: id })))
      .execute()
  }
  await recountWaiting(tx, [taskId])
}

/** Sets `waiting_on` of these tasks to what their dependencies say. */
export async function recountWaiting(tx: Tx, taskIds: readonly number[]): Promise<void> {
  for (const chunk of chunksOf(taskIds)) {
    await tx.sql
      .updateTable('task')
      .set((eb) => ({
        waiting_on: eb
          .selectFrom('task_dependency')
          .innerJoin('task as dependency', 'dependency.id', 'task_dependency.depends_on')
          .select((sub) => sub.fn.countAll<number>().as('open'))
          .whereRef('task_dependency.task_id', '=', 'task.id')
          .where('dependency.status', '<>', 'done'),
      }))
      .where('id', 'in', chunk)
      .execute()
  }
}

/** Tells the dependents of a task that it became done (-1) or is done no longer (+1). */
export async function shiftDependents(tx: Tx, taskId: number, by: 1 | -1): Promise<void> {
  await tx.sql
    .updateTable('task')
    .set((eb) => ({ waiting_on: eb('waiting_on', '+', by) }))
    .where('id', 'in', (eb) => eb.selectFrom('task_dependency').select('task_id').where('depends_on', '=', taskId))
    .execute()
}

export async function setTaskRequirements(tx: Tx, taskId: number, requirementIds: readonly number[]): Promise<void> {
  await tx.sql.deleteFrom('task_requirement').where('task_id', '=', taskId).execute()
  const unique = [...new Set(requirementIds)]
  if (unique.length === 0) return
  await tx.sql
    .insertInto('task_requirement')
    .values(unique.map((id) => ({ task_id: taskId, requirement_id: id })))
    .execute()
}

/** Which tasks trace to which requirements of a PRD. */
export async function listTraces(
  reader: Reader,
  prdId: number,
): Promise<readonly { readonly task: number; readonly requirement: number }[]> {
  const rows = await reader.sql
    .selectFrom('task_requirement')
    .innerJoin('requirement', 'requirement.id', 'task_requirement.requirement_id')
    .select(['task_requirement.task_id', 'task_requirement.requirement_id'])
    .where('requirement.prd_id', '=', prdId)
    .execute()
  return rows.map((row) => ({ task: row.task_id, requirement: row.requirement_id }))
}

/** Marks tasks of these requirements stale, cancelled ones left out; returns the keys' numbers of those newly marked. */
export async function markStale(tx: Tx, requirementIds: readonly number[]): Promise<readonly number[]> {
  if (requirementIds.length === 0) return []
  const rows = await tx.sql
    .updateTable('task')
    .set((eb) => ({ stale: 1, revision: eb('revision', '+', 1) }))
    .where('stale', '=', 0)
    .where('status', '<>', 'cancelled')
    .where('id', 'in', (eb) =>
      eb.selectFrom('task_requirement').select('task_id').where('requirement_id', 'in', requirementIds),
    )
    .returning('id')
    .execute()
  return rows.map((row) => row.id).sort((a, b) => a - b)
}

export async function insertNote(tx: Tx, taskId: number, text: string, actor: Actor, at: number): Promise<void> {
  await tx.sql
    .insertInto('task_note')
    .values({ task_id: taskId, text, actor: JSON.stringify(actor), at })
    .execute()
}

/** Newest last; at most the last `limit`. */
export async function listNotes(reader: Reader, taskId: number, limit: number): Promise<readonly TaskNote[]> {
  const rows = await reader.sql
    .selectFrom('task_note')
    .selectAll()
    .where('task_id', '=', taskId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse().map((row) => ({ text: row.text, by: Actor.parse(JSON.parse(row.actor)).name, at: row.at }))
}

/** Edges that start at these tasks, in order of their keys. */
export async function listDependenciesOf(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly dependsOn: number }[]> {
  const found: { task: number; dependsOn: number }[] = []
  for (const chunk of chunksOf(taskIds)) {
    const rows = await reader.sql
      .selectFrom('task_dependency')
      .selectAll()
      .where('task_id', 'in', chunk)
      .orderBy('depends_on')
      .execute()
    for (const row of rows) found.push({ task: row.task_id, dependsOn: row.depends_on })
  }
  return found
}

/** What these tasks trace to, requirements that the text has no longer left out. */
export async function listRequirementsOf(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly requirement: number; readonly prd: number }[]> {
  const found: { task: number; requirement: number; prd: number }[] = []
  for (const chunk of chunksOf(taskIds)) {
    const rows = await reader.sql
      .selectFrom('task_requirement')
      .innerJoin('requirement', 'requirement.id', 'task_requirement.requirement_id')
      .select(['task_requirement.task_id', 'requirement.id', 'requirement.prd_id'])
      .where('task_requirement.task_id', 'in', chunk)
      .where('requirement.removed_in', 'is', null)
      .orderBy('requirement.position')
      .execute()
    for (const row of rows) found.push({ task: row.task_id, requirement: row.id, prd: row.prd_id })
  }
  return found
}

/** Every note of these tasks, oldest first. */
export async function listNotesOf(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly (TaskNote & { readonly task: number })[]> {
  const found: (TaskNote & { task: number })[] = []
  for (const chunk of chunksOf(taskIds)) {
    const rows = await reader.sql
      .selectFrom('task_note')
      .selectAll()
      .where('task_id', 'in', chunk)
      .orderBy('id')
      .execute()
    for (const row of rows)
      found.push({ task: row.task_id, text: row.text, by: Actor.parse(JSON.parse(row.actor)).name, at: row.at })
  }
  return found
}

/** Notes of many tasks at once. */
export async function insertNotes(
  tx: Tx,
  notes: readonly { readonly task: number; readonly text: string; readonly actor: Actor; readonly at: number }[],
): Promise<void> {
  for (const chunk of chunksOf(notes)) {
    const rows = chunk.map(({ task, text, actor, at }) => ({ task_id: task, text, actor: JSON.stringify(actor), at }))
    await tx.sql.insertInto('task_note').values(rows).execute()
  }
}

/** Tasks that wait directly for one of these, whatever their state. */
export async function listWaitingFor(reader: Reader, taskIds: readonly number[]): Promise<readonly number[]> {
  const found = new Set<number>()
  for (const chunk of chunksOf(taskIds)) {
    const rows = await reader.sql
      .selectFrom('task_dependency')
      .select('task_id')
      .where('depends_on', 'in', chunk)
      .execute()
    for (const row of rows) found.add(row.task_id)
  }
  return [...found]
}

/** Blocked tasks of a PRD whose reason begins with these words, and what they realise. */
export async function listWaitingForAnswer(
  reader: Reader,
  prdId: number,
  reason: string,
): Promise<readonly { readonly task: number; readonly requirements: readonly number[] }[]> {
  const rows = await reader.sql
    .selectFrom('task')
    .leftJoin('task_requirement', 'task_requirement.task_id', 'task.id')
    .select(['task.id', 'task_requirement.requirement_id'])
    .where('task.prd_id', '=', prdId)
    .where('task.status', '=', 'blocked')
    .where('task.block_reason', 'like', `${reason}%`)
    .orderBy('task.id')
    .execute()
  const byTask = Map.groupBy(rows, ({ id }) => id)
  return [...byTask].map(([task, own]) => ({
    task,
    requirements: own.flatMap(({ requirement_id: id }) => (id === null ? [] : [id])),
  }))
}
