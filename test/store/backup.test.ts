import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { backupSqlite, checkIntegrity, restoreSqlite } from '../../src/store/backup.ts'
import { names, put, useTemporary } from './temporary.ts'

const temporary = useTemporary()
const NOON = Date.UTC(2026, 10, 23, 12)

const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

async function fill(folder: string, ...rows: readonly string[]): Promise<string> {
  const file = join(folder, 'speki.db')
  const database = await temporary.open({ file })
  for (const row of rows) await put(database, row)
  await temporary.close(database)
  return file
}

test('a backup of a database in use is whole, one state, for its owner alone, and leaves nothing else', async () => {
  const folder = temporary.folder()
  const file = join(folder, 'speki.db')
  const copies = join(folder, 'copies')
  mkdirSync(copies)
  const database = await temporary.open({ file })
  let stop = false
  let pairs = 0
  const writing = (async () => {
    while (!stop) {
      pairs += 1
      await database.write(async (tx) => {
        await tx.sql
          .insertInto('counter')
          .values({ name: `a${pairs}`, value: 1 })
          .execute()
        await tx.sql
          .insertInto('counter')
          .values({ name: `b${pairs}`, value: 1 })
          .execute()
      })
      await new Promise(setImmediate)
    }
  })()
  for (let round = 0; round < 5; round += 1) {
    await new Promise((done) => setTimeout(done, 20))
    await backupSqlite(file, join(copies, `${round}.db`))
  }
  stop = true
  await writing

  expect(readdirSync(copies)).toEqual(['0.db', '1.db', '2.db', '3.db', '4.db'])
  for (const name of readdirSync(copies)) {
    const copy = join(copies, name)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(await checkIntegrity(copy)).toBeUndefined()
    const rows = await names(await temporary.open({ file: copy }))
    const firsts = rows.filter((row) => row.startsWith('a')).map((row) => row.slice(1))
    expect(firsts.length).toBeGreaterThan(0)
    expect(rows.filter((row) => row.startsWith('b')).map((row) => row.slice(1))).toEqual(firsts)
  }
})

test('a backup writes over nothing', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'a')
  const to = join(folder, 'precious.txt')
  writeFileSync(to, 'precious')

  await expect(backupSqlite(file, to)).rejects.toMatchObject({ code: 'conflict' })
  await expect(backupSqlite(join(folder, 'none.db'), join(folder, 'b.db'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(backupSqlite(file, join(folder, 'no', 'b.db'))).rejects.toMatchObject({ code: 'not_found' })
  expect(readFileSync(to, 'utf8')).toBe('precious')
  expect(readdirSync(folder).sort()).toEqual(['precious.txt', 'speki.db'])
})

test('a backup of a damaged database is refused and leaves no file', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'a')
  writeFileSync(file, 'garbage '.repeat(2000))

  await expect(backupSqlite(file, join(folder, 'b.db'))).rejects.toMatchObject({ message: /damaged/ })
  expect(readdirSync(folder)).not.toContain('b.db')
})

test('a restore brings back what the backup has, and keeps the present file', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'old')
  const backup = join(folder, 'b.db')
  await backupSqlite(file, backup)
  const database = await temporary.open({ file })
  await put(database, 'young')
  await temporary.close(database)
  const before = digest(backup)
  const { kept } = await restoreSqlite(backup, file, NOON)

  expect(kept).toBe(`${file}.replaced-2026-11-23T12-00-00-000Z`)
  expect(digest(backup)).toBe(before)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).sort()).toEqual(['b.db', 'speki.db', 'speki.db.replaced-2026-11-23T12-00-00-000Z'])
  expect(await names(await temporary.open({ file }))).toEqual(['old'])
  expect(await names(await temporary.open({ file: kept ?? '' }))).toEqual(['old', 'young'])
})

