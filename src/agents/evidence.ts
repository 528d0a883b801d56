import { closeSync, createWriteStream, openSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { logFailure } from '../log.ts'
import { createBlackout } from '../redaction/blackout.ts'
import { createKeyFilter } from '../redaction/private-keys.ts'
import { redact } from '../redaction/redact.ts'

/** Bytes of a raw stream that are kept. */
const MAX_BYTES = 64 * 1024 * 1024

/** Replaces what looks like a secret, and the values of a job's own variables. */
export type Cleaner = (text: string) => string

/** For what comes in order: a private key is taken out line by line too. */
export function inOrder(clean: Cleaner): Cleaner {
  const withoutKey = createKeyFilter()
  return (text) => withoutKey(clean(text))
}

export function createCleaner(environment: Readonly<Record<string, string>>): Cleaner {
  const blackout = createBlackout(Object.values(environment))
  return (text) => redact(blackout(text))
}

/** A file that a program's lines are kept in, as printed but for secrets. */
export interface Evidence {
  add(line: string): void
  /** Resolves when everything is in the file. A disk that is full loses the rest, not the job. */
  close(): Promise<void>
}

export function openEvidence(file: string, clean: Cleaner): Evidence {
  // There at once, so that it can be kept from the program's own hands.
  closeSync(openSync(file, 'a', 0o600))
  const stream = createWriteStream(file, { mode: 0o600 })
  const done = finished(stream).catch(logFailure('evidence.lost', { file }))
  const cleanLine = inOrder(clean)
  let bytes = 0
  return {
    add(line) {
      if (bytes > MAX_BYTES) return
      bytes += line.length
      stream.write(bytes > MAX_BYTES ? '… the rest is not kept\n' : `${cleanLine(line)}\n`)
    },
    async close() {
      stream.end()
      await done
    },
  }
}
