import { sql } from 'kysely'
import type { Dialect, SearchHit } from '../database.ts'
import { searchWords } from '../search-words.ts'

/** Full-text search by a generated tsvector. */
export const postgresSearch: Dialect = {
  name: 'postgres',
  async indexText(tx, entry) {
    await sql`
      INSERT INTO search (kind, id, title, body) VALUES (${entry.kind}, ${entry.id}, ${entry.title}, ${entry.body})
      ON CONFLICT (kind, id) DO UPDATE SET title = excluded.title, body = excluded.body`.execute(tx.sql)
  },
  async removeText(tx, entry) {
    await sql`DELETE FROM search WHERE kind = ${entry.kind} AND id = ${entry.id}`.execute(tx.sql)
  },
  async searchText(reader, query, kinds, limit) {
    const words = searchWords(query)
    if (words.length === 0) return []
    // Words hold letters and digits alone, so none of them can be an operator.
    const wanted = sql`to_tsquery('english', ${`${words.join(' & ')}:*`})`
    const { rows } = await sql<SearchHit>`
      SELECT kind, id, ts_headline('english', title || ' ' || body, ${wanted}, 'StartSel=«, StopSel=», MaxWords=12, MinWords=4') AS snippet FROM search
      WHERE words @@ ${wanted} AND kind IN (${sql.join(kinds)}) ORDER BY ts_rank(words, ${wanted}) DESC, id LIMIT ${limit}`.execute(
      reader.sql,
    )
    return rows
  },
}
