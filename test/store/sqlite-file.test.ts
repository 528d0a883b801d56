import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { checkIntegrity } from '../../src/store/backup.ts'
import { type FileSystemProbe, prepareLocation } from '../../src/store/sqlite/location.ts'
import { names, put, useTemporary } from './temporary.ts'

const temporary = useTemporary()
const isRoot = process.getuid?.() === 0
const mode = (path: string) => statSync(path).mode & 0o777

describe.skipIf(process.platform === 'win32')('permissions', () => {
  test('the folder that is made, the file and its log are for their owner alone', async () => {
    const folder = join(temporary.folder(), 'deep', 'er')
    const file = join(folder, 'speki.db')
    const before = process.umask(0)
    try {
      await put(await temporary.open({ file }), 'a')
    } finally {
      process.umask(before)
    }

    expect(mode(folder)).toBe(0o700)
    expect([file, `${file}-wal`, `${file}-shm`].map(mode)).toEqual([0o600, 0o600, 0o600])
  })

  test('a folder that is there keeps its permissions', async () => {
    const folder = temporary.folder()
    chmodSync(folder, 0o755)
    await temporary.open({ file: join(folder, 'speki.db') })

    expect(mode(folder)).toBe(0o755)
  })

  test('a place that cannot be made is told', async () => {
    const folder = temporary.folder()
    writeFileSync(join(folder, 'file'), '')
    const file = join(folder, 'file', 'speki.db')

    await expect(temporary.open({ file })).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining(file),
      hint: expect.stringContaining('--db'),
    })
  })
})

describe.skipIf(process.platform !== 'linux')('a network file system', () => {
  const at = (magic: number, name = ''): FileSystemProbe => ({ magic: () => magic, name: () => name })

  test.each([
    ['NFS', 0x6969, ''],
    ['CIFS', 0xff534d42, ''],
    ['SMB', 0xfe534d42, ''],
    ['9p', 0x01021997, ''],
    ['fuse.sshfs', 0x65735546, 'fuse.sshfs'],
    ['virtiofs', 0x65735546, 'virtiofs'],
  ])('%s is refused, and no file is made', (name, magic, type) => {
    const file = join(temporary.folder(), 'speki.db')

    expect(() => prepareLocation(file, at(magic, type))).toThrow(
      expect.objectContaining({
        code: 'precondition_failed',
        message: expect.stringContaining(`network file system (${name})`),
        hint: expect.stringMatching(/--db.*PostgreSQL/),
      }),
    )
    expect(existsSync(file)).toBe(false)
  })

  test.each([
    ['ext4', 0xef53, ''],
    ['tmpfs', 0x01021994, ''],
    ['overlay', 0x794c7630, ''],
    ['a local FUSE', 0x65735546, 'fuse.fuse-overlayfs'],
  ])('%s is none', (_, magic, type) => {
    const file = join(temporary.folder(), 'speki.db')
    prepareLocation(file, at(magic, type))

    expect(existsSync(file)).toBe(true)
  })

  test('a link to a file counts as where the file is', () => {
    const folder = temporary.folder()
    const target = join(folder, 'far.db')
    writeFileSync(target, '')
    symlinkSync(target, join(folder, 'speki.db'))
    const asked: string[] = []
    prepareLocation(join(folder, 'speki.db'), { magic: (path) => asked.push(path), name: () => '' })

    expect(asked).toEqual([join(folder, 'speki.db')])
    expect(statSync(asked[0] ?? '').ino).toBe(statSync(target).ino)
  })
})

describe('a damaged database', () => {
  test('that is no database names the newest snapshot and how to restore it', async () => {
    const file = join(temporary.folder(), 'speki.db')
    writeFileSync(file, 'garbage '.repeat(2000))
    await expect(temporary.open({ file })).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringMatching(/damaged, or not a database/),
      hint: expect.stringContaining('speki restore FILE'),
    })

    for (const name of ['0002-a', '0010-b']) writeFileSync(`${file}.before-${name}`, '')
    await expect(temporary.open({ file })).rejects.toMatchObject({
      hint: expect.stringContaining(`speki restore ${file}.before-0010-b`),
    })
    expect(readFileSync(file, 'utf8')).toMatch(/^garbage/)
  })

  test('whose pages are spoiled says so in the call that meets them', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const database = await temporary.open({ file })
    for (let row = 0; row < 200; row += 1) await put(database, `row ${row} ${'x'.repeat(200)}`)
    await temporary.close(database)
    const handle = new Sqlite(file, { readonly: true })
    const page = handle
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_counter_1'")
      .pluck()
      .get() as number
    handle.close()
    const bytes = readFileSync(file)
    bytes.fill(0xff, (page - 1) * 4096, page * 4096)
    writeFileSync(file, bytes)
    const spoiled = await temporary.open({ file })

    await expect(names(spoiled)).rejects.toMatchObject({ code: 'precondition_failed', message: /damaged/ })
    await expect(put(spoiled, 'more')).rejects.toMatchObject({ code: 'precondition_failed', message: /damaged/ })
    expect(await checkIntegrity(file)).toMatch(/./)
  })
})

