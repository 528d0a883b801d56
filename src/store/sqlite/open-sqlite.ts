import { AsyncLocalStorage } from 'node:async_hooks'
import Sqlite from 'better-sqlite3'
import { Kysely } from 'kysely'
import { SpekiError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import type { Tables } from '../tables.ts'
import { sqliteDialect } from './connection.ts'
import { translateError } from './errors.ts'
import { prepareLocation } from './location.ts'
import { sqliteSearch } from './search.ts'

/** Waiting inside SQLite blocks the process, so it is short; the patience is in retryBusy. */
const BLOCKING_WAIT_MS = 50

/** Opens the file, creating and migrating it where needed. Two connections: one writes, the other can only read. */
export async function openSqlite(file: string): Promise<Database> {
  prepareLocation(file)
  const handles: Sqlite.Database[] = []
  try {
    const writerHandle = openHandle(file, handles)
    const writer = new Kysely<Tables>({ dialect: sqliteDialect(writerHandle, 'begin immediate') })
    await migrate(writer, 'sqlite', async (name) => {
      if (writerHandle.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'task'").get() !== undefined)
        await writerHandle.backup(`${file}.before-${name}`)
    })
    const readerHandle = openHandle(file, handles)
    readerHandle.pragma('query_only = on')
    const reader = new Kysely<Tables>({ dialect: sqliteDialect(readerHandle, 'begin deferred') })
    return present(file, writer, reader, handles)
  } catch (error) {
    for (const handle of handles) handle.close()
    throw translateError(error, file)
  }
}

function openHandle(file: string, handles: Sqlite.Database[]): Sqlite.Database {
  const handle = new Sqlite(file, { timeout: BLOCKING_WAIT_MS })
  handles.push(handle)
  handle.pragma('journal_mode = WAL')
  handle.pragma('synchronous = NORMAL')
  handle.pragma('foreign_keys = on')
  return handle
}

function present(
  file: string,
  writer: Kysely<Tables>,
  reader: Kysely<Tables>,
  handles: readonly Sqlite.Database[],
): Database {
  const writing = new AsyncLocalStorage<true>()
  return {
    location: file,
    dialect: sqliteSearch,
    read: async (work) => await reader.transaction().execute(async (sql) => await work({ sql, dialect: sqliteSearch })),
    async write(work) {
      // It would wait for itself for ever.
      if (writing.getStore()) throw new SpekiError('internal', 'A write transaction was begun inside another one.')
      return await writing.run(
        true,
        async () =>
          await writer.transaction().execute(async (sql) => await work({ sql, dialect: sqliteSearch, writable: true })),
      )
    },
    async close() {
      await writer.destroy()
      await reader.destroy()
      for (const handle of handles) handle.close()
    },
  }
}
