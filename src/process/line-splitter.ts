/** Cuts a stream of bytes into lines of UTF-8. */
export interface LineSplitter {
  add(chunk: Buffer): void
  /** The last line, if it had no end. */
  end(): void
}

const NEWLINE = 10

/** Keeps at most `maxBytes` of a line; `cut` tells the receiver that there was more. Empty lines are left out. */
export function createLineSplitter(maxBytes: number, onLine: (line: string, cut: boolean) => void): LineSplitter {
  let parts: Buffer[] = []
  let kept = 0
  let cut = false
  const take = (part: Buffer) => {
    const room = maxBytes - kept
    if (part.length > room) cut = true
    const taken = part.subarray(0, room)
    if (taken.length > 0) parts.push(taken)
    kept += taken.length
  }
  const end = () => {
    const line = Buffer.concat(parts).toString('utf8').replace(/\r$/, '')
    const wasCut = cut
    parts = []
    kept = 0
    cut = false
    if (line !== '') onLine(line, wasCut)
  }
  return {
    add(chunk) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        take(chunk.subarray(from, at))
        end()
        from = at + 1
      }
      take(chunk.subarray(from))
    },
    end,
  }
}

/** More of a line than that is not waited for. */
const MAX_HELD = 64 * 1024

/** Hands a stream on in whole lines, so that two streams which share a receiver do not break each other's. */
export function createLineKeeper(onLines: (lines: Buffer) => void): { add(chunk: Buffer): void; end(): void } {
  let held = Buffer.alloc(0)
  return {
    add(chunk) {
      const all = Buffer.concat([held, chunk])
      const upTo = all.length > MAX_HELD ? all.length : all.lastIndexOf(NEWLINE) + 1
      held = all.subarray(upTo)
      if (upTo > 0) onLines(all.subarray(0, upTo))
    },
    end() {
      if (held.length > 0) onLines(held)
      held = Buffer.alloc(0)
    },
  }
}
