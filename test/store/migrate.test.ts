import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KnownMigrations, NEWEST_MIGRATION, releasedMigrations } from '../../src/store/migrate.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openPostgres } from '../../src/store/postgres/open-postgres.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { names, put, useTemporary } from './temporary.ts'

const OPENER = fileURLToPath(new URL('./opener-process.ts', import.meta.url))
const temporary = useTemporary()

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => await postgres.stop())

/** What a later version will know. */
function later(up: (db: Kysely<unknown>) => Promise<void>): KnownMigrations {
  return {
    newest: '9999-colour',
    load: async (engine) => ({ ...(await releasedMigrations.load(engine)), '9999-colour': { up } }),
  }
}

const colour = later(async (db) => {
  await sql`ALTER TABLE counter ADD COLUMN colour TEXT`.execute(db)
})

const halfway = later(async (db) => {
  await sql`ALTER TABLE counter ADD COLUMN colour TEXT`.execute(db)
  await sql`INSERT INTO no_such_table VALUES (1)`.execute(db)
})

/** All that the folder holds, by what it holds. */
function digests(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

function columns(file: string): string[] {
  const handle = new Sqlite(file, { readonly: true })
  const found = handle.prepare("SELECT name FROM pragma_table_info('counter')").pluck().all() as string[]
  handle.close()
  return found
}

test('the newest migration is the one that the program says it knows', () => {
  for (const engine of ['sqlite', 'postgres'] as const)
    expect(Object.keys(migrations(engine)).sort().at(-1)).toBe(NEWEST_MIGRATION)
})

describe.each(['sqlite', 'postgres'])('on %s', (engine) => {
  test('four processes that start at once on nothing agree on one workspace', async () => {
    for (let round = 0; round < 3; round += 1) {
      const place = engine === 'sqlite' ? join(temporary.folder(), 'speki.db') : await postgres.createDatabase()
      const moment = String(Date.now() + 1200)
      const answers = await Promise.all(
        Array.from({ length: 4 }, async () => await promisify(execFile)(process.execPath, [OPENER, place, moment])),
      )
      const found = new Set(answers.map(({ stdout }) => stdout))

      expect([...found]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)])
    }
  })
})

describe('a database from the future', () => {
  test('is refused on SQLite without a byte changed', async () => {
    const folder = temporary.folder()
    const file = join(folder, 'speki.db')
    await temporary.close(await temporary.open({ file }))
    const handle = new Sqlite(file)
    handle.exec("INSERT INTO kysely_migration VALUES ('9990-teams', '2030-01-01T00:00:00.000Z')")
    // A backup has no log; opening must not begin one.
    handle.pragma('journal_mode = DELETE')
    handle.close()
    const before = digests(folder)

    await expect(temporary.open({ file })).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringMatching(
        new RegExp(`newer SPEKI \\(migration 9990-teams\\).*${NEWEST_MIGRATION}.*Nothing was changed`),
      ),
      hint: expect.stringMatching(/Update SPEKI/),
    })
    expect(digests(folder)).toEqual(before)
  })

  test('is refused on PostgreSQL', async () => {
    const url = await postgres.createDatabase()
    await (await openPostgres({ url, migrations: colour })).close()
    const refused = { code: 'precondition_failed', message: /newer SPEKI \(migration 9999-colour\)/ }

    await expect(openPostgres({ url })).rejects.toMatchObject(refused)
    const again = await openPostgres({ url, migrations: colour })
    await again.close()
  })
})

test('a database of another program is refused without a byte changed', async () => {
  const folder = temporary.folder()
  const file = join(folder, 'places.db')
  const handle = new Sqlite(file)
  handle.exec('CREATE TABLE bookmarks (url TEXT)')
  handle.close()
  const before = digests(folder)

  await expect(temporary.open({ file })).rejects.toMatchObject({
    code: 'precondition_failed',
    message: expect.stringMatching(/another program.*bookmarks/),
  })
  expect(digests(folder)).toEqual(before)
})

