import type { Reader, Tx } from '../database.ts'

/** What a baseline is of: a commit of a repository under these commands. */
export interface BaselineKey {
  readonly repositoryId: number
  readonly commit: string
  /** Digest of the commands. */
  readonly commands: string
}

/** Baselines of a repository that are kept: the newest. */
const KEPT = 50

/** JSON of the result; the caller parses it. */
export async function findBaseline(reader: Reader, key: BaselineKey): Promise<unknown> {
  const row = await reader.sql
    .selectFrom('baseline')
    .select('result')
    .where('repository_id', '=', key.repositoryId)
    .where('commit_id', '=', key.commit)
    .where('commands', '=', key.commands)
    .executeTakeFirst()
  return row === undefined ? undefined : JSON.parse(row.result)
}

export async function saveBaseline(tx: Tx, key: BaselineKey, result: unknown, at: number): Promise<void> {
  const row = { result: JSON.stringify(result), at }
  await tx.sql
    .insertInto('baseline')
    .values({ repository_id: key.repositoryId, commit_id: key.commit, commands: key.commands, ...row })
    .onConflict((conflict) => conflict.columns(['repository_id', 'commit_id', 'commands']).doUpdateSet(row))
    .execute()
  // Work begins at few commits at a time; a baseline that is gone is measured again.
  const oldest = await tx.sql
    .selectFrom('baseline')
    .select('at')
    .where('repository_id', '=', key.repositoryId)
    .orderBy('at', 'desc')
    .offset(KEPT)
    .limit(1)
    .executeTakeFirst()
  if (oldest === undefined) return
  await tx.sql
    .deleteFrom('baseline')
    .where('repository_id', '=', key.repositoryId)
    .where('at', '<=', oldest.at)
    .execute()
}
