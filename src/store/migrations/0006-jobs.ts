import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

/** Subscribers of the event log with their cursors, and jobs. */
export function jobs(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(forEngine(statement, engine)).execute(db)
      // On SQLite whoever waits watches the file.
      if (engine === 'postgres') for (const statement of notifying) await sql.raw(statement).execute(db)
    },
  }
}

const statements = [
  `CREATE TABLE follower (
    name TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('following', 'stopped')), last_event INTEGER NOT NULL,
    failures INTEGER NOT NULL, retry_at INTEGER, error TEXT, holder TEXT REFERENCES worker (id), fence INTEGER NOT NULL,
    offered_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE dead_event (
    follower TEXT NOT NULL REFERENCES follower (name) ON DELETE CASCADE, event_id INTEGER NOT NULL, error TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (follower, event_id)
  ) STRICT`,
  `CREATE TABLE job (
    id SERIAL KEY, name TEXT NOT NULL, key TEXT, payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'failed', 'done', 'dead')), recurring INTEGER NOT NULL,
    attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, holder TEXT REFERENCES worker (id), fence INTEGER NOT NULL, error TEXT,
    created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER
  ) STRICT`,
  `CREATE INDEX job_due ON job (state, due_at)`,
]

/** Heard by store/postgres/watch.ts. */
const notifying = [
  `CREATE FUNCTION speki_appended() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('speki_appended', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER event_appended AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION speki_appended()`,
  `CREATE TRIGGER job_appended AFTER INSERT OR UPDATE OF due_at ON job FOR EACH STATEMENT EXECUTE FUNCTION speki_appended()`,
]