describe('a full disk', () => {
  test('in the middle of a transaction undoes it, is told, and is over when there is space', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const database = await temporary.open({ file })
    await put(database, 'before')
    const limit = async (pages: number) =>
      await database.write(async (tx) => await sql.raw(`PRAGMA max_page_count = ${pages}`).execute(tx.sql))
    await limit(1)
    const filling = database.write(async (tx) => {
      for (let row = 0; ; row += 1)
        await tx.sql
          .insertInto('counter')
          .values({ name: `${row} ${'x'.repeat(2000)}`, value: row })
          .execute()
    })

    await expect(filling).rejects.toMatchObject({ code: 'precondition_failed', message: /disk is full/ })
    expect(await names(database)).toEqual(['before'])
    await limit(1_000_000)
    await put(database, 'later')
    expect(await names(database)).toEqual(['before', 'later'])
  })

  test('a transaction that goes on after SQLite has undone it writes nothing', async () => {
    const database = await temporary.open({ file: join(temporary.folder(), 'speki.db') })
    const stubborn = database.write(async (tx) => {
      await sql`PRAGMA max_page_count = 1`.execute(tx.sql)
      for (let row = 0; row < 1000; row += 1)
        await tx.sql
          .insertInto('counter')
          .values({ name: `${row} ${'x'.repeat(2000)}`, value: row })
          .execute()
          .catch(() => {})
      await sql`PRAGMA max_page_count = 1000000`.execute(tx.sql)
      await tx.sql.insertInto('counter').values({ name: 'alone', value: 1 }).execute()
    })

    await expect(stubborn).rejects.toMatchObject({ name: 'SpekiError' })
    expect(await names(database)).toEqual([])
  })

  test.skipIf(!canMount())('a real one: told, nothing acknowledged lost, nothing damaged', async () => {
    const folder = join(temporary.folder(), 'small')
    mkdirSync(folder)
    run('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder)
    try {
      const file = join(folder, 'speki.db')
      const database = await temporary.open({ file })
      const written: string[] = []
      const filling = (async () => {
        for (let row = 0; ; row += 1) {
          const name = `${row} ${'x'.repeat(20_000)}`
          await put(database, name)
          written.push(name)
        }
      })()

      await expect(filling).rejects.toMatchObject({ code: 'precondition_failed', message: /disk/ })
      expect(written.length).toBeGreaterThan(5)
      expect((await names(database)).sort()).toEqual(written.sort())
      await temporary.close(database)
      expect(await checkIntegrity(file)).toBeUndefined()
    } finally {
      run('umount', folder)
    }
  })
})

describe('a database that cannot be written', () => {
  test.skipIf(!canMount())('on a read-only file system is told when it is opened', async () => {
    const folder = join(temporary.folder(), 'fixed')
    mkdirSync(folder)
    run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder)
    try {
      const file = join(folder, 'speki.db')
      const database = await temporary.open({ file })
      await put(database, 'a')
      await temporary.close(database)
      run('mount', '-o', 'remount,ro', folder)

      await expect(temporary.open({ file })).rejects.toMatchObject({
        code: 'precondition_failed',
        message: expect.stringMatching(/cannot be opened|read-only/),
        hint: expect.stringMatching(/permissions|writable/),
      })
    } finally {
      run('umount', folder)
    }
  })

  test.skipIf(isRoot)('whose file is read-only can be read, and a write is told', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const database = await temporary.open({ file })
    await put(database, 'a')
    await temporary.close(database)
    chmodSync(file, 0o400)
    const fixed = await temporary.open({ file })

    expect(await names(fixed)).toEqual(['a'])
    await expect(put(fixed, 'b')).rejects.toMatchObject({ code: 'precondition_failed', message: /read-only/ })
  })
})

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'ignore' })
}

/** Root in a container often may not. */
function canMount(): boolean {
  if (process.platform !== 'linux' || !isRoot) return false
  const folder = temporary.folder()
  try {
    run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder)
    run('umount', folder)
    return true
  } catch {
    return false
  }
}
