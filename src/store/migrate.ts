import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { SpekiError } from '../errors.ts'
import type { Tables } from './tables.ts'

/** Newest migration this program knows; kept by a test in step with migrations/. */
export const NEWEST_MIGRATION = '0001-lifecycle'

/**
 * Brings a database forward. Where it is up to date that costs one query. Two programs that start at once are safe: the
 * second waits and finds the work done. A database from the future is refused unchanged.
 *
 * @param snapshot called once before the first migration that runs, with its name
 */
export async function migrate(
  db: Kysely<Tables>,
  engine: 'sqlite' | 'postgres',
  snapshot: (migration: string) => Promise<void>,
): Promise<void> {
  const applied = await newestApplied(db, engine)
  if (applied === NEWEST_MIGRATION) return
  if (applied !== undefined && applied > NEWEST_MIGRATION) {
    throw new SpekiError(
      'precondition_failed',
      `The database was written by a newer SPEKI (migration ${applied}); this one knows ${NEWEST_MIGRATION}. Nothing was changed.`,
      {
        hint: 'Update SPEKI, or choose another database with --db.',
      },
    )
  }
  const { Migrator } = await import('kysely/migration')
  const { migrations } = await import('./migrations/index.ts')
  const pending = Object.keys(migrations(engine)).filter((name) => applied === undefined || name > applied)
  await snapshot(pending[0] ?? NEWEST_MIGRATION)
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations(engine) },
  }).migrateToLatest()
  if (error !== undefined) throw error
  await sql`INSERT INTO workspace (id, uuid, created_at) VALUES (1, ${randomUUID()}, ${Date.now()}) ON CONFLICT DO NOTHING`.execute(
    db,
  )
}

async function newestApplied(db: Kysely<Tables>, engine: 'sqlite' | 'postgres'): Promise<string | undefined> {
  const there =
    engine === 'sqlite'
      ? await sql`SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'`.execute(db)
      : await sql`SELECT 1 WHERE to_regclass('kysely_migration') IS NOT NULL`.execute(db)
  if (there.rows.length === 0) return undefined
  const { rows } = await sql<{ name: string | null }>`SELECT max(name) AS name FROM kysely_migration`.execute(db)
  return rows[0]?.name ?? undefined
}
