import type { Tx } from './database.ts'

export interface StoredAnswer {
  readonly tool: string
  readonly requestHash: string
  readonly answer: unknown
}

export async function findAnswer(tx: Tx, key: string): Promise<StoredAnswer | undefined> {
  const row = await tx.sql.selectFrom('idempotency').selectAll().where('key', '=', key).executeTakeFirst()
  return row && { tool: row.tool, requestHash: row.request_hash, answer: JSON.parse(row.answer) }
}

export async function storeAnswer(tx: Tx, key: string, stored: StoredAnswer, at: number): Promise<void> {
  await tx.sql
    .insertInto('idempotency')
    .values({ key, tool: stored.tool, request_hash: stored.requestHash, answer: JSON.stringify(stored.answer), at })
    .execute()
}
