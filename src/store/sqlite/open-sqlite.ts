import Sqlite from 'better-sqlite3'
import { Kysely } from 'kysely'
import { SpekiError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { type KnownMigrations, migrate, releasedMigrations } from '../migrate.ts'
import type { Tables } from '../tables.ts'
import { createTransactionGuard } from '../transaction-guard.ts'
import { PATIENCE_MS } from '../turns.ts'
import { sqliteDialect } from './connection.ts'
import { copyDatabase } from './copy.ts'
import { retryBusy, translateError } from './errors.ts'
import { prepareLocation } from './location.ts'
import { sqliteSearch } from './search.ts'

/** Waiting inside SQLite blocks the process, so it is short; the patience is in retryBusy. */
const BLOCKING_WAIT_MS = 50

export interface SqliteOptions {
  readonly file: string
  /** Epoch milliseconds; asked once, when a workspace is made. */
  readonly now?: () => number
  /** What is released, where nothing else is said. */
  readonly migrations?: KnownMigrations
}

/** Opens the file, creating and migrating it where needed. Two connections: one writes, the other can only read. */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  const { file, now = Date.now, migrations = releasedMigrations } = options
  prepareLocation(file)
  const handles: Sqlite.Database[] = []
  try {
    const readerHandle = openHandle(file, handles)
    const reader = new Kysely<Tables>({ dialect: sqliteDialect(readerHandle, 'begin deferred') })
    const writerHandle = openHandle(file, handles)
    const writer = new Kysely<Tables>({ dialect: sqliteDialect(writerHandle, 'begin immediate') })
    await migrate({
      engine: 'sqlite',
      known: migrations,
      now,
      inSnapshot: async (work) => await reader.transaction().execute(work),
      async inTurn(work) {
        await writeAhead(writerHandle)
        await writer.transaction().execute(work)
      },
      snapshot: async (next) => copyDatabase(readerHandle, `${file}.before-${next}`),
    })
    await writeAhead(writerHandle)
    // Not before: SQLite takes writing a snapshot for writing.
    readerHandle.pragma('query_only = on')
    return present(file, writer, reader, handles)
  } catch (error) {
    for (const handle of handles) handle.close()
    throw translateError(error, file)
  }
}

function openHandle(file: string, handles: Sqlite.Database[]): Sqlite.Database {
  const handle = new Sqlite(file, { timeout: BLOCKING_WAIT_MS })
  handles.push(handle)
  handle.pragma('synchronous = NORMAL')
  handle.pragma('foreign_keys = on')
  // Copying the log back waits for the disk; four times the default (16 MB) makes that rare.
  handle.pragma('wal_autocheckpoint = 4000')
  return handle
}

/** The mode stays in the file; only its first opener, or the first after a restore, changes it. */
async function writeAhead(handle: Sqlite.Database): Promise<void> {
  await retryBusy(
    () => {
      if (handle.pragma('journal_mode', { simple: true }) === 'wal') return
      if (handle.pragma('journal_mode = WAL', { simple: true }) === 'wal') return
      throw new SpekiError('precondition_failed', `The file system under ${handle.name} cannot hold a shared log.`, {
        hint: 'Choose a local folder with --db or SPEKI_HOME.',
      })
    },
    performance.now() + PATIENCE_MS,
    handle.name,
  )
}

function present(
  file: string,
  writer: Kysely<Tables>,
  reader: Kysely<Tables>,
  handles: readonly Sqlite.Database[],
): Database {
  const guard = createTransactionGuard()
  return {
    location: file,
    dialect: sqliteSearch,
    read: async (work) =>
      await guard.run(
        async () => await reader.transaction().execute(async (sql) => await work({ sql, dialect: sqliteSearch })),
      ),
    write: async (work) =>
      await guard.run(
        async () =>
          await writer.transaction().execute(async (sql) => await work({ sql, dialect: sqliteSearch, writable: true })),
      ),
    async close() {
      await guard.close(PATIENCE_MS)
      await writer.destroy()
      await reader.destroy()
      for (const handle of handles) handle.close()
    },
  }
}
