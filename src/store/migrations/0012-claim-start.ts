import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

/** A claim keeps what stood in the working copy when it began, and a validation against what, and what spoke against the work. */
export function claimStart(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of STATEMENTS) await sql.raw(forEngine(statement, engine)).execute(db)
    },
  }
}

const STATEMENTS = [
  `CREATE TABLE claim_start (
    task_id INTEGER NOT NULL REFERENCES task (id), fence INTEGER NOT NULL, checks TEXT NOT NULL, places TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (task_id, fence)
  ) STRICT`,
  'ALTER TABLE validation ADD COLUMN base_commit TEXT',
  "ALTER TABLE validation ADD COLUMN findings TEXT NOT NULL DEFAULT '[]'",
  // What a run proved before this was judged over the commit it names; agents in their own chat validate once more.
  `UPDATE validation SET base_commit = commit_id WHERE EXISTS (
    SELECT 1 FROM attempt WHERE attempt.task_id = validation.task_id AND attempt.fence = validation.fence AND attempt.run_id IS NOT NULL
  )`,
]
