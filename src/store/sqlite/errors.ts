import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SpekiError } from '../../errors.ts'
import { codeOf, ifUnreadable, onCode } from '../../expected.ts'
import { busy } from '../turns.ts'
import { fileLost } from './file-lost.ts'
import { describeWriter } from './writer-note.ts'

/** Repeats what fails because another process writes, without blocking this one; `timeout` after `until` (performance.now). */
export async function retryBusy(attempt: () => void, until: number, file: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      attempt()
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > until || isCutToNothing(file)) throw translateError(error, file)
      // The jitter keeps waiting processes from asking in step.
      await sleep(Math.random() * Math.min(2 + tries, 20))
    }
  }
}

/** Whether another connection stands in the way, of this process or another. */
export function isBusy(error: unknown): boolean {
  // PROTOCOL: others kept the log so busy that no place in it could be had.
  return codeOf(error).startsWith('SQLITE_BUSY') || codeOf(error) === 'SQLITE_PROTOCOL'
}

/**
 * Nothing is left of a file that is in use: whoever has it open keeps others waiting for ever. By its shared memory, since
 * SQLite takes away the log of an empty file; a new file has its first page before that.
 */
function isCutToNothing(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === 0 && existsSync(`${file}-shm`)
}

/** Whether the file cannot be read as a database. */
export function isDamaged(error: unknown): boolean {
  const code = codeOf(error)
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

/** The one place where SQLite's codes become words; what is not known stays as it is. */
export function translateError(error: unknown, file: string): unknown {
  const code = codeOf(error)
  const cause = { cause: error }
  if (isBusy(error))
    return isCutToNothing(file) ? fileLost(file, { kind: 'truncated' }, 'before') : busy(describeWriter(file), error)
  if (
    code === 'SQLITE_CONSTRAINT_UNIQUE' ||
    code === 'SQLITE_CONSTRAINT_ROWID' ||
    code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  ) {
    return new SpekiError('conflict', 'That is there already; nothing was changed.', {
      hint: 'Read the present state and repeat.',
      ...cause,
    })
  }
  if (code === 'SQLITE_TOOBIG')
    return new SpekiError('invalid_input', 'A text is larger than the database can hold; nothing was changed.', {
      hint: 'Send less of it.',
      ...cause,
    })
  if (code.startsWith('SQLITE_NOMEM'))
    return new SpekiError('precondition_failed', 'This machine has no more memory to give; nothing was changed.', {
      hint: 'End what is not needed, then repeat the call.',
      ...cause,
    })
  if (code === 'SQLITE_FULL')
    return new SpekiError('precondition_failed', 'The disk is full; nothing was changed.', {
      hint: 'Free some space and repeat the call.',
      ...cause,
    })
  if (code.startsWith('SQLITE_READONLY')) {
    return new SpekiError('precondition_failed', `The database ${file} is read-only; nothing was changed.`, {
      hint: 'Make the file and its folder writable for you, or start with --read-only.',
      ...cause,
    })
  }
  if (isDamaged(error)) {
    return new SpekiError('precondition_failed', `The database ${file} is damaged, or not a database.`, {
      hint: restoreAdvice(file),
      ...cause,
    })
  }
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'SQLITE_PERM' ||
    code === 'SQLITE_AUTH' ||
    code === 'SQLITE_NOLFS'
  ) {
    const folder = dirname(file)
    return isWritable(folder)
      ? new SpekiError('precondition_failed', `The database ${file} cannot be opened.`, {
          hint: 'Look at the folder and its permissions, or choose another with --db.',
          ...cause,
        })
      : new SpekiError(
          'precondition_failed',
          `The folder ${folder} of the database is read-only for you, or not there.`,
          {
            hint: 'Make it writable: also reading needs the shared log that lies beside the database. Or copy the database elsewhere and name that with --db.',
            ...cause,
          },
        )
  }
  if (code === 'SQLITE_IOERR_SHORT_READ')
    return new SpekiError(
      'precondition_failed',
      `A part of the database ${file} is missing: it or its log (${file}-wal) was cut off, or the log is that of another file. Nothing was changed.`,
      { hint: `End every client that uses SPEKI. ${restoreAdvice(file)}`, ...cause },
    )
  if (code.startsWith('SQLITE_IOERR'))
    return new SpekiError('precondition_failed', `The disk under ${file} fails; nothing was changed.`, {
      hint: 'Look at the disk, then repeat the call.',
      ...cause,
    })
  return error
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch (error) {
    return onCode(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'ELOOP'], false)(error)
  }
}

function restoreAdvice(file: string): string {
  const snapshot = newestSnapshot(file)
  if (snapshot === undefined) return 'Restore a backup with: speki restore FILE. The present file is kept beside it.'
  return `The newest snapshot is ${snapshot}: speki restore ${snapshot} puts it in place; the present file is kept beside it.`
}

/** Snapshots lie beside the database under its name; a later migration has a higher number. */
function newestSnapshot(file: string): string | undefined {
  try {
    const folder = dirname(file)
    const names = readdirSync(folder).filter(
      (name) => name.startsWith(`${basename(file)}.before-`) && !name.endsWith('.partial'),
    )
    const newest = names.sort().at(-1)
    return newest === undefined ? undefined : join(folder, newest)
  } catch (error) {
    return ifUnreadable(undefined)(error)
  }
}
