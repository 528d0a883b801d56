import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

/** Runs, workers, attempts, change sets, the journal of effects, and baselines. */
export function execution(engine: Engine): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(forEngine(statement, engine)).execute(db)
    },
  }
}

const statements = [
  `CREATE TABLE change_set (
    id INTEGER PRIMARY KEY, prd_id INTEGER REFERENCES prd (id), title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'tested', 'failed', 'delivering', 'delivered', 'stopped', 'cancelled')),
    detail TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE change_set_member (
    change_set_id INTEGER NOT NULL REFERENCES change_set (id), repository_id INTEGER NOT NULL REFERENCES repository (id),
    branch TEXT NOT NULL, target TEXT NOT NULL, base_commit TEXT NOT NULL, head_commit TEXT NOT NULL, state TEXT NOT NULL,
    detail TEXT NOT NULL, PRIMARY KEY (change_set_id, repository_id)
  ) STRICT`,
  `CREATE TABLE run (
    id INTEGER PRIMARY KEY, prd_id INTEGER REFERENCES prd (id), title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
    wanted TEXT NOT NULL CHECK (wanted IN ('run', 'pause', 'cancel')), options TEXT NOT NULL,
    change_set_id INTEGER NOT NULL REFERENCES change_set (id), finisher TEXT, reason TEXT, actor TEXT NOT NULL, created_at INTEGER NOT NULL,
    started_at INTEGER, retried_at INTEGER, ended_at INTEGER
  ) STRICT`,
  `CREATE INDEX run_state ON run (state)`,
  `CREATE TABLE run_task (
    run_id INTEGER NOT NULL REFERENCES run (id), task_id INTEGER NOT NULL REFERENCES task (id), PRIMARY KEY (run_id, task_id)
  ) STRICT`,
  `CREATE INDEX run_task_task ON run_task (task_id)`,
  `CREATE TABLE worker (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, lease_expires_at INTEGER NOT NULL, started_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT`,
  `CREATE TABLE attempt (
    id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES task (id), number INTEGER NOT NULL, run_id INTEGER REFERENCES run (id),
    change_set_id INTEGER NOT NULL REFERENCES change_set (id),
    worker_id TEXT REFERENCES worker (id), fence INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('working', 'landed', 'failed', 'interrupted', 'released')),
    agent TEXT NOT NULL, session TEXT, root TEXT NOT NULL, worktree TEXT NOT NULL, branch TEXT NOT NULL, base_commit TEXT NOT NULL,
    commit_id TEXT, mark TEXT NOT NULL, rounds INTEGER NOT NULL, usage TEXT NOT NULL, report TEXT, started_at INTEGER NOT NULL,
    ended_at INTEGER, UNIQUE (task_id, number)
  ) STRICT`,
  `CREATE INDEX attempt_state ON attempt (state)`,
  `CREATE INDEX attempt_run ON attempt (run_id)`,
  `CREATE INDEX attempt_change_set ON attempt (change_set_id)`,
  `CREATE TABLE step (
    id SERIAL KEY, key TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, intent TEXT NOT NULL, outcome TEXT, at INTEGER NOT NULL, ended_at INTEGER
  ) STRICT`,
  `CREATE INDEX step_subject ON step (subject)`,
  `CREATE TABLE baseline (
    repository_id INTEGER NOT NULL REFERENCES repository (id), commit_id TEXT NOT NULL, commands TEXT NOT NULL, result TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (repository_id, commit_id, commands)
  ) STRICT`,
]
