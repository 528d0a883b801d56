import { randomUUID } from 'node:crypto'
import { constants, existsSync, type Stats } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, realpath, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { SpekiError } from '../errors.ts'
import { codeOf, ifMissing, onCode } from '../expected.ts'
import { log, logFailure } from '../log.ts'

/** Prefix of what is being removed: nobody else knows the name, so nobody exchanges it meanwhile. */
const ASIDE = '.removing-'

/** Where what lies in a folder of ours without having been made there is put. */
const KEPT = 'kept'

/** Files system clocks may be behind by so much, in milliseconds. */
const CLOCK_MS = 1000

/** How often something that still writes there is outrun. */
const ROUNDS = 5

/**
 * Removes a file, a link or a whole folder that lies below `within`, a folder of SPEKI's own. What is not there is fine. No
 * link is followed, neither at the end nor on the way: a link goes, what it leads to stays. Throws `precondition_failed`
 * where the way leads out of `within`.
 *
 * What is older than the folder it lies in was made somewhere else and moved in: it is somebody's, and is put into `kept`
 * below `within` instead of being deleted.
 */
export async function removeInside(path: string, within: string): Promise<void> {
  await remove(path, within, true)
}

/** The same, where people and agents move files of their own about, so that age says nothing. */
export async function removeOfAnyAge(path: string, within: string): Promise<void> {
  await remove(path, within, false)
}

async function remove(path: string, within: string, byAge: boolean): Promise<void> {
  const place = await placeInside(path, within)
  if (place === undefined) return
  const { parent, name, top } = place
  const aside = join(top, `${ASIDE}${randomUUID()}`)
  const taken = await pinned(parent, async (base) => {
    const there = await lstat(`${base}/${name}`).catch(ifMissing(undefined))
    if (there === undefined) return undefined
    if (byAge && isOlder(there, (await stat(base)).birthtimeMs))
      return await keep(Buffer.from(`${base}/${name}`), name, top)
    if (!there.isDirectory()) return await unlink(`${base}/${name}`)
    await makeWritable(`${base}/${name}`)
    await rename(`${base}/${name}`, aside)
    return there
  })
  if (taken === undefined) return
  await removeAside(aside, top, byAge ? taken.birthtimeMs : 0)
}

/** Removes a folder below `within` that is empty; any other stays. */
export async function removeEmpty(path: string, within: string): Promise<void> {
  const place = await placeInside(path, within)
  if (place === undefined) return
  await rmdir(join(place.parent, place.name)).catch(
    onCode(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM'], undefined),
  )
}

/** Removes what a killed process had begun to remove. */
export async function removeLeftAside(within: string): Promise<void> {
  for (const name of await readdir(within).catch(ifMissing<string[]>([])))
    if (name.startsWith(ASIDE))
      await removeInside(join(within, name), within).catch(logFailure('files.left_aside', { name }))
}

/** Real parent and name of a path below `within`; undefined where there is no such parent. */
export async function placeInside(
  path: string,
  within: string,
): Promise<{ readonly parent: string; readonly name: string; readonly top: string } | undefined> {
  const whole = resolve(path)
  const top = await realpath(within).catch(ifMissing(undefined))
  const parent = await realpath(dirname(whole)).catch(ifMissing(undefined))
  if (top === undefined || parent === undefined) return undefined
  if (parent === top || parent.startsWith(top.endsWith(sep) ? top : `${top}${sep}`))
    return { parent, name: basename(whole), top }
  throw new SpekiError(
    'precondition_failed',
    `${whole} leads out of ${top}, to ${parent}: nothing was changed there.`,
    {
      hint: 'Somebody put a link on the way to it. Look at what it leads to, take the link away, then repeat the call.',
    },
  )
}

async function removeAside(aside: string, top: string, since: number): Promise<void> {
  for (let round = 1; ; round += 1)
    try {
      await pinned(aside, async (base) => await emptyOut(base, top, since))
      return await rmdir(aside)
    } catch (error) {
      // Something still writes there, or wrote until just now.
      if (codeOf(error) !== 'ENOTEMPTY' || round === ROUNDS) throw error
    }
}

/**
 * Empties a folder. Each folder in it is moved up to `base` before anything in it is touched: so neither depth nor the
 * length of a path is a limit, and one on which something is mounted shows itself by refusing to be moved.
 */
async function emptyOut(base: string, top: string, since: number): Promise<void> {
  const queue = [base]
  const take = async (folder: string) => {
    const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' })
    for (let at = 0; at < entries.length; at += 64)
      await Promise.all(
        entries.slice(at, at + 64).map(async (entry) => {
          const path = Buffer.concat([Buffer.from(`${folder}/`), entry.name])
          const there = await lstat(path).catch(ifMissing(undefined))
          if (there === undefined) return
          if (isOlder(there, since)) return await keep(path, entry.name.toString(), top)
          if (!there.isDirectory()) return await unlink(path).catch(ifMissing(undefined))
          const up = `${base}/${randomUUID()}`
          await rename(path, up).catch(async (error: unknown) => {
            if (codeOf(error) !== 'EACCES') throw error
            await makeWritable(path)
            await rename(path, up)
          })
          queue.push(up)
        }),
      )
  }
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (folder === base) await take(base)
    else {
      await makeWritable(folder)
      await pinned(folder, take)
      await rmdir(folder)
    }
  }
}

/** A link, or one of several names of a file, takes nothing with it. Elsewhere than on Linux copies keep the age of what they copy. */
function isOlder(there: Stats, since: number): boolean {
  if (since === 0 || process.platform !== 'linux' || there.isSymbolicLink()) return false
  if (!there.isDirectory() && there.nlink > 1) return false
  return there.birthtimeMs > 0 && there.birthtimeMs < since - CLOCK_MS
}

async function keep(path: Buffer, name: string, top: string): Promise<undefined> {
  const folder = join(top, KEPT)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const to = join(folder, `${randomUUID().slice(0, 8)}-${name}`)
  await rename(path, to)
  log('warn', 'files.kept', { name, at: to, why: 'older than the folder it was moved into' })
  return undefined
}

async function makeWritable(folder: string | Buffer): Promise<void> {
  await pinned(folder, async (base) => {
    const { mode } = await stat(base)
    if ((mode & 0o700) !== 0o700) await chmod(base, (mode & 0o777) | 0o700)
  })
}

/** Opens a folder as a place, without the right to read it. Linux alone has it. */
const O_PATH = 0o10000000

const HAS_DESCRIPTORS = process.platform === 'linux' && existsSync('/proc/self/fd')

/** Holds on to a real folder, whatever its path leads to meanwhile, where the system can. Throws where it is a link. */
async function pinned<T>(folder: string | Buffer, work: (base: string) => Promise<T>): Promise<T> {
  if (!HAS_DESCRIPTORS) {
    if (!(await lstat(folder)).isDirectory())
      throw new SpekiError('precondition_failed', `${folder} is no folder any more.`, { hint: 'Repeat the call.' })
    return await work(folder.toString())
  }
  const handle = await open(folder, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return await work(`/proc/self/fd/${handle.fd}`)
  } finally {
    await handle.close()
  }
}
