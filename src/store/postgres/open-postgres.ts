import { type Dialect, type DialectAdapter, Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { SpekiError } from '../../errors.ts'
import { checkedCompiler } from '../checked-compiler.ts'
import type { Database } from '../database.ts'
import { type KnownMigrations, migrate, releasedMigrations } from '../migrate.ts'
import type { Tables } from '../tables.ts'
import { createTransactionGuard } from '../transaction-guard.ts'
import { createTurns, PATIENCE_MS } from '../turns.ts'
import { translateError } from './errors.ts'
import { postgresSearch } from './search.ts'

/** The one lock that makes writers take turns; any number, but the same in every version. */
const WRITER_LOCK = 7_735_465

/** One of them writes, the others read. */
const MAX_CONNECTIONS = 5

/** int8: our numbers stay far below 2^53. */
const INT8 = 20
/** numeric: sums of integers. */
const NUMERIC = 1700

export interface PostgresOptions {
  readonly url: string
  /** Epoch milliseconds; asked once, when a workspace is made. */
  readonly now?: () => number
  /** What is released, where nothing else is said. */
  readonly migrations?: KnownMigrations
}

/** Opens a PostgreSQL database by its URL, migrating it where needed. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, now = Date.now, migrations = releasedMigrations } = options
  const location = describe(url)
  const pool = createPool(url)
  const db = new Kysely<Tables>({ dialect: postgresDialect(pool) })
  const inTurn = createWriter(db)
  try {
    await migrate({
      engine: 'postgres',
      known: migrations,
      now,
      inSnapshot: async (work) => await work(db),
      inTurn,
      // A server has backups of its own.
      snapshot: async () => {},
    })
  } catch (error) {
    await db.destroy()
    throw translateError(error)
  }
  const guard = createTransactionGuard()
  return {
    location,
    dialect: postgresSearch,
    read: async (work) =>
      await guard.run(
        async () =>
          await translated(
            db
              .transaction()
              .setIsolationLevel('repeatable read')
              .setAccessMode('read only')
              .execute(async (transaction) => await work({ sql: transaction, dialect: postgresSearch })),
          ),
      ),
    write: async (work) =>
      await guard.run(
        async () =>
          await translated(
            inTurn(async (transaction) => await work({ sql: transaction, dialect: postgresSearch, writable: true })),
          ),
      ),
    async close() {
      await guard.close(PATIENCE_MS)
      await db.destroy()
    },
  }
}

/** Writers of this process wait outside of the database, so that they leave connections to the readers. */
function createWriter(db: Kysely<Tables>): <T>(work: (transaction: Transaction<Tables>) => Promise<T>) => Promise<T> {
  const turns = createTurns()
  return async (work) => {
    const until = performance.now() + PATIENCE_MS
    const end = await turns.take(PATIENCE_MS)
    try {
      return await db.transaction().execute(async (transaction) => {
        const patience = `${Math.max(1, Math.ceil(until - performance.now()))}ms`
        await sql`SELECT set_config('lock_timeout', ${patience}, true), pg_advisory_xact_lock(${sql.lit(WRITER_LOCK)})`.execute(
          transaction,
        )
        return await work(transaction)
      })
    } finally {
      end()
    }
  }
}

function createPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: PATIENCE_MS,
    types: {
      getTypeParser: (type, format) =>
        type === INT8 || type === NUMERIC ? Number : pg.types.getTypeParser(type, format),
    },
  })
  // A connection that breaks, idle or at work, is replaced; the next query finds out by itself. Unheard, it would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

const adapter: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: true,
  supportsOutput: false,
  supportsReturning: true,
  supportsTransactionalDdl: true,
  // Whoever migrates has the writers' lock. Kysely's own would hide a migration's error behind that of giving it back.
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
}

function postgresDialect(pool: pg.Pool): Dialect {
  const stock = new PostgresDialect({ pool })
  return {
    createAdapter: () => adapter,
    createDriver: () => stock.createDriver(),
    createIntrospector: (db) => stock.createIntrospector(db),
    createQueryCompiler: () => checkedCompiler(stock.createQueryCompiler()),
  }
}

async function translated<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw translateError(error)
  })
}

/** Host and database, never the password. The URL that cannot be read is not shown: it may have one. */
function describe(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new SpekiError('invalid_input', 'SPEKI_DATABASE_URL is no URL of a PostgreSQL database.', {
      hint: 'Write it as postgres://user:password@host:5432/database, with special characters percent-encoded.',
    })
  return `postgres://${parsed.host}${parsed.pathname}`
}
