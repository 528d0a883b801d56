import { type RawBuilder, sql } from 'kysely'
import type { Dialect, SearchHit } from '../database.ts'
import { searchWords, splitWords } from '../search-words.ts'

/** A tsvector holds 1 MB; what words need in it is less than twice their own length. Later words are not found. */
const MAX_INDEXED_BYTES = 500_000

/** Full-text search by a tsvector. */
export const postgresSearch: Dialect = {
  name: 'postgres',
  async indexText(tx, { kind, id, title, body }) {
    const words = sql`setweight(${vector(title)}, 'A') || setweight(${vector(body)}, 'D')`
    await sql`
      INSERT INTO search (kind, id, title, body, words) VALUES (${kind}, ${id}, ${title}, ${body}, ${words})
      ON CONFLICT (kind, id) DO UPDATE SET title = excluded.title, body = excluded.body, words = excluded.words`.execute(
      tx.sql,
    )
  },
  async removeText(tx, entry) {
    await sql`DELETE FROM search WHERE kind = ${entry.kind} AND id = ${entry.id}`.execute(tx.sql)
  },
  async searchText(reader, query, kinds, limit) {
    const words = plainWords(searchWords(query))
    if (words.length === 0 || kinds.length === 0) return []
    // Words hold letters and digits alone, so none of them can be an operator.
    const wanted = sql`to_tsquery('speki', ${`${words.join(' & ')}:*`})`
    const { rows } = await sql<SearchHit>`
      SELECT kind, id, ts_headline('speki', title || ' ' || body, ${wanted}, 'StartSel=«, StopSel=», MaxWords=12, MinWords=4') AS snippet FROM search
      WHERE words @@ ${wanted} AND kind IN (${sql.join(kinds)}) ORDER BY ts_rank(words, ${wanted}) DESC, id LIMIT ${limit}`.execute(
      reader.sql,
    )
    return rows
  },
}

/** PostgreSQL would read host names, paths and versions as one word; SQLite parts them, and so do we. */
function vector(text: string): RawBuilder<unknown> {
  let bytes = 0
  const words = plainWords(splitWords(text)).filter((word) => {
    bytes += Buffer.byteLength(word) + 1
    return bytes <= MAX_INDEXED_BYTES
  })
  return sql`to_tsvector('speki', ${words.join(' ')})`
}

/** Small letters without marks, as SQLite's tokenizer makes them, whatever locale the server has. */
function plainWords(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => splitWords(word.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()))
}
