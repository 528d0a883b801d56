import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

/** Repositories, PRDs, requirements, plans, tasks, proof, knowledge and the event log. */
export function lifecycle(engine: Engine): Migration {
  const statements = [...tables, ...indexes, ...(engine === 'sqlite' ? sqliteParts : postgresParts)]
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of statements) await sql.raw(forEngine(statement, engine)).execute(db)
    },
  }
}

const tables = [
  `CREATE TABLE workspace (id INTEGER PRIMARY KEY CHECK (id = 1), uuid TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT`,
  `CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT`,
  `CREATE TABLE event (
    id SERIAL KEY, at INTEGER NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, prd_id INTEGER, repository_id INTEGER,
    actor TEXT NOT NULL, revision INTEGER, payload TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE repository (
    id SERIAL KEY, name TEXT NOT NULL UNIQUE, root TEXT, common_dir TEXT, first_commit TEXT, subpath TEXT NOT NULL,
    remote_url TEXT, default_branch TEXT, description TEXT NOT NULL, owners TEXT NOT NULL, facts TEXT NOT NULL,
    commands TEXT NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE prd (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('prd', 'tech_spec', 'bug')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'in_progress', 'completed', 'archived')),
    parent_id INTEGER REFERENCES prd (id), owners TEXT NOT NULL, revision INTEGER NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER
  ) STRICT`,
  `CREATE TABLE prd_repository (
    prd_id INTEGER NOT NULL REFERENCES prd (id), repository_id INTEGER NOT NULL REFERENCES repository (id), PRIMARY KEY (prd_id, repository_id)
  ) STRICT`,
  `CREATE TABLE prd_revision (
    prd_id INTEGER NOT NULL REFERENCES prd (id), number INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL, actor TEXT NOT NULL,
    reason TEXT NOT NULL, based_on INTEGER, at INTEGER NOT NULL, PRIMARY KEY (prd_id, number)
  ) STRICT`,
  `CREATE TABLE requirement (
    id INTEGER PRIMARY KEY, prd_id INTEGER NOT NULL REFERENCES prd (id), position INTEGER NOT NULL, label TEXT, form TEXT NOT NULL, text TEXT NOT NULL,
    section TEXT NOT NULL, line_start INTEGER NOT NULL, line_end INTEGER NOT NULL, criteria TEXT NOT NULL, removed_in INTEGER
  ) STRICT`,
  `CREATE TABLE plan (
    id INTEGER PRIMARY KEY, prd_id INTEGER NOT NULL REFERENCES prd (id), prd_revision INTEGER NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
    superseded_at INTEGER
  ) STRICT`,
  `CREATE TABLE task (
    id INTEGER PRIMARY KEY, alias TEXT, title TEXT NOT NULL, description TEXT NOT NULL, repository_id INTEGER NOT NULL REFERENCES repository (id),
    prd_id INTEGER REFERENCES prd (id), plan_id INTEGER REFERENCES plan (id), prd_revision INTEGER, stale INTEGER NOT NULL CHECK (stale IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('todo', 'in_progress', 'in_review', 'done', 'failed', 'blocked', 'cancelled')),
    waiting_on INTEGER NOT NULL CHECK (waiting_on >= 0), criteria TEXT NOT NULL, test_cases TEXT NOT NULL, complexity TEXT NOT NULL,
    priority INTEGER NOT NULL, position REAL NOT NULL, context TEXT NOT NULL, block_reason TEXT, holder TEXT, holder_session TEXT, lease_hash TEXT,
    lease_expires_at INTEGER, fence INTEGER NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    finished_at INTEGER, CHECK ((status = 'in_progress') = (lease_hash IS NOT NULL))
  ) STRICT`,
  `CREATE TABLE task_dependency (
    task_id INTEGER NOT NULL REFERENCES task (id), depends_on INTEGER NOT NULL REFERENCES task (id), PRIMARY KEY (task_id, depends_on),
    CHECK (task_id <> depends_on)
  ) STRICT`,
  `CREATE TABLE task_requirement (
    task_id INTEGER NOT NULL REFERENCES task (id), requirement_id INTEGER NOT NULL REFERENCES requirement (id), PRIMARY KEY (task_id, requirement_id)
  ) STRICT`,
  `CREATE TABLE task_note (
    id SERIAL KEY, task_id INTEGER NOT NULL REFERENCES task (id), text TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE validation (
    id INTEGER PRIMARY KEY, task_id INTEGER NOT NULL REFERENCES task (id), fence INTEGER NOT NULL, worktree TEXT NOT NULL, tree_hash TEXT NOT NULL,
    commit_id TEXT, passed INTEGER NOT NULL, complete INTEGER NOT NULL, checks TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE evidence (
    id SERIAL KEY, task_id INTEGER NOT NULL REFERENCES task (id), validation_id INTEGER REFERENCES validation (id), answers TEXT NOT NULL,
    summary TEXT NOT NULL, override_reason TEXT, actor TEXT NOT NULL, at INTEGER NOT NULL,
    CHECK (validation_id IS NOT NULL OR override_reason IS NOT NULL)
  ) STRICT`,
  `CREATE TABLE knowledge (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, category TEXT NOT NULL, text TEXT NOT NULL, repository_id INTEGER REFERENCES repository (id),
    task_id INTEGER REFERENCES task (id), actor TEXT NOT NULL, at INTEGER NOT NULL, resolved_at INTEGER
  ) STRICT`,
  `CREATE TABLE idempotency (key TEXT PRIMARY KEY, tool TEXT NOT NULL, request_hash TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL) STRICT`,
]

