import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** A text that full-text search finds. `kind` and `id` name the row it belongs to. */
export interface SearchEntry {
  readonly kind: 'prd' | 'requirement' | 'task' | 'knowledge'
  readonly id: number
  readonly title: string
  readonly body: string
}

/** A hit, best first; `snippet` has the matched words between « and ». */
export interface SearchHit {
  readonly kind: SearchEntry['kind']
  readonly id: number
  readonly snippet: string
}

/** What differs between engines, besides migrations. Everything else is one set of Kysely queries. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Adds or replaces the entry. */
  indexText(tx: Tx, entry: SearchEntry): Promise<void>
  removeText(tx: Tx, entry: Pick<SearchEntry, 'kind' | 'id'>): Promise<void>
  /** Any text is a legal query: words are quoted, operators are not read; every word must occur (the last one as a prefix). At most 20 words count. */
  searchText(
    reader: Reader,
    query: string,
    kinds: readonly SearchEntry['kind'][],
    limit: number,
  ): Promise<readonly SearchHit[]>
}

/** Queries on one consistent state. */
export interface Reader {
  readonly sql: Kysely<Tables>
  readonly dialect: Dialect
}

/** A write transaction. Exists only inside `Database.write`, so a write outside one does not compile. */
export interface Tx extends Reader {
  readonly writable: true
}

/**
 * One workspace. Transactions of a database run one after another, on SQLite by `BEGIN IMMEDIATE`, on PostgreSQL by
 * one advisory lock: whatever a write read in its transaction is still so when it commits. Inside `work` only the
 * transaction may be awaited: no file, network, process or timer.
 */
export interface Database {
  /** Where it is, without secrets, for messages. */
  readonly location: string
  readonly dialect: Dialect
  /** One consistent snapshot for all queries of `work`. Waits for no writer. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>
  /** Commits when `work` resolves, rolls back when it rejects. Waits up to 15 s for its turn, or as long as is said, then `timeout`. */
  write<T>(work: (tx: Tx) => Promise<T>, options?: { readonly patienceMs: number }): Promise<T>
  close(): Promise<void>
}
