import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SpekiError } from '../errors.ts'
import { onCode } from '../expected.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { replaceFile } from '../files/replace.ts'
import { makeFolder } from '../make-folder.ts'

/** Text of a file; undefined where there is none. */
export async function readSettings(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch(onCode(['ENOENT'], undefined))
}

/**
 * Writes a file whole or not at all, with the rights it has and where its link leads. Refused where it is no longer as it
 * was read: a client that runs writes its own settings too. Without `after` the file goes.
 */
export async function writeSettings(
  file: string,
  before: string | undefined,
  after: string | undefined,
): Promise<void> {
  if ((await readSettings(file)) !== before)
    throw new SpekiError('conflict', `${file} was changed just now by another program. Nothing was written.`, {
      hint: 'Repeat: what is written is made anew from what is there.',
    })
  if (after === undefined) return await removeOfAnyAge(file, dirname(file))
  makeFolder(dirname(file))
  const place = before === undefined ? file : await realpath(file)
  // Settings may hold keys: what nobody else could read stays so.
  const mode = before === undefined ? 0o600 : (await stat(place)).mode & 0o777
  await replaceFile(place, after, mode)
}
