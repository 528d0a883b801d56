import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { backupSqlite } from '../../src/store/backup.ts'
import { appendEvent } from '../../src/store/events.ts'
import { forEachDatabase } from './databases.ts'
import { names, put, useTemporary } from './temporary.ts'

const temporary = useTemporary()
const HOLDER = join(import.meta.dirname, 'held-lock-process.ts')
const soon = { patienceMs: 200 }

/** Another process that has the write lock; it gives it back when told to. */
async function hold(file: string, kind: 'raw' | 'speki'): Promise<{ pid: number; end(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, [HOLDER, file, kind], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.stdout === null || child.stdin === null) throw new Error('no pipes')
  await once(child.stdout, 'data')
  const { stdin } = child
  return {
    pid: child.pid ?? 0,
    async end() {
      const over = once(child, 'exit')
      stdin.end()
      await over
    },
  }
}

describe('while another process holds the write lock of the file', () => {
  test.each(['raw', 'speki'] as const)(
    'a read answers, ten at once do, and a new process can open it (%s)',
    async (kind) => {
      const file = join(temporary.folder(), 'speki.db')
      const database = await temporary.open({ file })
      await put(database, 'a')
      const holder = await hold(file, kind)

      expect(await names(database)).toEqual(['a'])
      expect(await Promise.all(Array.from({ length: 10 }, async () => await names(database)))).toEqual(
        Array.from({ length: 10 }, () => ['a']),
      )
      expect(await names(await temporary.open({ file }))).toEqual(['a'])
      await holder.end()
      await put(database, 'b')
      expect(await names(database)).toEqual(['a', 'b'])
    },
  )

  test.skipIf(process.platform !== 'linux')('a write that is refused names the program that is not ours', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const database = await temporary.open({ file })
    const holder = await hold(file, 'raw')
    const refused = database.write(async (tx) => await tx.sql.selectFrom('counter').selectAll().execute(), soon)

    await expect(refused).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(new RegExp(`process ${holder.pid} \\(.*held-lock-process.*\\) writes`)),
      hint: expect.stringContaining('Reading works'),
    })
    await holder.end()
  })

  test('a write that is refused names the process of SPEKI, what it does for whom, and since when', async () => {
    const file = join(temporary.folder(), 'speki.db')
    const database = await temporary.open({ file })
    const holder = await hold(file, 'speki')
    // Its note comes after half a second.
    await expect
      .poll(async () => {
        const refused = database.write(async (tx) => await tx.sql.selectFrom('counter').selectAll().execute(), soon)
        return await refused.then(
          () => 'written',
          (error: Error) => error.message,
        )
      })
      .toMatch(
        new RegExp(
          `process ${holder.pid} \\(\\S+ held-lock-process.ts .*\\) writes since \\d{4}-\\S+Z, for prd_import of claude-code\\. Nothing was changed`,
        ),
      )
    await holder.end()
    await put(database, 'after')
  })

  test('a backup is made, and made while it is read', async () => {
    const folder = temporary.folder()
    const file = join(folder, 'speki.db')
    const database = await temporary.open({ file })
    await put(database, 'a')
    const holder = await hold(file, 'raw')
    await database.read(async (reader) => {
      await backupSqlite(file, join(folder, 'copy.db'))
      expect(await reader.sql.selectFrom('counter').select('name').execute()).toEqual([{ name: 'a' }])
    })
    await holder.end()
    expect(await names(await temporary.open({ file: join(folder, 'copy.db') }))).toEqual(['a'])
  })
})

test('a read that stays open keeps no write, no checkpoint and no other read from being done, and sees its own state', async () => {
  const file = join(temporary.folder(), 'speki.db')
  const database = await temporary.open({ file })
  const other = await temporary.open({ file })
  await put(database, 'a')
  await database.read(async (reader) => {
    const seen = async () => (await reader.sql.selectFrom('counter').select('name').execute()).map(({ name }) => name)
    expect(await seen()).toEqual(['a'])
    await put(other, 'b')
    const handle = new Sqlite(file)
    handle.pragma('wal_checkpoint(PASSIVE)')
    handle.close()
    expect(await names(other)).toEqual(['a', 'b'])
    expect(await seen()).toEqual(['a'])
  })
  expect(await names(database)).toEqual(['a', 'b'])
})

forEachDatabase((engine, openFresh) => {
  test('reads of this and of another process answer while a write is under way, and a refused write says whose it is', async () => {
    const fresh = await openFresh()
    const other = await fresh.open()
    const began = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const long = fresh.database.write(async (tx) => {
      await appendEvent(tx, {
        at: 1,
        type: 'task.noted',
        subject: 'TASK-1',
        actor: { kind: 'system', name: 'speki' },
        payload: {},
      } as never)
      began.resolve()
      await end.promise
    })
    await began.promise
    const count = async (database: typeof other) =>
      await database.read(async ({ sql: db }) => (await db.selectFrom('event').select('id').execute()).length)

    expect([await count(fresh.database), await count(other)]).toEqual([0, 0])
    const write = async (database: typeof other) =>
      await database.write(async (tx) => await sql`SELECT 1`.execute(tx.sql), soon)
    await expect(write(fresh.database)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining(`this process (${process.pid}) writes`),
    })
    if (engine === 'postgres')
      await expect(write(other)).rejects.toMatchObject({
        code: 'timeout',
        message: expect.stringMatching(
          new RegExp(`process ${process.pid}@\\S+ \\(.*\\) of the user \\S+, backend \\d+, writes since`),
        ),
      })
    else await expect(write(other)).rejects.toMatchObject({ code: 'timeout' })
    end.resolve()
    await long
    expect([await count(fresh.database), await count(other)]).toEqual([1, 1])
  })
})
