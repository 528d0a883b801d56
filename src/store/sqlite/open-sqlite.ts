import Sqlite from 'better-sqlite3'
import { Kysely } from 'kysely'
import { SpekiError } from '../../errors.ts'
import { log } from '../../log.ts'
import type { Database } from '../database.ts'
import { type KnownMigrations, migrate, releasedMigrations } from '../migrate.ts'
import { shareWatch } from '../shared-watch.ts'
import type { Tables } from '../tables.ts'
import { createTransactionGuard } from '../transaction-guard.ts'
import { PATIENCE_MS, withPatience } from '../turns.ts'
import { sqliteDialect } from './connection.ts'
import { copyDatabase } from './copy.ts'
import { retryBusy, translateError } from './errors.ts'
import { type FileIdentity, identifyFile } from './file-identity.ts'
import { fileLost, otherWorkspace } from './file-lost.ts'
import { prepareLocation } from './location.ts'
import { sqliteSearch } from './search.ts'
import { watchFile } from './watch.ts'
import { noteWriter } from './writer-note.ts'

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
  const { file } = options
  prepareLocation(file)
  const first = await openConnections(options)
  return present(options, first)
}

/** The connections to the file that the path named when they were opened. */
interface Connections {
  readonly reader: Kysely<Tables>
  readonly writer: Kysely<Tables>
  readonly identity: FileIdentity
  /** The id of what is in it. */
  readonly workspace: unknown
  /** Runs a transaction; they stay open until it is over. */
  use<T>(work: () => Promise<T>): Promise<T>
  /** Closes them when nobody uses them any more. */
  retire(): void
}

async function openConnections({
  file,
  now = Date.now,
  migrations = releasedMigrations,
}: SqliteOptions): Promise<Connections> {
  const handles: Sqlite.Database[] = []
  const closeAll = (): void => {
    for (const handle of handles) handle.close()
  }
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
        // What a migration deletes is overwritten: tokens lay in rows of before, and stayed readable in pages that are free.
        writerHandle.pragma('secure_delete = on')
        await writer.transaction().execute(work)
      },
      snapshot: async (next) => copyDatabase(readerHandle, `${file}.before-${next}`),
    })
    await writeAhead(writerHandle)
    // Not before: SQLite takes writing a snapshot for writing.
    readerHandle.pragma('query_only = on')
    // Also has the reader open the log now: a connection that reads first after the files were removed would see an empty database.
    const workspace = readerHandle.prepare('SELECT uuid FROM workspace').pluck().get()
    let users = 0
    let retired = false
    const closeIdle = (): void => {
      if (retired && users === 0) closeAll()
    }
    return {
      reader,
      writer,
      identity: identifyFile(file, readerHandle),
      workspace,
      async use(work) {
        users += 1
        try {
          return await work()
        } finally {
          users -= 1
          closeIdle()
        }
      },
      retire() {
        retired = true
        closeIdle()
      },
    }
  } catch (error) {
    closeAll()
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

/**
 * The database behind a path. Where the path names another file than the one that is open, nothing is acknowledged any more:
 * whoever calls next is told, and where that file is of the same workspace, as a backup is, the calls after go to it.
 */
function present(options: SqliteOptions, first: Connections): Database {
  const { file, now = Date.now } = options
  const guard = createTransactionGuard()
  const watch = shareWatch((changed) => watchFile(file, changed))
  let current = first
  let reopening: Promise<void> | undefined

  const stateOf = (identity: FileIdentity) => {
    try {
      return identity.state()
    } catch (error) {
      throw translateError(error, file)
    }
  }

  async function reopen(): Promise<void> {
    const kept = current.identity.putLogAside(
      `${file}.replaced-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}`,
    )
    const next = await openConnections(options)
    if (next.workspace !== current.workspace) {
      next.retire()
      throw otherWorkspace(file)
    }
    current.retire()
    current = next
    watch.restart()
    log('warn', 'database.replaced', { file, kept })
  }

  /** The connections to what the path names. */
  async function connections(): Promise<Connections> {
    const state = stateOf(current.identity)
    if (state.kind === 'same') return current
    if (state.kind === 'replaced') {
      reopening ??= reopen().finally(() => {
        reopening = undefined
      })
      await reopening
    }
    throw fileLost(file, state, 'before')
  }

  return {
    location: file,
    dialect: sqliteSearch,
    read: async (work) =>
      await guard.run('read', async (begun) => {
        const { reader, use } = await connections()
        return await use(
          async () =>
            await reader.transaction().execute(async (sql) => {
              begun()
              return await work({ sql, dialect: sqliteSearch })
            }),
        )
      }),
    write: async (work, { patienceMs } = { patienceMs: PATIENCE_MS }) =>
      await guard.run('write', async (begun) => {
        const { writer, identity, use } = await connections()
        const refuseLost = (): void => {
          const state = stateOf(identity)
          if (state.kind !== 'same') throw fileLost(file, state, 'while')
        }
        const write = async () =>
          await writer.transaction().execute(async (sql) => {
            begun()
            const over = noteWriter(file, now)
            try {
              const result = await work({ sql, dialect: sqliteSearch, writable: true })
              refuseLost()
              return result
            } finally {
              over()
            }
          })
        const result = await use(async () => await withPatience(patienceMs, write))
        // Committed, but into which file? Only what stands where the path leads is acknowledged.
        refuseLost()
        return result
      }),
    watch: watch.add,
    async close() {
      watch.close()
      await guard.close(PATIENCE_MS)
      await current.writer.destroy()
      await current.reader.destroy()
      current.retire()
    },
  }
}
