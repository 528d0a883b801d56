import type { Reader, Tx } from '../database.ts'

export interface StepRecord {
  readonly key: string
  readonly subject: string
  readonly intent: unknown
  /** Undefined: begun, and nobody knows what came of it. */
  readonly outcome: { readonly value: unknown } | undefined
}

export async function findStep(reader: Reader, key: string): Promise<StepRecord | undefined> {
  const row = await reader.sql.selectFrom('step').selectAll().where('key', '=', key).executeTakeFirst()
  return (
    row && {
      key: row.key,
      subject: row.subject,
      intent: JSON.parse(row.intent),
      outcome: row.outcome === null ? undefined : { value: JSON.parse(row.outcome) },
    }
  )
}

export async function insertStep(
  tx: Tx,
  step: { readonly key: string; readonly subject: string; readonly intent: unknown },
  now: number,
): Promise<void> {
  await tx.sql
    .insertInto('step')
    .values({
      key: step.key,
      subject: step.subject,
      intent: JSON.stringify(step.intent),
      outcome: null,
      at: now,
      ended_at: null,
    })
    .execute()
}

export async function endStep(tx: Tx, key: string, outcome: unknown, now: number): Promise<void> {
  await tx.sql
    .updateTable('step')
    .set({ outcome: JSON.stringify(outcome ?? null), ended_at: now })
    .where('key', '=', key)
    .execute()
}

/** Forgets an intent that came to nothing, so that it can be made anew. */
export async function removeStep(tx: Tx, key: string): Promise<void> {
  await tx.sql.deleteFrom('step').where('key', '=', key).execute()
}