describe('before a migration', () => {
  test('the present state is kept beside the file, for its owner alone', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const old = await temporary.open({ file })
    await put(old, 'kept')
    await temporary.close(old)
    const migrated = await temporary.open({ file, migrations: colour })
    const snapshot = `${file}.before-9999-colour`

    expect(await names(migrated)).toEqual(['kept'])
    expect(columns(file)).toContain('colour')
    expect(columns(snapshot)).not.toContain('colour')
    expect(statSync(snapshot).mode & 0o777).toBe(0o600)
    expect(await names(await temporary.open({ file: snapshot }))).toEqual(['kept'])
  })

  test('a new file has nothing to be kept', async () => {
    const folder = temporary.folder()
    await temporary.open({ file: join(folder, 'speki.db'), migrations: colour })

    expect(readdirSync(folder).filter((name) => name.includes('.before-'))).toEqual([])
  })

  test('one that fails halfway changes nothing, and the old version goes on', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const old = await temporary.open({ file })
    await put(old, 'kept')
    await temporary.close(old)

    await expect(temporary.open({ file, migrations: halfway })).rejects.toThrow(/no_such_table/)
    expect(columns(file)).not.toContain('colour')
    expect(existsSync(`${file}.before-9999-colour`)).toBe(true)
    expect(await names(await temporary.open({ file }))).toEqual(['kept'])
  })

  test('the same on PostgreSQL, with the words of the migration', async () => {
    const url = await postgres.createDatabase()
    await (await openPostgres({ url })).close()

    await expect(openPostgres({ url, migrations: halfway })).rejects.toThrow(/no_such_table/)
    const again = await openPostgres({ url })
    await put(again, 'on')
    expect(await names(again)).toEqual(['on'])
    await again.close()
  })
})

test.each(['sqlite', 'postgres'])(
  '%s: answers that were kept before they belonged to anybody are gone',
  async (engine) => {
    const before: KnownMigrations = {
      newest: '0003-execution',
      load: async (on) =>
        Object.fromEntries(Object.entries(migrations(on)).filter(([name]) => name <= '0003-execution')),
    }
    const place = engine === 'sqlite' ? join(temporary.folder(), 'speki.db') : await postgres.createDatabase()
    const open = async (known?: KnownMigrations) => {
      const options = known === undefined ? {} : { migrations: known }
      return engine === 'sqlite'
        ? await openSqlite({ file: place, ...options })
        : await openPostgres({ url: place, ...options })
    }
    const old = await open(before)
    await put(old, 'kept')
    await old.write(async ({ sql: db }) => {
      for (let row = 0; row < 50; row += 1)
        await sql`INSERT INTO idempotency (key, tool, request_hash, answer, at) VALUES (${`k${row}`}, 't', 'h', ${`{"token":"1.secret-token","packet":"${'x'.repeat(300 * row)}"}`}, 1)`.execute(
          db,
        )
    })
    await old.close()

    const migrated = await open()
    expect(await names(migrated)).toEqual(['kept'])
    expect(
      await migrated.read(async (reader) => await reader.sql.selectFrom('idempotency').selectAll().execute()),
    ).toEqual([])
    await migrated.close()
    if (engine === 'sqlite') expect(readFileSync(place).includes('secret-token')).toBe(false)
  },
)

describe('a place that cannot be opened says why, without the password', () => {
  const secret = 's3cret-word'

  test.each([
    ['no server', 'postgres://me:s3cret-word@127.0.0.1:1/x', 'upstream_unavailable'],
    ['no URL', 'postgres://me:s3cret-word@:bad port/x', 'invalid_input'],
    ['another protocol', 'mysql://me:s3cret-word@127.0.0.1/x', 'invalid_input'],
  ])('%s', async (_, url, code) => {
    const error: unknown = await openPostgres({ url }).catch((reason: unknown) => reason)

    expect(error).toMatchObject({ name: 'SpekiError', code })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret)
  })

  test('a wrong password and a missing database', async () => {
    const url = new URL(await postgres.createDatabase())
    const wrong = new URL(url)
    wrong.password = secret
    const missing = new URL(url)
    missing.pathname = '/nowhere'
    const error: unknown = await openPostgres({ url: wrong.href }).catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'unauthenticated' })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret)
    await expect(openPostgres({ url: missing.href })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a server that ends connections under us is told, and the next call finds a new one', async () => {
    const url = await postgres.createDatabase()
    const database = await openPostgres({ url })
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const broken = database.write(async (tx) => {
      await tx.sql.insertInto('counter').values({ name: 'lost', value: 1 }).execute()
      await client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
      )
      await tx.sql.selectFrom('counter').selectAll().execute()
    })

    await expect(broken).rejects.toMatchObject({ code: 'upstream_unavailable' })
    await client.end()
    expect(await names(database)).toEqual([])
    await put(database, 'kept')
    expect(await names(database)).toEqual(['kept'])
    await database.close()
  })
})
