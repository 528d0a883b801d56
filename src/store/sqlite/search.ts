import { sql } from 'kysely'
import type { Dialect, SearchEntry, SearchHit } from '../database.ts'
import { searchWords } from '../search-words.ts'

/** Part of the row number, so never another number for a kind, and never more kinds than KINDS_AT_MOST. */
const KIND_NUMBERS: Readonly<Record<SearchEntry['kind'], number>> = { prd: 0, requirement: 1, task: 2, knowledge: 3 }
const KINDS_AT_MOST = 16

/** The row of an entry follows from what it is, so that replacing one does not scan the others. */
function rowOf(entry: Pick<SearchEntry, 'kind' | 'id'>): number {
  return entry.id * KINDS_AT_MOST + KIND_NUMBERS[entry.kind]
}

/** Full-text search by FTS5. */
export const sqliteSearch: Dialect = {
  name: 'sqlite',
  async indexText(tx, entry) {
    await sql`INSERT OR REPLACE INTO search (rowid, title, body, kind, id) VALUES (${rowOf(entry)}, ${entry.title}, ${entry.body}, ${entry.kind}, ${entry.id})`.execute(
      tx.sql,
    )
  },
  async removeText(tx, entry) {
    await sql`DELETE FROM search WHERE rowid = ${rowOf(entry)}`.execute(tx.sql)
  },
  async searchText(reader, query, kinds, limit) {
    const words = searchWords(query)
    if (words.length === 0 || kinds.length === 0) return []
    const match = words.map((word) => `"${word}"`).join(' ')
    const { rows } = await sql<SearchHit>`
      SELECT kind, id, snippet(search, -1, '«', '»', '…', 12) AS snippet FROM search
      WHERE search MATCH ${`${match}*`} AND kind IN (${sql.join(kinds)}) ORDER BY rank LIMIT ${limit}`.execute(
      reader.sql,
    )
    return rows
  },
}
