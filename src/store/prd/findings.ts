import { z } from 'zod'
import type { Actor } from '../../../schemas/actor.ts'
import { LensFinding } from '../../../schemas/lens.ts'
import type { Reader, Tx } from '../database.ts'
import { storedJson } from '../stored.ts'

const LensFindings = z.array(LensFinding)

/** Reasons for which findings of a PRD were accepted, by finding id. */
export async function listAcceptedFindings(reader: Reader, prdId: number): Promise<ReadonlyMap<string, string>> {
  const rows = await reader.sql
    .selectFrom('accepted_finding')
    .select(['finding', 'reason'])
    .where('prd_id', '=', prdId)
    .execute()
  return new Map(rows.map((row) => [row.finding, row.reason]))
}

export async function acceptFinding(
  tx: Tx,
  prdId: number,
  finding: { readonly id: string; readonly rule: string; readonly reason: string },
  actor: Actor,
  at: number,
): Promise<void> {
  const row = { rule: finding.rule, reason: finding.reason, actor: JSON.stringify(actor), at }
  await tx.sql
    .insertInto('accepted_finding')
    .values({ prd_id: prdId, finding: finding.id, ...row })
    .onConflict((conflict) => conflict.columns(['prd_id', 'finding']).doUpdateSet(row))
    .execute()
}

export interface LensReviewRecord {
  readonly lens: string
  readonly textHash: string
  readonly findings: readonly LensFinding[]
}

/** The last review under each lens, whatever text it was of. */
export async function listLensReviews(reader: Reader, prdId: number): Promise<readonly LensReviewRecord[]> {
  const rows = await reader.sql
    .selectFrom('lens_review')
    .selectAll()
    .where('prd_id', '=', prdId)
    .orderBy('lens')
    .execute()
  return rows.map((row) => ({
    lens: row.lens,
    textHash: row.text_hash,
    findings: storedJson(LensFindings, row.findings),
  }))
}

export async function saveLensReview(
  tx: Tx,
  prdId: number,
  review: LensReviewRecord,
  actor: Actor,
  at: number,
): Promise<void> {
  const row = {
    text_hash: review.textHash,
    findings: JSON.stringify(review.findings),
    actor: JSON.stringify(actor),
    at,
  }
  await tx.sql
    .insertInto('lens_review')
    .values({ prd_id: prdId, lens: review.lens, ...row })
    .onConflict((conflict) => conflict.columns(['prd_id', 'lens']).doUpdateSet(row))
    .execute()
}
