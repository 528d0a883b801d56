import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { backupSqlite, checkIntegrity } from '../../src/store/backup.ts'
import type { Database } from '../../src/store/database.ts'
import { names, put, useTemporary } from './temporary.ts'

const temporary = useTemporary()

/** A database with "a", and a backup of that time; "b" came after. */
async function workspace(): Promise<{ folder: string; file: string; backup: string; database: Database }> {
  const top = temporary.folder()
  const folder = join(top, 'home')
  const file = join(folder, 'speki.db')
  const database = await temporary.open({ file })
  await put(database, 'a')
  const backup = join(top, 'backup.db')
  await backupSqlite(file, backup)
  await put(database, 'b')
  return { folder, file, backup, database }
}

function remove(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
}

// Windows lets nobody take a file away that is open.
describe.skipIf(process.platform === 'win32')('a database under a server', () => {
  const lost: readonly [string, (at: { folder: string; file: string; backup: string }) => void, RegExp][] = [
    ['whose files are removed', ({ file }) => remove(file), /was removed/],
    ['whose file alone is removed', ({ file }) => rmSync(file), /was removed/],
    ['whose folder is removed', ({ folder }) => rmSync(folder, { recursive: true }), /was removed/],
    ['whose folder is moved away', ({ folder }) => renameSync(folder, `${folder}-elsewhere`), /was removed/],
    [
      'whose folder is a file now',
      ({ folder }) => {
        rmSync(folder, { recursive: true })
        writeFileSync(folder, '')
      },
      /was removed|cannot be reached/,
    ],
    [
      'whose file is emptied by another one',
      ({ file }) => {
        remove(file)
        writeFileSync(file, '')
      },
      /was removed, or emptied/,
    ],
    [
      'whose file is a folder now',
      ({ file }) => {
        remove(file)
        mkdirSync(file)
      },
      /is no file any more/,
    ],
    [
      'whose file is a link to nothing',
      ({ file }) => {
        remove(file)
        symlinkSync('nowhere', file)
      },
      /was removed/,
    ],
    ['whose file is cut off', ({ file }) => truncateSync(file, 4096), /cut off or written over/],
    ['whose file is cut off to nothing', ({ file }) => truncateSync(file, 0), /cut off or written over/],
    ['whose log is removed', ({ file }) => rmSync(`${file}-wal`), /log of the database/],
    ['whose shared memory is removed', ({ file }) => rmSync(`${file}-shm`), /log of the database/],
    [
      "that is another program's now",
      ({ file }) => {
        remove(file)
        new Sqlite(file).exec('CREATE TABLE theirs (x)').close()
      },
      /another program/,
    ],
    [
      'that is no database now',
      ({ file }) => {
        remove(file)
        writeFileSync(file, 'text '.repeat(2000))
      },
      /damaged, or not a database/,
    ],
  ]

  test.each(lost)(
    '%s acknowledges nothing and says so, to reads and writes, again and again',
    async (_, harm, words) => {
      const at = await workspace()
      // What is in the log must not hide that the file is cut off.
      const handle = new Sqlite(at.file)
      handle.pragma('wal_checkpoint(TRUNCATE)')
      handle.close()
      await names(at.database)
      harm(at)

      for (const call of [put(at.database, 'c'), names(at.database), put(at.database, 'd')])
        await expect(call).rejects.toMatchObject({
          code: 'precondition_failed',
          message: expect.stringMatching(words),
          hint: expect.stringMatching(/\w/),
        })
    },
  )

  const overwritten: readonly [string, (at: { folder: string; file: string }) => void][] = [
    ['a text', ({ file }) => writeFileSync(file, 'text '.repeat(2000))],
    ['half of itself', ({ file }) => truncateSync(file, 20_000)],
    [
      'a smaller database',
      ({ folder, file }) => {
        const other = join(folder, 'other.db')
        new Sqlite(other).exec('CREATE TABLE theirs (x)').close()
        copyFileSync(other, file)
      },
    ],
  ]

  test.each(overwritten)(
    'over which %s is written in place, before anything is in its log, says so again and again',
    async (_, harm) => {
      const { folder, file, database: first } = await workspace()
      await first.close()
      const database = await temporary.open({ file })
      await names(database)
      harm({ folder, file })
      for (const call of [names(database), put(database, 'c'), names(database)])
        await expect(call).rejects.toMatchObject({
          code: 'precondition_failed',
          message: expect.stringMatching(/cut off or written over/),
          hint: expect.stringMatching(/speki doctor/),
        })
    },
  )

  test.each([0, 100, 5000])(
    'whose log is cut off at byte %d acknowledges nothing and says so, again and again, to others too',
    async (length) => {
      const { file, database } = await workspace()
      truncateSync(`${file}-wal`, length)
      for (const call of [put(database, 'c'), names(database), put(database, 'd')])
        await expect(call).rejects.toMatchObject({
          code: 'precondition_failed',
          message: expect.stringMatching(/log of the database .* was cut off/),
        })
      await expect(temporary.open({ file }).then(names)).rejects.toMatchObject({
        code: 'precondition_failed',
        message: expect.stringMatching(/A part of the database .* is missing/),
      })
    },
  )

  test('whose file is cut off to nothing is told as that to whoever comes next, who would wait for a writer that is none', async () => {
    const { file } = await workspace()
    truncateSync(file, 0)
    for (const _ of ['first', 'second'])
      await expect(temporary.open({ file })).rejects.toMatchObject({
        code: 'precondition_failed',
        message: expect.stringMatching(/cut off or written over/),
        hint: expect.stringMatching(/speki restore/),
      })
  })

  test('whose log another program put into the file, and emptied, goes on', async () => {
    const { file, database } = await workspace()
    const handle = new Sqlite(file)
    handle.pragma('wal_checkpoint(TRUNCATE)')
    handle.close()
    await put(database, 'c')
    expect(await names(database)).toEqual(['a', 'b', 'c'])
  })

  test('that is removed in the middle of a write keeps nothing of it, and says so', async () => {
    const { file, database } = await workspace()
    const write = database.write(async (tx) => {
      await tx.sql.insertInto('counter').values({ name: 'c', value: 1 }).execute()
      remove(file)
    })

    await expect(write).rejects.toMatchObject({ message: expect.stringMatching(/removed.*nothing of it counts/) })
    expect(existsSync(file)).toBe(false)
  })

  test('in whose place a backup is put says so once, to whoever calls first, and goes on with it', async () => {
    const { folder, file, backup, database } = await workspace()
    remove(file)
    await expect(names(database)).rejects.toMatchObject({ message: expect.stringMatching(/was removed/) })
    copyFileSync(backup, file)

    await expect(put(database, 'c')).rejects.toMatchObject({
      message: expect.stringMatching(/was replaced.*from now on the new one counts/),
      hint: expect.stringMatching(/repeat the call/),
    })
    expect(await names(database)).toEqual(['a'])
    await put(database, 'd')
    expect(await names(await temporary.open({ file }))).toEqual(['a', 'd'])
    expect(readdirSync(folder).filter((name) => !name.startsWith('speki.db'))).toEqual([])
  })

  test.each([
    ['moved', renameSync],
    [
      'copied to another name and moved',
      (from: string, to: string) => {
        copyFileSync(from, `${to}.new`)
        renameSync(`${to}.new`, to)
      },
    ],
  ])('onto which a backup is %s, with the log of the one before still there, is the backup alone', async (_, lay) => {
    const { file, backup, database } = await workspace()
    for (let row = 0; row < 300; row += 1) await put(database, `later ${row} ${'x'.repeat(500)}`)
    lay(backup, file)

    await expect(names(database)).rejects.toMatchObject({ message: expect.stringMatching(/was replaced/) })
    expect(await names(database)).toEqual(['a'])
    await put(database, 'c')
    await temporary.close(database)
    expect(await names(await temporary.open({ file }))).toEqual(['a', 'c'])
    expect(await checkIntegrity(file)).toBeUndefined()
  })

  test('onto which another workspace is moved, with the log of this one still there, is not written into', async () => {
    const { file, database } = await workspace()
    const otherFile = join(temporary.folder(), 'other.db')
    const other = await temporary.open({ file: otherFile })
    await put(other, 'theirs')
    await temporary.close(other)
    renameSync(otherFile, file)

    for (const call of [put(database, 'c'), put(database, 'd')])
      await expect(call).rejects.toMatchObject({ message: expect.stringMatching(/another workspace/) })
    expect(await names(await temporary.open({ file }))).toEqual(['theirs'])
  })

  test('onto which a backup is moved is the backup alone to every server that had it open', async () => {
    const { file, backup, database } = await workspace()
    const others = [await temporary.open({ file }), await temporary.open({ file })]
    renameSync(backup, file)
    for (const each of [database, ...others])
      await expect(names(each)).rejects.toMatchObject({ message: expect.stringMatching(/was replaced/) })
    for (const [index, each] of [database, ...others].entries()) await put(each, `c${index}`)
    expect(await names(database)).toEqual(['a', 'c0', 'c1', 'c2'])
  })

  test('onto which an older copy is moved goes on with that, also where a link leads to it', async () => {
    const { folder, file, backup, database } = await workspace()
    remove(file)
    copyFileSync(backup, join(folder, 'real.db'))
    symlinkSync('real.db', file)

    await expect(names(database)).rejects.toMatchObject({ message: expect.stringMatching(/was replaced/) })
    await put(database, 'c')
    expect(await names(database)).toEqual(['a', 'c'])
    renameSync(backup, file)
    rmSync(`${file}-wal`, { force: true })
    rmSync(`${file}-shm`, { force: true })
    await expect(names(database)).rejects.toMatchObject({ message: expect.stringMatching(/was replaced/) })
    expect(await names(database)).toEqual(['a'])
  })

  test('that is replaced while a read is under way lets that read end on what it saw', async () => {
    const { file, backup, database } = await workspace()
    await database.read(async (reader) => {
      remove(file)
      copyFileSync(backup, file)
      await expect(reader.sql.selectFrom('counter').select('name').execute()).resolves.toHaveLength(2)
    })
    await expect(names(database)).rejects.toMatchObject({ message: expect.stringMatching(/was replaced/) })
    expect(await names(database)).toEqual(['a'])
  })

  test('that is the one of another workspace now is not written into', async () => {
    const { file, database } = await workspace()
    const otherFile = join(temporary.folder(), 'other.db')
    const other = await temporary.open({ file: otherFile })
    await put(other, 'theirs')
    await temporary.close(other)
    remove(file)
    renameSync(otherFile, file)

    for (const call of [put(database, 'c'), put(database, 'd')])
      await expect(call).rejects.toMatchObject({
        message: expect.stringMatching(/another workspace/),
        hint: expect.stringMatching(/restart the client/),
      })
    expect(await names(await temporary.open({ file }))).toEqual(['theirs'])
  })

  test('that is made smaller by VACUUM goes on', async () => {
    const { file, database } = await workspace()
    for (let row = 0; row < 300; row += 1) await put(database, `row ${row} ${'x'.repeat(500)}`)
    await database.write(async (tx) => await tx.sql.deleteFrom('counter').where('name', 'like', 'row%').execute())
    const handle = new Sqlite(file)
    handle.pragma('wal_checkpoint(TRUNCATE)')
    await names(database)
    handle.exec('VACUUM')
    handle.pragma('wal_checkpoint(TRUNCATE)')
    handle.close()

    await put(database, 'c')
    expect(await names(database)).toEqual(['a', 'b', 'c'])
  })
})
