import type { Cause } from '../../../schemas/cause.ts'
import type { SomeTaskFields, TaskFields, TaskStatus } from '../../../schemas/task.ts'
import { chunksOf } from '../chunks.ts'
import type { Tx } from '../database.ts'

/** Who works on a task, and until when without a sign of life. */
export interface Lease {
  readonly holder: string
  readonly session: string
  /** Hash of the token that only the claimer has. */
  readonly hash: string
  readonly expiresAt: number
}

/** What can change of a task; null takes away what is there. */
export interface TaskWrite extends SomeTaskFields {
  readonly repositoryId?: number | undefined
  readonly planId?: number | undefined
  readonly prdRevision?: number | undefined
  readonly stale?: boolean | undefined
  readonly status?: TaskStatus | undefined
  readonly position?: number | undefined
  readonly cause?: Cause | null | undefined
  readonly lease?: Lease | null | undefined
  readonly fence?: number | undefined
  readonly finishedAt?: number | null | undefined
}

/** A task that is not there yet; nobody holds it. */
export interface NewTask extends TaskFields {
  readonly id: number
  readonly alias?: string | undefined
  readonly repositoryId: number
  readonly prdId?: number | undefined
  readonly planId?: number | undefined
  readonly prdRevision?: number | undefined
  readonly status?: Exclude<TaskStatus, 'in_progress'> | undefined
  readonly position: number
  readonly cause?: Cause | undefined
  readonly createdAt: number
  readonly updatedAt: number
  readonly finishedAt?: number | undefined
}

/** Many at once; what they wait for is linked apart. */
export async function insertTasks(tx: Tx, tasks: readonly NewTask[]): Promise<void> {
  for (const chunk of chunksOf(tasks)) {
    const rows = chunk.map((task) => ({
      id: task.id,
      alias: task.alias ?? null,
      title: task.title,
      description: task.description,
      repository_id: task.repositoryId,
      prd_id: task.prdId ?? null,
      plan_id: task.planId ?? null,
      prd_revision: task.prdRevision ?? null,
      stale: 0,
      status: task.status ?? 'todo',
      waiting_on: 0,
      criteria: JSON.stringify(task.acceptanceCriteria),
      test_cases: JSON.stringify(task.testCases),
      complexity: task.complexity,
      priority: task.priority,
      position: task.position,
      context: JSON.stringify(task.context),
      cause: task.cause === undefined ? null : JSON.stringify(task.cause),
      holder: null,
      holder_session: null,
      lease_hash: null,
      lease_expires_at: null,
      fence: 0,
      revision: 1,
      created_at: task.createdAt,
      updated_at: task.updatedAt,
      finished_at: task.finishedAt ?? null,
    }))
    await tx.sql.insertInto('task').values(rows).execute()
  }
}

/** Changes a task and counts the change: `revision` grows by one. */
export async function updateTask(tx: Tx, id: number, write: TaskWrite, at: number): Promise<void> {
  const columns = {
    ...(write.title !== undefined && { title: write.title }),
    ...(write.description !== undefined && { description: write.description }),
    ...(write.repositoryId !== undefined && { repository_id: write.repositoryId }),
    ...(write.planId !== undefined && { plan_id: write.planId }),
    ...(write.prdRevision !== undefined && { prd_revision: write.prdRevision }),
    ...(write.stale !== undefined && { stale: Number(write.stale) }),
    ...(write.status !== undefined && { status: write.status }),
    ...(write.acceptanceCriteria !== undefined && { criteria: JSON.stringify(write.acceptanceCriteria) }),
    ...(write.testCases !== undefined && { test_cases: JSON.stringify(write.testCases) }),
    ...(write.complexity !== undefined && { complexity: write.complexity }),
    ...(write.priority !== undefined && { priority: write.priority }),
    ...(write.position !== undefined && { position: write.position }),
    ...(write.context !== undefined && { context: JSON.stringify(write.context) }),
    ...(write.cause !== undefined && { cause: write.cause && JSON.stringify(write.cause) }),
    ...(write.fence !== undefined && { fence: write.fence }),
    ...(write.finishedAt !== undefined && { finished_at: write.finishedAt }),
    ...(write.lease !== undefined && leaseColumns(write.lease)),
    updated_at: at,
  }
  await tx.sql
    .updateTable('task')
    .set((eb) => ({ ...columns, revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

function leaseColumns(lease: Lease | null) {
  return {
    holder: lease?.holder ?? null,
    holder_session: lease?.session ?? null,
    lease_hash: lease?.hash ?? null,
    lease_expires_at: lease?.expiresAt ?? null,
  }
}

/** Replaces what these tasks wait for, and sets their counters to match. */
export async function setDependencies(
  tx: Tx,
  taskIds: readonly number[],
  dependencies: readonly { readonly task: number; readonly dependsOn: number }[],
): Promise<void> {
  for (const chunk of chunksOf(taskIds))
    await tx.sql.deleteFrom('task_dependency').where('task_id', 'in', chunk).execute()
  await addDependencies(tx, dependencies)
  await recountWaiting(tx, taskIds)
}

/** Adds edges; the counters of the tasks are left to `recountWaiting`. */
async function addDependencies(
  tx: Tx,
  dependencies: readonly { readonly task: number; readonly dependsOn: number }[],
): Promise<void> {
  for (const chunk of chunksOf(dependencies)) {
    const rows = chunk.map(({ task, dependsOn }) => ({ task_id: task, depends_on: dependsOn }))
    await tx.sql
      .insertInto('task_dependency')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Sets `waiting_on` of these tasks to what their dependencies say. */
async function recountWaiting(tx: Tx, taskIds: readonly number[]): Promise<void> {
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

/** Replaces what these tasks trace to. */
export async function setTaskRequirements(
  tx: Tx,
  taskIds: readonly number[],
  traces: readonly { readonly task: number; readonly requirement: number }[],
): Promise<void> {
  for (const chunk of chunksOf(taskIds))
    await tx.sql.deleteFrom('task_requirement').where('task_id', 'in', chunk).execute()
  for (const chunk of chunksOf(traces)) {
    const rows = chunk.map(({ task, requirement }) => ({ task_id: task, requirement_id: requirement }))
    await tx.sql
      .insertInto('task_requirement')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
