import type Sqlite from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { SpekiError } from '../../errors.ts'
import { checkedCompiler } from '../checked-compiler.ts'
import { dialectAdapter } from '../dialect-adapter.ts'
import { createTurns, currentPatience } from '../turns.ts'
import { retryBusy, translateError } from './errors.ts'

/** Statements kept prepared; a program has far fewer query shapes than this. */
const MAX_STATEMENTS = 500

/**
 * Kysely on one better-sqlite3 connection. Whoever holds the connection has it alone until it is released, so
 * transactions run one after another; `begin` says how one starts.
 */
export function sqliteDialect(handle: Sqlite.Database, begin: 'begin immediate' | 'begin deferred'): Dialect {
  return {
    createAdapter: () => dialectAdapter,
    createDriver: () => createDriver(handle, begin),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => checkedCompiler(new SqliteQueryCompiler()),
  }
}

function createDriver(handle: Sqlite.Database, begin: string): Driver {
  const turns = createTurns()
  // Set by the one who holds the connection.
  const turn = { end: (): void => {}, until: 0, begun: false }
  const connection = createConnection(handle, turn)
  const prepare = statementCache(handle)
  return {
    init: async () => {},
    async acquireConnection() {
      const patience = currentPatience()
      const until = performance.now() + patience
      const end = await turns.take(patience)
      turn.end = end
      turn.until = until
      return connection
    },
    releaseConnection: async () => turn.end(),
    async beginTransaction() {
      await retryBusy(
        () => {
          if (!handle.inTransaction) prepare(begin).run()
          // Reads take their snapshot here, where waiting for a recovery or a checkpoint is still possible.
          if (begin === 'begin deferred') prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()
        },
        turn.until,
        handle.name,
      )
      turn.begun = true
    },
    async commitTransaction() {
      refuseLostTransaction(handle, turn)
      await retryBusy(() => prepare('commit').run(), turn.until, handle.name)
      turn.begun = false
    },
    async rollbackTransaction() {
      turn.begun = false
      // SQLite has rolled back by itself where the disk is full or the file is damaged.
      if (handle.inTransaction) prepare('rollback').run()
    },
    destroy: async () => {},
  }
}

/** Where SQLite has rolled back by itself, what follows would be written outside of any transaction. */
function refuseLostTransaction(handle: Sqlite.Database, turn: { readonly begun: boolean }): void {
  if (turn.begun && !handle.inTransaction)
    throw new SpekiError('internal', 'The transaction was rolled back by an earlier error; nothing was changed.')
}

function createConnection(handle: Sqlite.Database, turn: { readonly begun: boolean }): DatabaseConnection {
  const prepare = statementCache(handle)
  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      refuseLostTransaction(handle, turn)
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

function statementCache(handle: Sqlite.Database): (sql: string) => Sqlite.Statement<unknown[], unknown> {
  const statements = new Map<string, Sqlite.Statement<unknown[], unknown>>()
  return (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    const statement = handle.prepare<unknown[], unknown>(sql)
    statements.set(sql, statement)
    return statement
  }
}
