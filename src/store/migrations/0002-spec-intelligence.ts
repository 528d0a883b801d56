import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

/** Settings, what was decided about findings, where imported things come from, and what was split. */
export function specIntelligence(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(forEngine(statement, engine)).execute(db)
    },
  }
}

const statements = [
  `CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT`,
  `CREATE TABLE accepted_finding (
    prd_id INTEGER NOT NULL REFERENCES prd (id), finding TEXT NOT NULL, rule TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (prd_id, finding)
  ) STRICT`,
  `CREATE TABLE lens_review (
    prd_id INTEGER NOT NULL REFERENCES prd (id), lens TEXT NOT NULL, text_hash TEXT NOT NULL, findings TEXT NOT NULL, actor TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (prd_id, lens)
  ) STRICT`,
  `CREATE TABLE origin (
    kind TEXT NOT NULL CHECK (kind IN ('prd', 'task', 'knowledge')), id INTEGER NOT NULL, source TEXT NOT NULL, ref TEXT NOT NULL,
    imported TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (kind, source, ref)
  ) STRICT`,
  `CREATE INDEX origin_local ON origin (kind, id)`,
]
