import { chunksOf } from './chunks.ts'
import type { Reader, Tx } from './database.ts'

export interface Origin {
  readonly kind: 'prd' | 'task' | 'knowledge'
  /** Key number of what was made of it. */
  readonly id: number
  /** The project it was imported from. */
  readonly source: string
  /** Its id there. */
  readonly ref: string
  /** JSON of what stood there at the last import. */
  readonly imported: string
}

/** Everything imported from one source. */
export async function listOrigins(reader: Reader, source: string): Promise<readonly Origin[]> {
  const rows = await reader.sql.selectFrom('origin').selectAll().where('source', '=', source).execute()
  return rows.map(fromRow)
}

/** Where these came from, newest import last. */
export async function listOriginsOf(
  reader: Reader,
  kind: Origin['kind'],
  ids: readonly number[],
): Promise<readonly Origin[]> {
  const found: Origin[] = []
  for (const chunk of chunksOf(ids)) {
    const rows = await reader.sql
      .selectFrom('origin')
      .selectAll()
      .where('kind', '=', kind)
      .where('id', 'in', chunk)
      .orderBy('at')
      .execute()
    found.push(...rows.map(fromRow))
  }
  return found
}

/** Stores or replaces them. */
export async function saveOrigins(tx: Tx, origins: readonly Origin[], at: number): Promise<void> {
  for (const chunk of chunksOf(origins)) {
    await tx.sql
      .insertInto('origin')
      .values(chunk.map((origin) => ({ ...origin, at })))
      .onConflict((conflict) =>
        conflict.columns(['kind', 'source', 'ref']).doUpdateSet((eb) => ({
          id: eb.ref('excluded.id'),
          imported: eb.ref('excluded.imported'),
          at: eb.ref('excluded.at'),
        })),
      )
      .execute()
  }
}

function fromRow(row: { kind: string; id: number; source: string; ref: string; imported: string }): Origin {
  const { kind, id, source, ref, imported } = row
  // The table's check admits these three alone.
  return { kind: kind as Origin['kind'], id, source, ref, imported }
}
