import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A run keeps the checks that it began with; those before it have none of their own. */
export function runChecks(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await sql.raw("ALTER TABLE run ADD COLUMN checks TEXT NOT NULL DEFAULT '[]'").execute(db)
    },
  }
}
