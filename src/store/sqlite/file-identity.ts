import { renameSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { codeOf } from '../../expected.ts'

/** What became of the file that is open, as seen by its path. `same` may be written; of the others only `replaced` can be opened anew. */
export type FileState =
  | { readonly kind: 'same' | 'missing' | 'replaced' | 'truncated' | 'no_file' | 'log_missing' | 'log_truncated' }
  | { readonly kind: 'unreachable'; readonly code: string }

const SAME: FileState = { kind: 'same' }

/** Watches that the path names the file which `handle` has open, with its log; asked before and after each transaction. */
export interface FileIdentity {
  state(): FileState
  /**
   * Gives the log that is still there another name, where the file was replaced: SQLite would read it as that of the new
   * file, and mix the two. Says what it moved; what another process moved before is left alone.
   */
  putLogAside(as: string): readonly string[]
}

/** @param handle an open connection that has read something, so that its log is there */
export function identifyFile(file: string, handle: Sqlite.Database): FileIdentity {
  const known = statOf(file)
  const parts = ['-wal', '-shm'].map((suffix) => ({
    suffix,
    path: `${file}${suffix}`,
    known: statOf(`${file}${suffix}`),
  }))
  let size = sizeOf(known)
  let logSize = sizeOf(parts[0]?.known)
  return {
    state() {
      const now = statOf(file)
      if (typeof now === 'string') return { kind: 'unreachable', code: now }
      if (now === undefined) return { kind: 'missing' }
      if (!now.isFile) return { kind: 'no_file' }
      if (typeof known === 'object' && !sameFile(known, now)) return { kind: now.size === 0 ? 'missing' : 'replaced' }
      // The log of a connection that lives is never taken away by SQLite.
      for (const { path, suffix, known: before } of parts) {
        if (typeof before !== 'object') continue
        const part = statOf(path)
        if (typeof part !== 'object' || !sameFile(before, part)) return { kind: 'log_missing' }
        if (suffix !== '-wal') continue
        // SQLite makes it smaller only where somebody asks for that, and then all of it is in the file.
        if (part.size < logSize && !isWhole(file)) return { kind: 'log_truncated' }
        logSize = part.size
      }
      if (now.size < size && isCutOff(handle, now.size)) return { kind: 'truncated' }
      size = now.size
      return SAME
    },
    putLogAside(as) {
      const left = parts.filter(({ path, known: before }) => {
        const part = statOf(path)
        return typeof before === 'object' && typeof part === 'object' && sameFile(before, part)
      })
      for (const { path, suffix } of left) renameSync(path, `${as}${suffix}`)
      return left.map(({ suffix }) => `${as}${suffix}`)
    },
  }
}

interface Stat {
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly isFile: boolean
}

/** A symbolic link counts as where it leads. Undefined where nothing is there, else the code of what is in the way. */
function statOf(path: string): Stat | string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat && { dev: stat.dev, ino: stat.ino, size: stat.size, isFile: stat.isFile() }
  } catch (error) {
    const code = codeOf(error)
    if (code === '') throw error
    return code
  }
}

function sizeOf(stat: Stat | string | undefined): number {
  return typeof stat === 'object' ? stat.size : 0
}

/** What SQLite says of a file that is not what it wrote. */
const UNREADABLE = /^SQLITE_(?:IOERR|CORRUPT|NOTADB)/

/** Reads every page with a connection of its own: what others have in their caches hides what is gone. */
function isWhole(file: string): boolean {
  const probe = new Sqlite(file, { readonly: true })
  try {
    return probe.pragma('quick_check(1)', { simple: true }) === 'ok'
  } catch (error) {
    if (UNREADABLE.test(codeOf(error))) return false
    throw error
  } finally {
    probe.close()
  }
}

/** Some file systems give a device another number after a while; the number of the file says enough. */
function sameFile(a: Stat, b: Stat): boolean {
  return a.ino === b.ino
}

/** Whether the file is smaller than what SQLite takes the database to be, or than it can read at all; after VACUUM it is neither. */
function isCutOff(handle: Sqlite.Database, size: number): boolean {
  const pragma = (name: string) => Number(handle.pragma(name, { simple: true }))
  try {
    return size < pragma('page_count') * pragma('page_size')
  } catch (error) {
    if (UNREADABLE.test(codeOf(error))) return true
    throw error
  }
}
