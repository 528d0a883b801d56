import { createHash } from 'node:crypto'
import type { Tx } from './database.ts'

/** An answer kept for when its request comes again. */
export interface StoredAnswer {
  readonly id: number
  /** Through which it was given. */
  readonly session: string
  readonly tool: string
  readonly requestHash: string
  readonly answer: unknown
}

interface Place {
  readonly owner: string
  readonly key: string
}

/** Answers to requests of an owner under a key that are not older, the newest first. */
export async function findAnswers(
  tx: Tx,
  { owner, key, since }: Place & { readonly since: number },
): Promise<readonly StoredAnswer[]> {
  const rows = await tx.sql
    .selectFrom('idempotency')
    .selectAll()
    .where('owner', '=', owner)
    .where('key_hash', '=', hashKey(key))
    .where('at', '>', since)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ id, session, tool, request_hash, answer }) => ({
    id,
    session,
    tool,
    requestHash: request_hash,
    answer: JSON.parse(answer),
  }))
}

export async function storeAnswer(tx: Tx, { owner, key }: Place, stored: Omit<StoredAnswer, 'id'>, at: number) {
  const { session, tool, requestHash, answer } = stored
  await tx.sql
    .insertInto('idempotency')
    .values({
      owner,
      key_hash: hashKey(key),
      session,
      tool,
      request_hash: requestHash,
      answer: JSON.stringify(answer),
      at,
    })
    .execute()
}

/** Gives an answer to the session that follows the one it was given through. */
export async function adoptAnswer(tx: Tx, id: number, session: string): Promise<void> {
  await tx.sql.updateTable('idempotency').set({ session }).where('id', '=', id).execute()
}

export async function deleteAnswer(tx: Tx, { owner, key }: Place, session: string): Promise<void> {
  await tx.sql
    .deleteFrom('idempotency')
    .where('owner', '=', owner)
    .where('key_hash', '=', hashKey(key))
    .where('session', '=', session)
    .execute()
}

/** Deletes answers that are older, the oldest first, at most `limit`. */
export async function deleteOldAnswers(tx: Tx, before: number, limit: number): Promise<void> {
  await tx.sql
    .deleteFrom('idempotency')
    .where('id', 'in', (query) =>
      query.selectFrom('idempotency').select('id').where('at', '<=', before).orderBy('at').limit(limit),
    )
    .execute()
}

/** A key may be all that tells one client from another, so it does not lie there to be read. */
function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
