import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { codeOf } from '../../expected.ts'

/** How often the file is asked where the system says nothing about it. Costs microseconds. */
const POLL_MS = 250
/** The system tells of a write before readers see it; by then they do. */
const RECHECKS_MS = [4, 25]
/** The system has no watches left, or none for this file system. */
const NO_WATCH: readonly string[] = ['EMFILE', 'ENFILE', 'ENOSPC', 'ENOSYS', 'ENOTSUP']

/** Calls `changed` after commits of other connections, until the returned function is called. */
export function watchFile(file: string, changed: () => void): () => void {
  // Its own connection: `data_version` tells of commits of all others.
  const handle = new Sqlite(file, { readonly: true, timeout: 0 })
  let seen: unknown
  const look = () => {
    const version = versionOf(handle)
    if (version === undefined || version === seen) return
    seen = version
    changed()
  }
  seen = versionOf(handle)
  const rechecks = new Set<NodeJS.Timeout>()
  const lookSoon = () => {
    look()
    if (rechecks.size > 0) return
    for (const delay of RECHECKS_MS) {
      const timer = setTimeout(() => {
        rechecks.delete(timer)
        look()
      }, delay)
      rechecks.add(timer)
    }
  }
  const watcher = watchFolder(file, lookSoon)
  const poll = setInterval(look, POLL_MS)
  return () => {
    watcher?.close()
    clearInterval(poll)
    for (const timer of rechecks) clearTimeout(timer)
    handle.close()
  }
}

/** Undefined where SQLite cannot tell: while another connection recovers the log, or the file is replaced. Whoever reads finds out. */
function versionOf(handle: Sqlite.Database): unknown {
  try {
    return handle.pragma('data_version', { simple: true })
  } catch (error) {
    if (error instanceof Sqlite.SqliteError) return undefined
    throw error
  }
}

/** Of the folder: a watch on the log itself goes deaf when the log is deleted. Undefined where the system has no watches left. */
function watchFolder(file: string, changed: () => void): FSWatcher | undefined {
  const name = basename(file)
  try {
    const watcher = watch(dirname(file), (_, entry) => {
      if (entry?.startsWith(name) ?? true) changed()
    })
    // The poll goes on.
    watcher.on('error', () => watcher.close())
    return watcher
  } catch (error) {
    if (NO_WATCH.includes(codeOf(error))) return undefined
    throw error
  }
}
