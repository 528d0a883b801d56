/** Columns of a line that a comment hides, from the first up to the one behind the last. */
export interface Hidden {
  readonly from: number
  readonly to: number
}

const OPEN = '<!--'
const CLOSE = '-->'

export interface Comments {
  readonly hidden: readonly Hidden[]
  /** The line ends inside a comment. */
  readonly open: boolean
}

export function startsComment(content: string): boolean {
  return content.startsWith(OPEN)
}

/** Column behind the end of the comment a line begins in; undefined where it goes on. */
export function endOfComment(line: string): number | undefined {
  const close = line.indexOf(CLOSE)
  return close === -1 ? undefined : close + CLOSE.length
}

/**
 * The comments that begin on a line, from a column on. One that nothing but comments stands before, where `mayStay`, runs
 * to its end mark or to the end of the text; one inside a sentence is a comment only where the sentence ends it, which
 * `endsLater` says.
 */
export function commentsOf(line: string, from: number, mayStay: boolean, endsLater: () => boolean): Comments {
  const hidden: Hidden[] = []
  let startsLine = mayStay
  for (let at = from; ; ) {
    const open = openingOutsideCode(line, at)
    if (open === -1) return { hidden, open: false }
    startsLine &&= line.slice(at, open).trim() === ''
    // `<!-->` is a comment as well.
    const close = line.indexOf(CLOSE, open + 2)
    if (close === -1) {
      const stays = startsLine || endsLater()
      return { hidden: stays ? [...hidden, { from: open, to: line.length }] : hidden, open: stays }
    }
    at = close + CLOSE.length
    hidden.push({ from: open, to: at })
  }
}

/** What comments leave of a line, from a column on. */
export function withoutHidden(line: string, from: number, hidden: readonly Hidden[]): string {
  let kept = ''
  let at = from
  for (const range of hidden) {
    kept += line.slice(at, Math.max(at, range.from))
    at = Math.max(at, range.to)
  }
  return kept + line.slice(at)
}

/** Whether a comment that stays open at the end of a line ends before a line that `breaks` the sentence; asked for many lines, read once. */
export function commentEnds(lines: readonly string[], breaks: (line: string) => boolean): (index: number) => boolean {
  let ends: Uint8Array | undefined
  return (index) => {
    if (ends === undefined) {
      ends = new Uint8Array(lines.length + 1)
      for (let at = lines.length - 1; at > 0; at--) {
        const line = lines[at] ?? ''
        const ended = !breaks(line) && (line.includes(CLOSE) || ends[at + 1] === 1)
        ends[at] = ended ? 1 : 0
      }
    }
    return ends[index + 1] === 1
  }
}

function openingOutsideCode(line: string, from: number): number {
  let inCode = false
  for (let index = from; index < line.length; index++) {
    if (line[index] === '`') inCode = !inCode && line.includes('`', index + 1)
    else if (!inCode && line.startsWith(OPEN, index)) return index
  }
  return -1
}
