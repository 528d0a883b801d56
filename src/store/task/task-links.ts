import { Actor } from '../../../schemas/actor.ts'
import type { TaskNote } from '../../../schemas/task.ts'
import { pathBetween } from '../../graph.ts'
import { chunksOf, readChunks } from '../chunks.ts'
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

export async function insertNote(tx: Tx, taskId: number, text: string, actor: Actor, at: number): Promise<void> {
  await tx.sql
    .insertInto('task_note')
    .values({ task_id: taskId, text, actor: JSON.stringify(actor), at })
    .execute()
}

/** Newest last. */
export async function listNotes(reader: Reader, taskId: number): Promise<readonly TaskNote[]> {
  const rows = await reader.sql
    .selectFrom('task_note')
    .selectAll()
    .where('task_id', '=', taskId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ text: row.text, by: Actor.parse(JSON.parse(row.actor)).name, at: row.at }))
}

/** Tasks that wait for one of these and are neither done nor cancelled. */
export async function listOpenDependents(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly dependsOn: number }[]> {
  return await readChunks(taskIds, async (chunk) => {
    const rows = await reader.sql
      .selectFrom('task_dependency')
      .innerJoin('task', 'task.id', 'task_dependency.task_id')
      .select(['task_dependency.task_id', 'task_dependency.depends_on'])
      .where('task_dependency.depends_on', 'in', chunk)
      .where('task.status', 'not in', ['done', 'cancelled'])
      .orderBy('task_dependency.task_id')
      .execute()
    return rows.map((row) => ({ task: row.task_id, dependsOn: row.depends_on }))
  })
}

/** Edges that start at these tasks, in order of their keys. */
export async function listDependenciesOf(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly dependsOn: number }[]> {
  return await readChunks(taskIds, async (chunk) => {
    const rows = await reader.sql
      .selectFrom('task_dependency')
      .selectAll()
      .where('task_id', 'in', chunk)
      .orderBy('depends_on')
      .execute()
    return rows.map((row) => ({ task: row.task_id, dependsOn: row.depends_on }))
  })
}

/** What these tasks trace to, requirements that the text has no longer left out. */
export async function listRequirementsOf(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly requirement: number; readonly prd: number }[]> {
  return await readChunks(taskIds, async (chunk) => {
    const rows = await reader.sql
      .selectFrom('task_requirement')
      .innerJoin('requirement', 'requirement.id', 'task_requirement.requirement_id')
      .select(['task_requirement.task_id', 'requirement.id', 'requirement.prd_id'])
      .where('task_requirement.task_id', 'in', chunk)
      .where('requirement.removed_in', 'is', null)
      .orderBy('requirement.position')
      .execute()
    return rows.map((row) => ({ task: row.task_id, requirement: row.id, prd: row.prd_id }))
  })
}

/** Which tasks trace to these requirements. */
export async function listTasksOf(
  reader: Reader,
  requirementIds: readonly number[],
): Promise<readonly { readonly task: number; readonly requirement: number }[]> {
  return await readChunks(requirementIds, async (chunk) => {
    const rows = await reader.sql
      .selectFrom('task_requirement')
      .selectAll()
      .where('requirement_id', 'in', chunk)
      .orderBy('task_id')
      .execute()
    return rows.map((row) => ({ task: row.task_id, requirement: row.requirement_id }))
  })
}

/** Every note of these tasks, oldest first. */
export async function listNotesOf(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly (TaskNote & { readonly task: number })[]> {
  return await readChunks(taskIds, async (chunk) => {
    const rows = await reader.sql
      .selectFrom('task_note')
      .selectAll()
      .where('task_id', 'in', chunk)
      .orderBy('id')
      .execute()
    return rows.map((row) => ({
      task: row.task_id,
      text: row.text,
      by: Actor.parse(JSON.parse(row.actor)).name,
      at: row.at,
    }))
  })
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
