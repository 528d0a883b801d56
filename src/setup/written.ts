import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { Client } from './client.ts'
import { entryIn, hasFolder, type Setup, withoutEntry, withoutFolder } from './clients.ts'
import { readSettings, writeSettings } from './settings-file.ts'

const Written = z.object({
  client: Client,
  file: z.string(),
  /** Whether the file was not there before. */
  created: z.boolean(),
  /** Empty where only a folder was added. */
  entry: z.string(),
  folder: z.string().optional(),
  /** Hash of what stood there before, by which an undo knows it again; the text may hold keys. */
  hash: z.string().optional(),
})
const Record = z.object({ written: z.array(Written) })
type Written = z.infer<typeof Written>

/** One file of an undo. */
export interface Undone {
  readonly client: Client
  readonly file: string
  readonly before: string | undefined
  /** Undefined: the file goes, as it was made for this alone. */
  readonly after: string | undefined
  /** Why the file is left as it is. */
  readonly left: string | undefined
}

/** Writes what was planned, and keeps in `home` what that was, for an undo. */
export async function writeSetup(home: string, setup: Setup): Promise<void> {
  const { client, file, before, after, entry, folder } = setup
  if (before === after) return
  const known = await readRecord(home)
  const earlier = known.find((one) => one.file === file)
  const created = before === undefined || earlier?.created === true
  const hash = earlier === undefined ? before && hashOf(before) : earlier.hash
  await writeSettings(file, before, after)
  const written = { client, file, created, entry, folder, hash }
  await writeRecord(home, [...known.filter((one) => one.file !== file), written])
}

/** What an undo would do, file by file; writes nothing. */
export async function planUndo(home: string): Promise<readonly Undone[]> {
  const undone: Undone[] = []
  for (const { client, file, created, entry, folder, hash } of await readRecord(home)) {
    const before = await readSettings(file)
    const present = before === undefined ? undefined : presentIn(client, file, before, entry, folder)
    if (before === undefined || present !== entry) {
      const left = present === undefined ? 'SPEKI is not in it any more' : 'its entry was changed since by somebody'
      undone.push({ client, file, before, after: before, left })
      continue
    }
    const closed = folder !== undefined && hasFolder(before, folder) ? withoutFolder(client, before, folder) : before
    const candidates = entry === '' ? [closed] : withoutEntry(client, file, closed, entry)
    const rest = candidates.find((text) => hashOf(text) === hash) ?? candidates[0] ?? closed
    const isEmpty = rest.trim() === '' || /^\s*\{\s*\}\s*$/.test(rest)
    undone.push({ client, file, before, after: created && isEmpty ? undefined : rest, left: undefined })
  }
  return undone
}

/** Our entry as it stands there, or an empty one where only a folder was added and is there. */
function presentIn(client: Client, file: string, text: string, entry: string, folder: string | undefined) {
  if (entry !== '') return entryIn(client, file, text)
  return folder !== undefined && hasFolder(text, folder) ? '' : undefined
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export async function undoSetup(home: string, { file, before, after, left }: Undone): Promise<void> {
  if (left === undefined) await writeSettings(file, before, after)
  await writeRecord(
    home,
    (await readRecord(home)).filter((one) => one.file !== file),
  )
}

async function readRecord(home: string): Promise<readonly Written[]> {
  const text = await readSettings(join(home, 'init.json'))
  return text === undefined ? [] : Record.parse(JSON.parse(text)).written
}

async function writeRecord(home: string, written: readonly Written[]): Promise<void> {
  const file = join(home, 'init.json')
  const before = await readSettings(file)
  const after = written.length === 0 ? undefined : `${JSON.stringify({ written }, undefined, 2)}\n`
  if (before !== after) await writeSettings(file, before, after)
}
