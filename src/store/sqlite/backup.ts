import { existsSync, realpathSync } from 'node:fs'
import { link, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { SpekiError } from '../../errors.ts'
import { onCode } from '../../expected.ts'
import { NEWEST_MIGRATION } from '../migrate.ts'
import { copyDatabase, flush, problemOf } from './copy.ts'
import { isBusy, isDamaged, translateError } from './errors.ts'
import { prepareFolder } from './location.ts'

/** What is wrong with the file; undefined where SQLite finds nothing. */
export async function checkIntegrity(file: string): Promise<string | undefined> {
  try {
    return problemOf(file)
  } catch (error) {
    const translated = translateError(error, file)
    return translated instanceof Error ? translated.message : String(translated)
  }
}

/** Copies the database while it is in use, and checks the copy. Refuses to write over a file. */
export async function backupSqlite(file: string, to: string): Promise<void> {
  if (!existsSync(file))
    throw new SpekiError('not_found', `There is no database at ${file}.`, { hint: 'Name it with --db.' })
  if (existsSync(to))
    throw new SpekiError('conflict', `${to} is there already; nothing was written.`, { hint: 'Choose another name.' })
  if (!existsSync(dirname(to)))
    throw new SpekiError('not_found', `There is no folder ${dirname(to)}; nothing was written.`, {
      hint: 'Choose a folder that exists.',
    })
  await withDatabase(file, async (handle) => copyDatabase(handle, to))
}

/**
 * Puts a backup in place of the database, at once or not at all. The present one stays beside it under the name that is
 * returned. Refuses while another process has it open.
 *
 * @param now epoch milliseconds, for the name of what is kept
 */
export async function restoreSqlite(
  backup: string,
  file: string,
  now: number,
): Promise<{ readonly kept: string | undefined }> {
  await checkBackup(backup, file)
  prepareFolder(file)
  const arriving = `${file}.arriving`
  // Not a copy of the file: what lies in a log beside the backup belongs to it.
  await withDatabase(backup, async (handle) => copyDatabase(handle, arriving))
  try {
    const kept = existsSync(file) ? await putAside(file, now) : undefined
    await rename(arriving, file)
    flush(dirname(file))
    return { kept }
  } catch (error) {
    await rm(arriving, { force: true })
    throw error
  }
}

const NO_SECOND_NAMES = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** Gives the present database its second name; it keeps the first until the backup takes that over. */
async function putAside(file: string, now: number): Promise<string> {
  const kept = `${file}.replaced-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`
  if (existsSync(kept))
    throw new SpekiError('conflict', `${kept} is there already; nothing was changed.`, { hint: 'Repeat the call.' })
  foldLog(file)
  // A log that is left belongs to a damaged file. Beside the backup it would be read as the backup's.
  for (const suffix of ['-wal', '-shm', '-journal'])
    if (existsSync(`${file}${suffix}`)) await rename(`${file}${suffix}`, `${kept}${suffix}`)
  // Not every file system has second names.
  if (!(await link(file, kept).then(() => true, onCode(NO_SECOND_NAMES, false)))) await rename(file, kept)
  return kept
}

/**
 * Brings the log into the file, which SQLite does only for whoever has the database alone: also a process that merely
 * has it open is noticed. In a damaged file nobody can be noticed; one that opens it after this moment cannot either.
 */
function foldLog(file: string): void {
  let handle: Sqlite.Database | undefined
  try {
    handle = new Sqlite(file, { timeout: 1000 })
    handle.pragma('journal_mode = DELETE')
  } catch (error) {
    if (isDamaged(error)) return
    if (!isBusy(error)) throw translateError(error, file)
    throw new SpekiError('conflict', `Another process has ${file} open; nothing was changed.`, {
      hint: 'End every client that uses SPEKI, then repeat.',
      cause: error,
    })
  } finally {
    handle?.close()
  }
}

async function checkBackup(backup: string, file: string): Promise<void> {
  if (!existsSync(backup))
    throw new SpekiError('not_found', `There is no file ${backup}.`, { hint: 'Name a file that speki backup wrote.' })
  if (existsSync(file) && realpathSync(backup) === realpathSync(file))
    throw new SpekiError('invalid_input', `${backup} is the database itself; nothing was changed.`, {
      hint: 'Name a file that speki backup wrote.',
    })
  const problem = await checkIntegrity(backup)
  if (problem !== undefined)
    throw new SpekiError(
      'precondition_failed',
      `${backup} is no whole database: ${problem.replace(/\.$/, '')}. Nothing was changed.`,
      {
        hint: 'Choose another backup.',
      },
    )
  const newest = await withDatabase(backup, async (handle) => newestMigration(handle))
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
}

function newestMigration(handle: Sqlite.Database): string | undefined {
  const tables = handle
    .prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('kysely_migration', 'workspace')")
    .pluck()
    .get()
  if (tables !== 2) return undefined
  const newest = handle.prepare('SELECT max(name) FROM kysely_migration').pluck().get()
  return typeof newest === 'string' ? newest : undefined
}

async function withDatabase<T>(file: string, work: (handle: Sqlite.Database) => Promise<T>): Promise<T> {
  let handle: Sqlite.Database | undefined
  try {
    handle = new Sqlite(file, { readonly: true, fileMustExist: true })
    return await work(handle)
  } catch (error) {
    throw translateError(error, file)
  } finally {
    handle?.close()
  }
}