const indexes = [
  `CREATE INDEX event_subject ON event (subject, id)`,
  `CREATE INDEX event_prd ON event (prd_id, id)`,
  `CREATE INDEX event_repository ON event (repository_id, id)`,
  `CREATE INDEX prd_parent ON prd (parent_id)`,
  `CREATE INDEX prd_repository_repository ON prd_repository (repository_id)`,
  `CREATE INDEX requirement_prd ON requirement (prd_id, position)`,
  `CREATE INDEX plan_prd ON plan (prd_id, id)`,
  `CREATE INDEX task_order ON task (priority, position, id)`,
  `CREATE INDEX task_status_order ON task (status, priority, position, id)`,
  `CREATE INDEX task_ready ON task (status, waiting_on, priority, position, id)`,
  `CREATE INDEX task_repository_order ON task (repository_id, priority, position, id)`,
  `CREATE INDEX task_prd_order ON task (prd_id, priority, position, id)`,
  // These two answer what is ready and, without a look at the table, how many are in which state.
  `CREATE INDEX task_repository_ready ON task (repository_id, status, waiting_on, priority, position, id, stale)`,
  `CREATE INDEX task_prd_ready ON task (prd_id, status, waiting_on, priority, position, id, stale)`,
  `CREATE INDEX task_lease ON task (lease_expires_at) WHERE lease_expires_at IS NOT NULL`,
  `CREATE INDEX task_holder ON task (holder_session) WHERE holder_session IS NOT NULL`,
  `CREATE INDEX task_stale ON task (stale) WHERE stale = 1`,
  `CREATE INDEX task_dependency_on ON task_dependency (depends_on)`,
  `CREATE INDEX task_requirement_requirement ON task_requirement (requirement_id)`,
  `CREATE INDEX task_note_task ON task_note (task_id, id)`,
  `CREATE INDEX validation_task ON validation (task_id, id)`,
  `CREATE INDEX evidence_task ON evidence (task_id, id)`,
  `CREATE INDEX knowledge_task ON knowledge (task_id)`,
  `CREATE INDEX knowledge_repository ON knowledge (repository_id, category)`,
]

const sqliteParts = [
  `CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END`,
  `CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END`,
  `CREATE VIRTUAL TABLE search USING fts5 (title, body, kind UNINDEXED, id UNINDEXED, tokenize = 'porter unicode61 remove_diacritics 2')`,
  // Hits in a title come first.
  `INSERT INTO search (search, rank) VALUES ('rank', 'bm25(4.0, 1.0)')`,
]

const postgresParts = [
  `CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''events are append-only''; END'`,
  `CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()`,
  // As SQLite's porter: words lose their endings, and no word is too common to be found.
  `CREATE TEXT SEARCH DICTIONARY speki_stem (TEMPLATE = snowball, LANGUAGE = english)`,
  `CREATE TEXT SEARCH CONFIGURATION speki (COPY = pg_catalog.simple)`,
  `ALTER TEXT SEARCH CONFIGURATION speki ALTER MAPPING FOR asciiword, word, numword WITH speki_stem`,
  `CREATE TABLE search (
    kind TEXT NOT NULL, id BIGINT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, words TSVECTOR NOT NULL, PRIMARY KEY (kind, id)
  )`,
  `CREATE INDEX search_words ON search USING gin (words)`,
]
