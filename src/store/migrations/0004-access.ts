import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

/** Repeated requests belong to who made them. The old rows name nobody and hold tokens, so they go: only retries of the minutes around the update miss them. */
export function access(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(forEngine(statement, engine)).execute(db)
    },
  }
}

const statements = [
  `DROP TABLE idempotency`,
  `CREATE TABLE idempotency (
    id SERIAL KEY, owner TEXT NOT NULL, key_hash TEXT NOT NULL, session TEXT NOT NULL, tool TEXT NOT NULL, request_hash TEXT NOT NULL,
    answer TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX idempotency_owner ON idempotency (owner, key_hash)`,
  `CREATE INDEX idempotency_age ON idempotency (at)`,
]
