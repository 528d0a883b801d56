import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, onCode } from '../expected.ts'
import { takesNothing } from '../make-folder.ts'
import { placeInside, removeInside } from './remove.ts'

/**
 * Writes a file whole or not at all. What stands there is replaced and never written into: a link, or a second name of a
 * file of somebody's, goes, and what it stood for stays as it is.
 */
export async function replaceFile(path: string, content: string | Buffer, mode?: number): Promise<void> {
  const arriving = join(dirname(path), `.arriving-${randomUUID()}`)
  try {
    await writeFile(arriving, content, { flag: 'wx', ...(mode !== undefined && { mode }) })
    await rename(arriving, path)
  } catch (error) {
    await unlink(arriving).catch(onCode(['ENOENT', 'ENOTDIR'], undefined))
    if (codeOf(error) === 'ENOENT' && existsSync(dirname(path))) throw takesNothing(path, error)
    // Of a name that nobody knows, or of none where the disk is full.
    throw error instanceof Error ? Object.assign(error, { path, dest: path }) : error
  }
}

/** The same with the folders it needs, for a file below a folder of ours. Throws `precondition_failed` where links on the way lead out of it. */
export async function replaceInside(path: string, content: string | Buffer, within: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const place = await placeInside(path, within)
  if (place !== undefined) await replaceFile(join(place.parent, place.name), content)
}

/** Puts a folder in the place of another below `within`; what stood there is removed. */
export async function replaceFolder(path: string, by: string, within: string): Promise<void> {
  await removeInside(path, within)
  await rename(by, path)
}
