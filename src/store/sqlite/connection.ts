import type Sqlite from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { retryBusy, translateError } from './errors.ts'

/** Statements kept prepared; a program has far fewer query shapes than this. */
const MAX_STATEMENTS = 500

/**
 * Kysely on one better-sqlite3 connection. Whoever holds the connection has it alone until it is released, so
 * transactions run one after another; `begin` says how one starts.
 */
export function sqliteDialect(handle: Sqlite.Database, begin: 'begin immediate' | 'begin deferred'): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(handle, begin),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function createDriver(handle: Sqlite.Database, begin: string): Driver {
  const connection = createConnection(handle)
  let last: Promise<void> = Promise.resolve()
  let free = (): void => {}
  return {
    init: async () => {},
    async acquireConnection() {
      const before = last
      const mine = Promise.withResolvers<void>()
      last = mine.promise
      await before
      free = mine.resolve
      return connection
    },
    releaseConnection: async () => free(),
    beginTransaction: async () => await retryBusy(() => handle.exec(begin)),
    commitTransaction: async () => await retryBusy(() => handle.exec('commit')),
    async rollbackTransaction() {
      // SQLite has rolled back by itself where the disk is full or the file is damaged.
      if (handle.inTransaction) handle.exec('rollback')
    },
    destroy: async () => {},
  }
}

function createConnection(handle: Sqlite.Database): DatabaseConnection {
  const statements = new Map<string, Sqlite.Statement<unknown[], unknown>>()
  const prepare = (sql: string) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    const statement = handle.prepare<unknown[], unknown>(sql)
    statements.set(sql, statement)
    return statement
  }
  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      try {
        const statement = prepare(query.sql)
        const parameters = query.parameters as unknown[]
        if (statement.reader) return { rows: statement.all(...parameters) as Row[] }
        const { changes } = statement.run(...parameters)
        return { rows: [], numAffectedRows: BigInt(changes) }
      } catch (error) {
        throw translateError(error, handle.name)
      }
    },
    // biome-ignore lint/correctness/useYield: nothing here streams; a page is small and SQLite answers at once
    async *streamQuery() {
      throw new Error('streaming is not used')
    },
  }
}
