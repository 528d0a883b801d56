import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wordCause } from '../../schemas/cause.ts'
import type { Database } from '../../src/store/database.ts'
import { type KnownMigrations, releasedMigrations } from '../../src/store/migrate.ts'
import { openPostgres } from '../../src/store/postgres/open-postgres.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import type { Tables } from '../../src/store/tables.ts'
import { findTasks } from '../../src/store/task/tasks.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { useTemporary } from './temporary.ts'

const temporary = useTemporary()
let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => await postgres.stop())

/** A program from before causes were a kind with data. */
const BEFORE: KnownMigrations = {
  newest: '0003-execution',
  load: async (engine) =>
    Object.fromEntries(
      Object.entries(await releasedMigrations.load(engine)).filter(([name]) => name <= '0003-execution'),
    ),
}

const PERSON = { kind: 'person', name: 'tester' }
const AGENT = { kind: 'agent', name: 'claude' }
const WORKER = { kind: 'system', name: 'speki worker 7' }

/** Status, the sentence that stood there, who the log says gave it, and the kind it becomes. */
const ROWS = [
  ['blocked', 'open question, line 6: how many days?', undefined, 'open_question'],
  ['blocked', 'open question, line 6: how many days?', PERSON, 'person'],
  ['blocked', 'open question to the legal team', PERSON, 'person'],
  ['blocked', 'waits for the bank', AGENT, 'agent'],
  ['blocked', 'deferred in Beads', undefined, 'import'],
  ['cancelled', 'replaced by PLAN-2', undefined, 'plan'],
  ['cancelled', 'not needed', PERSON, 'person'],
  ['failed', 'LOOP after 3 attempts: it went round', WORKER, 'run'],
  ['failed', 'BUILD after 1 attempt: it does not build', WORKER, 'run'],
  ['todo', undefined, undefined, undefined],
] as const

describe.each(['sqlite', 'postgres'] as const)('on %s', (engine) => {
  test('why older tasks are blocked, failed or cancelled becomes a kind, and reads as it did', async () => {
    const place = engine === 'sqlite' ? join(temporary.folder(), 'speki.db') : await postgres.createDatabase()
    const open = async (migrations: KnownMigrations): Promise<Database> =>
      engine === 'sqlite'
        ? await openSqlite({ file: place, migrations })
        : await openPostgres({ url: place, migrations })
    const old = await open(BEFORE)
    await old.write(async (tx) => await fill(tx.sql))
    await old.close()
    const now = await open(releasedMigrations)
    const ids = ROWS.map((_, index) => index + 1)
    const tasks = await now.read(async (reader) => await findTasks(reader, ids))
    await now.close()
    expect(tasks.map(({ cause }) => cause?.kind)).toEqual(ROWS.map(([, , , kind]) => kind))
    expect(tasks.map(({ blockReason }) => blockReason)).toEqual(ROWS.map(([, reason]) => reason))
    expect(tasks[0]?.cause).toEqual({ kind: 'open_question', line: 6, question: 'how many days?', requirements: [4] })
    for (const { cause, blockReason } of tasks) expect(cause && wordCause(cause)).toBe(blockReason)
  })
})

async function fill(db: Kysely<Tables>): Promise<void> {
  await sql`INSERT INTO repository (name, subpath, description, owners, facts, commands, revision, created_at, updated_at)
    VALUES ('api', '.', '', '[]', '{}', '[]', 1, 0, 0)`.execute(db)
  await sql`INSERT INTO prd (id, title, kind, state, owners, revision, version, hash, created_at, updated_at)
    VALUES (1, 'A', 'prd', 'draft', '[]', 1, 1, '', 0, 0)`.execute(db)
  await sql`INSERT INTO requirement (id, prd_id, position, form, text, section, line_start, line_end, criteria)
    VALUES (4, 1, 0, 'bullet', 'x', '[]', 6, 6, '[]')`.execute(db)
  for (const [index, [status, reason, actor]] of ROWS.entries()) {
    const id = index + 1
    await sql`INSERT INTO task (id, title, description, repository_id, prd_id, stale, status, waiting_on, criteria, test_cases,
      complexity, priority, position, context, block_reason, fence, revision, created_at, updated_at)
      VALUES (${id}, 'T', '', 1, 1, 0, ${status}, 0, '[]', '[]', 'low', 50, ${id}, '{}', ${reason ?? null}, 0, 1, 0, 0)`.execute(
      db,
    )
    if (actor === undefined) continue
    await sql`INSERT INTO event (at, type, subject, actor, payload, previous_hash, hash)
      VALUES (0, ${`task.${status}`}, ${`TASK-${id}`}, ${JSON.stringify(actor)}, ${JSON.stringify({ reason })}, '', '')`.execute(
      db,
    )
  }
  await sql`INSERT INTO task_requirement (task_id, requirement_id) VALUES (1, 4)`.execute(db)
}
