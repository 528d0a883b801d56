import { AsyncLocalStorage } from 'node:async_hooks'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { SpekiError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import type { Tables } from '../tables.ts'
import { postgresSearch } from './search.ts'

/** The one lock that makes writers take turns; any number, but the same in every version. */
const WRITER_LOCK = 7_735_465

const PATIENCE = '15s'

/** int8: our numbers stay far below 2^53. */
const INT8 = 20
/** numeric: sums of integers. */
const NUMERIC = 1700

/** Opens a PostgreSQL database by its URL, migrating it where needed. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 5,
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: (type, format) =>
        type === INT8 || type === NUMERIC ? Number : pg.types.getTypeParser(type, format),
    },
  })
  // A connection that breaks while idle is replaced; the next query finds out by itself.
  pool.on('error', () => {})
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db, 'postgres', async () => {})
  } catch (error) {
    await db.destroy()
    throw translateError(error)
  }
  const writing = new AsyncLocalStorage<true>()
  return {
    location: describe(url),
    dialect: postgresSearch,
    async read(work) {
      return await translated(
        db
          .transaction()
          .setIsolationLevel('repeatable read')
          .setAccessMode('read only')
          .execute(async (transaction) => await work({ sql: transaction, dialect: postgresSearch })),
      )
    },
    async write(work) {
      if (writing.getStore()) throw new SpekiError('internal', 'A write transaction was begun inside another one.')
      return await writing.run(
        true,
        async () =>
          await translated(
            db.transaction().execute(async (transaction) => {
              await sql`SET LOCAL lock_timeout = ${sql.lit(PATIENCE)}`.execute(transaction)
              await sql`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`.execute(transaction)
              return await work({ sql: transaction, dialect: postgresSearch, writable: true })
            }),
          ),
      )
    },
    close: async () => await db.destroy(),
  }
}

async function translated<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw translateError(error)
  })
}

/** The one place where PostgreSQL's codes become words; what is not known stays as it is. */
function translateError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cause = { cause: error }
  if (code === '23505')
    return new SpekiError('conflict', 'That is there already; nothing was changed.', {
      hint: 'Read the present state and repeat.',
      ...cause,
    })
  if (code === '55P03')
    return new SpekiError('timeout', 'The database was busy for 15 seconds; nothing was changed.', {
      hint: 'Repeat the call.',
      ...cause,
    })
  if (code === '53100')
    return new SpekiError('precondition_failed', 'The disk of the database server is full; nothing was changed.', {
      hint: 'Free some space there and repeat the call.',
      ...cause,
    })
  if (code === '25006')
    return new SpekiError('precondition_failed', 'The database is read-only; nothing was changed.', {
      hint: 'Use the primary server.',
      ...cause,
    })
  if (code.startsWith('28'))
    return new SpekiError(
      'unauthenticated',
      'The database server refused the user or password of SPEKI_DATABASE_URL.',
      { hint: 'Mend the URL.', ...cause },
    )
  if (code === '3D000')
    return new SpekiError('not_found', 'The database that SPEKI_DATABASE_URL names does not exist.', {
      hint: 'Create it with createdb.',
      ...cause,
    })
  if (code.startsWith('ECONN') || code.startsWith('57P') || code === 'ENOTFOUND' || code.startsWith('08')) {
    return new SpekiError(
      'upstream_unavailable',
      'The database server cannot be reached; nothing acknowledged is lost.',
      { hint: 'Look whether it runs, then repeat the call.', ...cause },
    )
  }
  return error
}

/** Host and database, never the password. */
function describe(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `postgres://${host}${pathname}`
  } catch {
    return 'postgres'
  }
}
