import { randomUUID } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Migration } from 'kysely/migration'
import { SpekiError } from '../errors.ts'
import type { Tables } from './tables.ts'

/** Newest migration this program knows; kept by a test in step with migrations/. */
export const NEWEST_MIGRATION = '0012-claim-start'

/** What a program knows, without loading it: that is not needed where a database is up to date. */
export interface KnownMigrations {
  readonly newest: string
  load(engine: 'sqlite' | 'postgres'): Promise<Record<string, Migration>>
}

export const releasedMigrations: KnownMigrations = {
  newest: NEWEST_MIGRATION,
  load: async (engine) => (await import('./migrations/index.ts')).migrations(engine),
}

/** What a backend gives to have its database migrated. */
export interface MigrationTarget {
  readonly engine: 'sqlite' | 'postgres'
  readonly known: KnownMigrations
  /** Epoch milliseconds, for the row of a new workspace. */
  readonly now: () => number
  /** Runs queries that change nothing. */
  inSnapshot<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /** Runs the work in the one write transaction there is, of all processes. */
  inTurn(work: (transaction: Transaction<Tables>) => Promise<void>): Promise<void>
  /** Keeps the present state of a database that has one. Called in turn, before anything is changed. */
  snapshot(nextMigration: string): Promise<void>
}

/**
 * Brings a database forward, wholly or not at all. Where it is up to date that costs one query. Two programs that start
 * at once are safe: the second waits and finds the work done. A database from the future is refused unchanged.
 */
export async function migrate(target: MigrationTarget): Promise<void> {
  const found = await target.inSnapshot(async (db) => await refuseForeign(db, target))
  if (found === target.known.newest) return
  const { Migrator } = await import('kysely/migration')
  const migrations = await target.known.load(target.engine)
  await target.inTurn(async (transaction) => {
    const applied = await newestApplied(transaction, target.engine)
    refuseFuture(applied, target.known.newest)
    const next = Object.keys(migrations)
      .sort()
      .find((name) => applied === undefined || name > applied)
    if (next === undefined) return
    if (applied !== undefined) await target.snapshot(next)
    const provider = { getMigrations: async () => migrations }
    const { error } = await new Migrator({ db: transaction, provider }).migrateToLatest()
    if (error !== undefined) throw error
    await transaction
      .insertInto('workspace')
      .values({ id: 1, uuid: randomUUID(), created_at: target.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}

/** The newest migration that was applied. Refuses a database from the future, and a file of another program. */
async function refuseForeign(
  db: Kysely<Tables>,
  { engine, known }: Pick<MigrationTarget, 'engine' | 'known'>,
): Promise<string | undefined> {
  const applied = await sql<{ name: string | null }>`SELECT max(name) AS name FROM kysely_migration`
    .execute(db)
    .then(({ rows }) => rows[0]?.name ?? undefined)
    .catch(async (error: unknown) => {
      if (!isMissingTable(error)) throw error
      if (engine === 'sqlite') await refuseOtherTables(db)
      return undefined
    })
  refuseFuture(applied, known.newest)
  return applied
}

function refuseFuture(applied: string | undefined, newest: string): void {
  if (applied === undefined || applied <= newest) return
  throw new SpekiError(
    'precondition_failed',
    `The database was written by a newer SPEKI (migration ${applied}); this one knows ${newest}. Nothing was changed.`,
    { hint: 'Update SPEKI, or choose another database with --db.' },
  )
}

async function refuseOtherTables(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_schema WHERE type = 'table' LIMIT 1`.execute(db)
  const [table] = rows
  if (table === undefined) return
  throw new SpekiError(
    'precondition_failed',
    `The file is a database of another program (it has a table ${table.name}). Nothing was changed.`,
    { hint: 'Choose another file with --db.' },
  )
}

/** SQLite has no code of its own for it. */
function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === '42P01' || (error.code === 'SQLITE_ERROR' && error.message.startsWith('no such table'))
}

/** Without provoking an error, which would end a transaction of PostgreSQL. */
async function newestApplied(db: Kysely<Tables>, engine: 'sqlite' | 'postgres'): Promise<string | undefined> {
  const there =
    engine === 'sqlite'
      ? await sql`SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'`.execute(db)
      : await sql`SELECT 1 WHERE to_regclass('kysely_migration') IS NOT NULL`.execute(db)
  if (there.rows.length === 0) return undefined
  const { rows } = await sql<{ name: string | null }>`SELECT max(name) AS name FROM kysely_migration`.execute(db)
  return rows[0]?.name ?? undefined
}
