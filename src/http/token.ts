import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SpekiError } from '../errors.ts'
import { ifMissing, onCode } from '../expected.ts'

/** By what a request shows that it comes from the person who serves: whoever can read the file. */
export interface Token {
  readonly file: string
  readonly text: string
}

/**
 * The token of a file, made where there is none. Throws `forbidden` for a file that others may read or have made: a loopback
 * port is open to every user of the machine.
 */
export async function openToken(file: string): Promise<Token> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const made = randomBytes(32).toString('base64url')
  await writeFile(file, `${made}\n`, { flag: 'wx', mode: 0o600 }).catch(onCode(['EEXIST'], undefined))
  const problem = await whyNotTrusted(file)
  if (problem !== undefined)
    throw new SpekiError('forbidden', `${file} ${problem}, so it can be no secret of yours.`, {
      hint: `Remove it and start again, which makes a new one; clients need that one then: rm ${file}`,
    })
  return { file, text: (await readFile(file, 'utf8')).trim() }
}

const SHORTEST = 32

async function whyNotTrusted(file: string): Promise<string | undefined> {
  const info = await lstat(file).catch(ifMissing(undefined))
  if (info?.isFile() !== true) return 'is no plain file'
  if ((await readFile(file, 'utf8')).trim().length < SHORTEST) return 'holds no token'
  // Windows has no such modes: there the folder inherits the rights of the user's profile.
  if (process.getuid === undefined) return undefined
  if (info.uid !== process.getuid()) return 'belongs to another user'
  return (info.mode & 0o077) === 0 ? undefined : 'can be read by other users'
}

/** Whether an Authorization header carries the token; the time it takes tells nothing. */
export function carriesToken(header: string | undefined, { text }: Token): boolean {
  const given = /^bearer +(\S+)$/i.exec(header ?? '')?.[1]
  const digest = (value: string) => createHash('sha256').update(value).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(text))
}
