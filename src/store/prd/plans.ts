import type { Insertable } from 'kysely'
import type { Actor } from '../../../schemas/actor.ts'
import { chunksOf } from '../chunks.ts'
import type { Reader, Tx } from '../database.ts'
import type { Tables } from '../tables.ts'

export interface PlanRecord {
  readonly id: number
  readonly prdId: number
  readonly prdRevision: number
  readonly at: number
}

/** Stores the plan that now holds and marks the one before it superseded. */
export async function insertPlan(tx: Tx, plan: PlanRecord, actor: Actor): Promise<void> {
  await tx.sql
    .updateTable('plan')
    .set({ superseded_at: plan.at })
    .where('prd_id', '=', plan.prdId)
    .where('superseded_at', 'is', null)
    .execute()
  await tx.sql
    .insertInto('plan')
    .values({
      id: plan.id,
      prd_id: plan.prdId,
      prd_revision: plan.prdRevision,
      actor: JSON.stringify(actor),
      at: plan.at,
      superseded_at: null,
    })
    .execute()
}

/** The plan that holds for a PRD. */
export async function findPlan(reader: Reader, prdId: number): Promise<PlanRecord | undefined> {
  const row = await reader.sql
    .selectFrom('plan')
    .selectAll()
    .where('prd_id', '=', prdId)
    .where('superseded_at', 'is', null)
    .executeTakeFirst()
  return row && { id: row.id, prdId: row.prd_id, prdRevision: row.prd_revision, at: row.at }
}

/** The tasks of a plan, many at once. */
export async function insertTasks(tx: Tx, rows: readonly Insertable<Tables['task']>[]): Promise<void> {
  for (const chunk of chunksOf(rows)) await tx.sql.insertInto('task').values(chunk).execute()
}

/** Edges and traces of many tasks at once; the tasks are there and have none of these yet. */
export async function insertTaskLinks(
  tx: Tx,
  links: {
    readonly dependencies: readonly { readonly task: number; readonly dependsOn: number }[]
    readonly requirements: readonly { readonly task: number; readonly requirement: number }[]
  },
): Promise<void> {
  for (const chunk of chunksOf(links.dependencies)) {
    const rows = chunk.map(({ task, dependsOn }) => ({ task_id: task, depends_on: dependsOn }))
    await tx.sql.insertInto('task_dependency').values(rows).execute()
  }
  for (const chunk of chunksOf(links.requirements)) {
    const rows = chunk.map(({ task, requirement }) => ({ task_id: task, requirement_id: requirement }))
    await tx.sql.insertInto('task_requirement').values(rows).execute()
  }
}

/** Takes away the edges that start at these tasks, and what they trace to. */
export async function deleteTaskLinks(tx: Tx, taskIds: readonly number[]): Promise<void> {
  for (const chunk of chunksOf(taskIds)) {
    await tx.sql.deleteFrom('task_dependency').where('task_id', 'in', chunk).execute()
    await tx.sql.deleteFrom('task_requirement').where('task_id', 'in', chunk).execute()
  }
}

/** Tasks that wait for one of these and are neither done nor cancelled. */
export async function listOpenDependents(
  reader: Reader,
  taskIds: readonly number[],
): Promise<readonly { readonly task: number; readonly dependsOn: number }[]> {
  const found: { task: number; dependsOn: number }[] = []
  for (const chunk of chunksOf(taskIds)) {
    const rows = await reader.sql
      .selectFrom('task_dependency')
      .innerJoin('task', 'task.id', 'task_dependency.task_id')
      .select(['task_dependency.task_id', 'task_dependency.depends_on'])
      .where('task_dependency.depends_on', 'in', chunk)
      .where('task.status', 'not in', ['done', 'cancelled'])
      .orderBy('task_dependency.task_id')
      .execute()
    for (const row of rows) found.push({ task: row.task_id, dependsOn: row.depends_on })
  }
  return found
}
