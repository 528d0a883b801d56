import { z } from 'zod'
import { chunksOf, readChunks } from './chunks.ts'
import type { Reader, Tx } from './database.ts'
import { storedJson } from './stored.ts'

export type LinkedNoun = 'prd' | 'task' | 'knowledge'

/** Fields of one side by name, `null` where it had none; what is missing was never in step. */
export type Side = Readonly<Record<string, unknown>>

/** Both sides as they were when last in step, each in its own form: what a merge compares them with. */
export interface Base {
  readonly ours: Side
  readonly theirs: Side
}

/** One thing that stands here and elsewhere. */
export interface Link {
  readonly noun: LinkedNoun
  /** Key number here. */
  readonly id: number
  /** The project or connection it is also in. */
  readonly source: string
  /** Its id there. */
  readonly ref: string
  readonly base: Base
}

const StoredSide = z.record(z.string(), z.unknown())

/** Everything that is also in one source. */
export async function listLinks(reader: Reader, source: string): Promise<readonly Link[]> {
  const rows = await reader.sql.selectFrom('link').selectAll().where('source', '=', source).execute()
  return rows.map(fromRow)
}

/** Where else these are, the link renewed last at the end. */
export async function listLinksOf(reader: Reader, noun: LinkedNoun, ids: readonly number[]): Promise<readonly Link[]> {
  return await readChunks(ids, async (chunk) => {
    const rows = await reader.sql
      .selectFrom('link')
      .selectAll()
      .where('noun', '=', noun)
      .where('id', 'in', chunk)
      .orderBy('at')
      .execute()
    return rows.map(fromRow)
  })
}

/** By key number, the source that these came from last; what was made here is not in it. Only the names are read. */
export async function mapOrigins(
  reader: Reader,
  noun: LinkedNoun,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await readChunks(ids, async (chunk) =>
    reader.sql
      .selectFrom('link')
      .select(['id', 'source'])
      .where('noun', '=', noun)
      .where('id', 'in', chunk)
      .orderBy('at')
      .execute(),
  )
  return new Map(rows.map(({ id, source }) => [id, source]))
}

/** Stores or replaces them. */
export async function saveLinks(tx: Tx, links: readonly Link[], at: number): Promise<void> {
  for (const chunk of chunksOf(links)) {
    await tx.sql
      .insertInto('link')
      .values(
        chunk.map(({ noun, id, source, ref, base }) => ({
          noun,
          id,
          source,
          ref,
          ours: JSON.stringify(base.ours),
          theirs: JSON.stringify(base.theirs),
          at,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['noun', 'source', 'ref']).doUpdateSet((eb) => ({
          id: eb.ref('excluded.id'),
          ours: eb.ref('excluded.ours'),
          theirs: eb.ref('excluded.theirs'),
          at: eb.ref('excluded.at'),
        })),
      )
      .execute()
  }
}

function fromRow(row: { noun: string; id: number; source: string; ref: string; ours: string; theirs: string }): Link {
  const { noun, id, source, ref, ours, theirs } = row
  const base = { ours: storedJson(StoredSide, ours), theirs: storedJson(StoredSide, theirs) }
  // The table's check admits these three alone.
  return { noun: noun as LinkedNoun, id, source, ref, base }
}
