import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { ifUnreadable, tryParse } from '../../expected.ts'
import { log } from '../../log.ts'
import { redact } from '../../redaction/redact.ts'
import { currentRequest } from '../../request.ts'

/** A transaction that lasts longer says in a file beside the database whose it is. */
const NOTED_AFTER_MS = 500

/** The byte of the shared memory that SQLite locks for the one who writes. */
const WRITE_LOCK = '120'

const Note = z.object({
  pid: z.int(),
  command: z.string(),
  /** ISO time. */
  since: z.string(),
  operation: z.string().optional(),
  actor: z.string().optional(),
})
type Note = z.infer<typeof Note>

const noteOf = (file: string) => `${file}-writer`

/** Called when a write has its turn; what it returns, when it is over. */
export function noteWriter(file: string, now: () => number): () => void {
  const began = now()
  const request = currentRequest()
  let written = false
  const timer = setTimeout(() => {
    const note: Note = {
      pid: process.pid,
      command: [process.execPath, ...process.argv.slice(1, 3)].map((part) => basename(part)).join(' '),
      since: new Date(began).toISOString(),
      ...(request !== undefined && { operation: request.operation, actor: request.actor }),
    }
    try {
      writeFileSync(noteOf(file), JSON.stringify(note), { mode: 0o600 })
      written = true
    } catch (error) {
      // Only a help for those who wait.
      log('warn', 'writer.note', { file, error: String(error) })
    }
  }, NOTED_AFTER_MS).unref()
  return () => {
    clearTimeout(timer)
    if (written) rmSync(noteOf(file), { force: true })
  }
}

/** Who writes into the database now, as far as it can be known. */
export function describeWriter(file: string): string | undefined {
  const pid = lockHolder(file)
  const note = readNote(file)
  if (note !== undefined && (pid === undefined ? isAlive(note.pid) : note.pid === pid)) {
    const what = note.operation === undefined ? '' : `, for ${note.operation}`
    const who = note.actor === undefined ? '' : ` of ${note.actor}`
    return `process ${note.pid} (${note.command}) writes since ${note.since}${what}${who}`
  }
  if (pid === undefined) return undefined
  return pid === process.pid ? undefined : `process ${pid} (${commandOf(pid)}) writes`
}

function readNote(file: string): Note | undefined {
  const text = read(noteOf(file))
  return text === undefined ? undefined : Note.safeParse(tryParse(() => JSON.parse(text))).data
}

/** Linux names the holder of each lock on a file, also of a program that is not ours. */
function lockHolder(file: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  const inode = statSync(`${file}-shm`, { throwIfNoEntry: false })?.ino
  // `1: POSIX  ADVISORY  WRITE 4711 08:01:1310904 120 120`
  for (const line of (read('/proc/locks') ?? '').split('\n')) {
    const [, , , mode, pid, place, from, to] = line.trim().split(/\s+/)
    if (mode !== 'WRITE' || from !== WRITE_LOCK || to !== WRITE_LOCK) continue
    if (place?.split(':').at(-1) === String(inode) && Number(pid) > 0) return Number(pid)
  }
  return undefined
}

function commandOf(pid: number): string {
  const words = (read(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '')
  return redact([basename(words[0] ?? 'unknown'), ...words.slice(1)].join(' ')).slice(0, 120)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return ifUnreadable(undefined)(error)
  }
}
