import { existsSync } from 'node:fs'
import { chmod, copyFile, rename, rm } from 'node:fs/promises'
import Sqlite from 'better-sqlite3'
import { SpekiError } from '../../errors.ts'
import { NEWEST_MIGRATION } from '../migrate.ts'
import { translateError } from './errors.ts'

/** What is wrong with the file; undefined where SQLite finds nothing. */
export async function checkIntegrity(file: string): Promise<string | undefined> {
  let handle: Sqlite.Database | undefined
  try {
    handle = new Sqlite(file, { readonly: true, fileMustExist: true })
    const problems = handle.pragma('integrity_check') as { integrity_check: string }[]
    const foreign = handle.pragma('foreign_key_check') as unknown[]
    const found = problems.map((row) => row.integrity_check).filter((text) => text !== 'ok')
    if (foreign.length > 0) found.push(`${foreign.length} rows point to nothing`)
    return found.length === 0 ? undefined : found.join('; ')
  } catch (error) {
    const translated = translateError(error, file)
    return translated instanceof Error ? translated.message : String(translated)
  } finally {
    handle?.close()
  }
}

/** Copies the database while it is in use, and checks the copy. Refuses to write over a file. */
export async function backupSqlite(file: string, to: string): Promise<void> {
  if (!existsSync(file))
    throw new SpekiError('not_found', `There is no database at ${file}.`, { hint: 'Name it with --db.' })
  if (existsSync(to))
    throw new SpekiError('conflict', `${to} is there already; nothing was written.`, { hint: 'Choose another name.' })
  const handle = new Sqlite(file, { readonly: true })
  try {
    await handle.backup(to)
  } catch (error) {
    await rm(to, { force: true })
    throw translateError(error, to)
  } finally {
    handle.close()
  }
  await chmod(to, 0o600)
  const problem = await checkIntegrity(to)
  if (problem !== undefined)
    throw new SpekiError('precondition_failed', `The copy at ${to} is damaged: ${problem}.`, {
      hint: 'Look at the disk; run speki doctor.',
    })
}

/** Puts a backup in place of the database. The present one stays beside it under the name that is returned. */
export async function restoreSqlite(
  backup: string,
  file: string,
  now: number,
): Promise<{ readonly kept: string | undefined }> {
  await checkBackup(backup)
  const kept = existsSync(file) ? `${file}.replaced-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}` : undefined
  if (kept !== undefined) {
    if (isHeld(file))
      throw new SpekiError('conflict', `Another process is writing to ${file}; nothing was changed.`, {
        hint: 'End every client that uses SPEKI, then repeat.',
      })
    for (const suffix of ['', '-wal', '-shm'])
      if (existsSync(`${file}${suffix}`)) await rename(`${file}${suffix}`, `${kept}${suffix}`)
  }
  const arriving = `${file}.arriving`
  await copyFile(backup, arriving)
  await chmod(arriving, 0o600)
  await rename(arriving, file)
  return { kept }
}

async function checkBackup(backup: string): Promise<void> {
  if (!existsSync(backup))
    throw new SpekiError('not_found', `There is no file ${backup}.`, { hint: 'Name a file that speki backup wrote.' })
  const problem = await checkIntegrity(backup)
  if (problem !== undefined)
    throw new SpekiError('precondition_failed', `${backup} is no whole database: ${problem}. Nothing was changed.`, {
      hint: 'Choose another backup.',
    })
  const handle = new Sqlite(backup, { readonly: true })
  try {
    const there = handle.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get()
    const newest =
      there === undefined
        ? undefined
        : (handle.prepare('SELECT max(name) AS name FROM kysely_migration').get() as { name: string }).name
    if (newest === undefined)
      throw new SpekiError('invalid_input', `${backup} is no database of SPEKI. Nothing was changed.`, {
        hint: 'Name a file that speki backup wrote.',
      })
    if (newest > NEWEST_MIGRATION)
      throw new SpekiError(
        'precondition_failed',
        `${backup} was written by a newer SPEKI (migration ${newest}). Nothing was changed.`,
        { hint: 'Update SPEKI first.' },
      )
  } finally {
    handle.close()
  }
}

/** Whether a transaction of another process is open now; a process that merely waits cannot be told from none. */
function isHeld(file: string): boolean {
  const handle = new Sqlite(file, { timeout: 200 })
  try {
    handle.exec('BEGIN EXCLUSIVE')
    handle.exec('ROLLBACK')
    return false
  } catch {
    return true
  } finally {
    handle.close()
  }
}
