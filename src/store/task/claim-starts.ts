import { z } from 'zod'
import type { Reader, Tx } from '../database.ts'
import { FrozenChecks } from '../run/runs.ts'

/** A worktree of the repository as it stood when a claim began. */
const Place = z.object({
  path: z.string(),
  /** Commit that HEAD was at; absent before the first. */
  head: z.string().optional(),
  /** Full name of the ref that HEAD named; absent where it was detached. */
  branch: z.string().optional(),
  /** Commit of all that stood there, what was not committed included; absent where only HEAD was looked at. */
  snapshot: z.string().optional(),
})
export type StartPlace = z.infer<typeof Place>

/** What work under a claim is measured against. */
export interface ClaimStart {
  readonly checks: FrozenChecks
  readonly places: readonly StartPlace[]
}

/** The first one of a claim stays. */
export async function insertClaimStart(
  tx: Tx,
  claim: { readonly taskId: number; readonly fence: number },
  { checks, places }: ClaimStart,
  at: number,
): Promise<void> {
  const row = { task_id: claim.taskId, fence: claim.fence, at }
  await tx.sql
    .insertInto('claim_start')
    .values({ ...row, checks: JSON.stringify(checks), places: JSON.stringify(places) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function findClaimStart(reader: Reader, taskId: number, fence: number): Promise<ClaimStart | undefined> {
  const row = await reader.sql
    .selectFrom('claim_start')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('fence', '=', fence)
    .executeTakeFirst()
  return (
    row && {
      checks: FrozenChecks.parse(JSON.parse(row.checks)),
      places: z.array(Place).parse(JSON.parse(row.places)),
    }
  )
}