test('a restore brings along what lies in the log beside the backup', async () => {
  const folder = temporary.folder()
  const source = await temporary.open({ file: join(folder, 'speki.db') })
  await put(source, 'in the log')
  const target = join(temporary.folder(), 'new', 'speki.db')
  const { kept } = await restoreSqlite(join(folder, 'speki.db'), target, NOON)

  expect(kept).toBeUndefined()
  expect(await names(await temporary.open({ file: target }))).toEqual(['in the log'])
})

test('a restore over a damaged file works, and its log is not taken for that of the backup', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'good')
  const backup = join(folder, 'b.db')
  await backupSqlite(file, backup)
  const other = join(temporary.folder(), 'speki.db')
  await put(await temporary.open({ file: other }), 'of another')
  writeFileSync(file, 'garbage '.repeat(2000))
  copyFileSync(`${other}-wal`, `${file}-wal`)
  const { kept } = await restoreSqlite(backup, file, NOON)

  expect(kept).toBeDefined()
  expect(await names(await temporary.open({ file }))).toEqual(['good'])
  expect(await checkIntegrity(file)).toBeUndefined()
})

test('a damaged file is kept as it was', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'good')
  const backup = join(folder, 'b.db')
  await backupSqlite(file, backup)
  writeFileSync(file, 'garbage '.repeat(2000))
  const { kept } = await restoreSqlite(backup, file, NOON)

  expect(readFileSync(kept ?? '', 'utf8')).toBe('garbage '.repeat(2000))
  expect(await names(await temporary.open({ file }))).toEqual(['good'])
})

test('a restore is refused while anyone has the database open, even idle', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'old')
  const backup = join(folder, 'b.db')
  await backupSqlite(file, backup)
  const idle = await temporary.open({ file })
  await put(idle, 'young')

  await expect(restoreSqlite(backup, file, NOON)).rejects.toMatchObject({ code: 'conflict', message: /open/ })
  await put(idle, 'younger')
  expect(await names(idle)).toEqual(['old', 'young', 'younger'])
  expect(readdirSync(folder).filter((name) => /arriving|replaced/.test(name))).toEqual([])
})

test('what is no whole backup of SPEKI is refused and changes nothing', async () => {
  const folder = temporary.folder()
  const file = await fill(folder, 'present')
  const other = join(folder, 'other.db')
  const stranger = new Sqlite(other)
  stranger.exec('CREATE TABLE bookmarks (url TEXT)')
  stranger.close()
  const garbage = join(folder, 'garbage.db')
  writeFileSync(garbage, 'garbage '.repeat(2000))
  const future = join(folder, 'future.db')
  await backupSqlite(file, future)
  const handle = new Sqlite(future)
  handle.exec("INSERT INTO kysely_migration VALUES ('9999-teams', '2030-01-01T00:00:00.000Z')")
  handle.close()
  const before = digest(file)

  const attempts = [
    [other, 'invalid_input', /no database of SPEKI/],
    [garbage, 'precondition_failed', /no whole database/],
    [future, 'precondition_failed', /newer SPEKI \(migration 9999-teams\)/],
    [join(folder, 'none.db'), 'not_found', /no file/],
    [file, 'invalid_input', /itself/],
  ] as const
  for (const [backup, code, message] of attempts)
    await expect(restoreSqlite(backup, file, NOON)).rejects.toMatchObject({ code, message })
  expect(digest(file)).toBe(before)
  expect(readdirSync(folder).filter((name) => /arriving|replaced/.test(name))).toEqual([])
})

test('damage is found and told', async () => {
  const file = await fill(temporary.folder(), 'a')
  expect(await checkIntegrity(file)).toBeUndefined()
  const bytes = readFileSync(file)
  for (let at = 8192; at < bytes.length; at += 512) bytes.fill(0xff, at, at + 64)
  writeFileSync(file, bytes)
  expect(await checkIntegrity(file)).toMatch(/./)

  writeFileSync(file, 'garbage '.repeat(2000))
  expect(await checkIntegrity(file)).toMatch(/damaged/)
  expect(await checkIntegrity(`${file}.none`)).toMatch(/cannot be opened/)
})
