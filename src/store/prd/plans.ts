import type { Actor } from '../../../schemas/actor.ts'
import type { Reader, Tx } from '../database.ts'

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
