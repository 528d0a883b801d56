import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { openSqlite, type SqliteOptions } from '../../src/store/sqlite/open-sqlite.ts'

/** Folders and databases that are gone after the test. */
export function useTemporary(): {
  folder(): string
  open(options: SqliteOptions): Promise<Database>
  close(database: Database): Promise<void>
} {
  const folders: string[] = []
  const opened: Database[] = []
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    folder() {
      const folder = mkdtempSync(join(tmpdir(), 'speki-sqlite-'))
      folders.push(folder)
      return folder
    },
    async open(options) {
      const database = await openSqlite(options)
      opened.push(database)
      return database
    },
    async close(database) {
      opened.splice(opened.indexOf(database), 1)
      await database.close()
    },
  }
}

export async function put(database: Database, name: string, value = 1): Promise<void> {
  await database.write(async (tx) => await tx.sql.insertInto('counter').values({ name, value }).execute())
}

export async function names(database: Database): Promise<string[]> {
  const rows = await database.read(
    async ({ sql }) => await sql.selectFrom('counter').select('name').orderBy('name').execute(),
  )
  return rows.map((row) => row.name)
}
