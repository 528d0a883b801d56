import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { listLinks, listLinksOf } from '../../src/store/links.ts'
import { type KnownMigrations, releasedMigrations } from '../../src/store/migrate.ts'
import { openPostgres } from '../../src/store/postgres/open-postgres.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import type { Tables } from '../../src/store/tables.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { useTemporary } from './temporary.ts'

const temporary = useTemporary()
let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => await postgres.stop())

/** A program from before imports were links. */
const BEFORE: KnownMigrations = {
  newest: '0006-jobs',
  load: async (engine) =>
    Object.fromEntries(Object.entries(await releasedMigrations.load(engine)).filter(([name]) => name <= '0006-jobs')),
}

const THERE = {
  ref: 't1',
  title: 'There',
  description: 'Text',
  status: 'in_progress',
  criteria: ['It works'],
  extra: { a: 1 },
}
/** Edited here before the last import, which kept it. */
const HERE = { ...THERE, title: 'Here', status: 'todo', extra: {} }

describe.each(['sqlite', 'postgres'] as const)('on %s', (engine) => {
  test('what was imported before is a link whose base shows what was edited here', async () => {
    const place = engine === 'sqlite' ? join(temporary.folder(), 'speki.db') : await postgres.createDatabase()
    const open = async (known: KnownMigrations): Promise<Database> =>
      engine === 'sqlite'
        ? await openSqlite({ file: place, migrations: known })
        : await openPostgres({ url: place, migrations: known })
    const old = await open(BEFORE)
    await old.write(async (tx) => await fill(tx.sql))
    await old.close()
    const now = await open(releasedMigrations)
    const [link] = await now.read(async (reader) => await listLinksOf(reader, 'task', [7]))
    const links = await now.read(async (reader) => await listLinks(reader, 'beads:x'))
    await now.close()
    expect(link).toMatchObject({ noun: 'task', id: 7, source: 'beads:x', ref: 't1' })
    expect(link?.base.ours).toMatchObject({ title: 'There', status: 'todo', acceptance_criteria: ['It works'] })
    expect(link?.base.theirs).toMatchObject({
      title: 'There',
      status: 'in_progress',
      block_reason: null,
      extra: { a: 1 },
    })
    expect(links.map(({ noun, ref }) => `${noun} ${ref}`).sort()).toEqual(['knowledge k1', 'task t1'])
  })
})

async function fill(db: Kysely<Tables>): Promise<void> {
  const entry = JSON.stringify({ ref: 'k1', extra: {} })
  await sql`INSERT INTO origin (kind, id, source, ref, imported, at)
    VALUES ('task', 7, 'beads:x', 't1', ${JSON.stringify({ source: THERE, local: HERE })}, 5),
      ('knowledge', 1, 'beads:x', 'k1', ${`{"source":${entry},"local":${entry}}`}, 5)`.execute(db)
}
