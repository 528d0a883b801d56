import type { Actor } from '../../../schemas/actor.ts'
import type { RunOptions, RunState } from '../../../schemas/run.ts'
import type { Tx } from '../database.ts'
import type { FrozenChecks } from './runs.ts'

/** What can change of a run; null takes away what is there. */
export interface RunWrite {
  readonly state?: RunState | undefined
  readonly wanted?: 'run' | 'pause' | 'cancel' | undefined
  readonly reason?: string | null | undefined
  readonly finisher?: string | null | undefined
  readonly retriedAt?: number | undefined
  readonly startedAt?: number | undefined
  readonly endedAt?: number | null | undefined
  readonly checks?: readonly FrozenChecks[] | undefined
}

/** A run as it begins. */
export interface NewRun {
  readonly id: number
  readonly prdId: number | undefined
  readonly title: string
  readonly options: RunOptions
  readonly checks: readonly FrozenChecks[]
  readonly changeSetId: number
  readonly tasks: readonly number[]
}

export async function insertRun(tx: Tx, run: NewRun & { readonly actor: Actor; readonly at: number }): Promise<void> {
  await tx.sql
    .insertInto('run')
    .values({
      id: run.id,
      prd_id: run.prdId ?? null,
      title: run.title,
      state: 'queued',
      wanted: 'run',
      options: JSON.stringify(run.options),
      checks: JSON.stringify(run.checks),
      change_set_id: run.changeSetId,
      finisher: null,
      reason: null,
      actor: JSON.stringify(run.actor),
      created_at: run.at,
      started_at: null,
      retried_at: null,
      ended_at: null,
    })
    .execute()
  await tx.sql
    .insertInto('run_task')
    .values(run.tasks.map((task_id) => ({ run_id: run.id, task_id })))
    .execute()
}

export async function updateRun(tx: Tx, id: number, write: RunWrite): Promise<void> {
  const columns = {
    ...(write.state !== undefined && { state: write.state }),
    ...(write.wanted !== undefined && { wanted: write.wanted }),
    ...(write.reason !== undefined && { reason: write.reason }),
    ...(write.finisher !== undefined && { finisher: write.finisher }),
    ...(write.retriedAt !== undefined && { retried_at: write.retriedAt }),
    ...(write.startedAt !== undefined && { started_at: write.startedAt }),
    ...(write.endedAt !== undefined && { ended_at: write.endedAt }),
    ...(write.checks !== undefined && { checks: JSON.stringify(write.checks) }),
  }
  await tx.sql.updateTable('run').set(columns).where('id', '=', id).execute()
}
