import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { SpekiError } from '../../errors.ts'
import { codeOf } from '../../expected.ts'
import { takesNothing } from '../../make-folder.ts'
import { translateError } from './errors.ts'

/**
 * Writes what is committed now to a file of its own that only its owner can read, checks it, and has it on the disk
 * before it gets its name. Others may go on writing meanwhile; a file of that name is replaced.
 */
export function copyDatabase(handle: Sqlite.Database, to: string): void {
  const partial = `${to}.${process.pid}.partial`
  try {
    closeSync(openSync(partial, 'wx', 0o600))
    // One read transaction: unlike the backup API in steps it does not begin again when another process writes.
    handle.prepare('VACUUM INTO ?').run(partial)
    const problem = problemOf(partial)
    if (problem !== undefined)
      throw new SpekiError('precondition_failed', `The copy at ${to} is damaged: ${problem}.`, {
        hint: 'Look at the disk; run speki doctor.',
      })
    flush(partial)
    renameSync(partial, to)
    flush(dirname(to))
  } catch (error) {
    rmSync(partial, { force: true })
    throw codeOf(error) === 'ENOENT' && existsSync(dirname(to)) ? takesNothing(to, error) : translateError(error, to)
  }
}

/** What SQLite finds wrong in a file that it can open; undefined where it finds nothing. */
export function problemOf(file: string): string | undefined {
  const handle = new Sqlite(file, { readonly: true, fileMustExist: true })
  try {
    const problems = handle.pragma('integrity_check') as { integrity_check: string }[]
    const foreign = handle.pragma('foreign_key_check') as unknown[]
    const found = problems.map((row) => row.integrity_check).filter((text) => text !== 'ok')
    if (foreign.length > 0) found.push(`${foreign.length} rows point to nothing`)
    return found.length === 0 ? undefined : found.join('; ')
  } finally {
    handle.close()
  }
}

/** Has a file or the names in a folder on the disk. Windows opens no folder and needs none. */
export function flush(path: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
