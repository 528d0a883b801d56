import { hostname } from 'node:os'
import { type Dialect, Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { SpekiError } from '../../errors.ts'
import { codeOf } from '../../expected.ts'
import { logFailure } from '../../log.ts'
import { currentRequest } from '../../request.ts'
import { checkedCompiler } from '../checked-compiler.ts'
import type { Database } from '../database.ts'
import { dialectAdapter } from '../dialect-adapter.ts'
import { type KnownMigrations, migrate, releasedMigrations } from '../migrate.ts'
import { shareWatch } from '../shared-watch.ts'
import type { Tables } from '../tables.ts'
import { createTransactionGuard } from '../transaction-guard.ts'
import { busy, createTurns, PATIENCE_MS, withPatience } from '../turns.ts'
import { translateError } from './errors.ts'
import { postgresSearch } from './search.ts'
import { listen } from './watch.ts'

/** The one lock that makes writers take turns; any number, but the same in every version. */
const WRITER_LOCK = 7_735_465

/** One of them writes, the others read. */
const MAX_CONNECTIONS = 5

/** SQLSTATE where a lock was not had within `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03'

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
  const watch = shareWatch((changed) => listen(url, changed))
  return {
    location,
    dialect: postgresSearch,
    read: async (work) =>
      await guard.run(
        'read',
        async (begun) =>
          await translated(
            db
              .transaction()
              .setIsolationLevel('repeatable read')
              .setAccessMode('read only')
              .execute(async (transaction) => {
                begun()
                return await work({ sql: transaction, dialect: postgresSearch })
              }),
          ),
      ),
    write: async (work, { patienceMs } = { patienceMs: PATIENCE_MS }) =>
      await guard.run(
        'write',
        async (begun) =>
          await translated(
            inTurn(async (transaction) => {
              begun()
              return await work({ sql: transaction, dialect: postgresSearch, writable: true })
            }, patienceMs),
          ),
      ),
    watch: watch.add,
    async close() {
      watch.close()
      await guard.close(PATIENCE_MS)
      await db.destroy()
    },
  }
}

/** Writers of this process wait outside of the database, so that they leave connections to the readers. */
function createWriter(
  db: Kysely<Tables>,
): <T>(work: (transaction: Transaction<Tables>) => Promise<T>, patienceMs?: number) => Promise<T> {
  const turns = createTurns()
  return async (work, patienceMs = PATIENCE_MS) => {
    const until = performance.now() + patienceMs
    const end = await turns.take(patienceMs)
    try {
      return await db.transaction().execute(async (transaction) => {
        const patience = `${Math.max(1, Math.ceil(until - performance.now()))}ms`
        await sql`SELECT set_config('lock_timeout', ${patience}, true), set_config('application_name', ${applicationName()}, true), pg_advisory_xact_lock(${sql.lit(WRITER_LOCK)})`.execute(
          transaction,
        )
        return await work(transaction)
      })
    } catch (error) {
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error
      throw await withPatience(patienceMs, async () => busy(await describeWriter(db), error))
    } finally {
      end()
    }
  }
}

/** What other processes see of the one that writes; PostgreSQL keeps 63 bytes of it. */
function applicationName(): string {
  const { operation, actor } = currentRequest() ?? { operation: 'background', actor: 'speki' }
  return `speki ${process.pid}@${hostname().slice(0, 20)} ${operation} ${actor}`.slice(0, 63)
}

/** Who holds the writers' lock now; undefined where it is free again. */
async function describeWriter(db: Kysely<Tables>): Promise<string | undefined> {
  const { rows } = await sql<{ pid: number; name: string; user: string; since: Date }>`
    SELECT a.pid, a.application_name AS name, a.usename AS user, a.xact_start AS since
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = ${sql.lit(WRITER_LOCK)}
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`.execute(db)
  const [writer] = rows
  if (writer === undefined) return undefined
  const { name, user, pid, since } = writer
  // The process first, then the operation and whose it is; another program has a name of its own.
  const [, process, what] = /^speki (\S+) (.*)$/.exec(name) ?? []
  const who = process === undefined ? `the program "${name}"` : `process ${process} (${what})`
  return `${who} of the user ${user}, backend ${pid}, writes${since === null ? '' : ` since ${since.toISOString()}`}`
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
  pool.on('error', logFailure('postgres.idle_connection'))
  pool.on('connect', (client) => client.on('error', logFailure('postgres.connection')))
  return pool
}

function postgresDialect(pool: pg.Pool): Dialect {
  const stock = new PostgresDialect({ pool })
  return {
    createAdapter: () => dialectAdapter,
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
