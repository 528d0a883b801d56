import type { MarkdownLine } from './markdown-line.ts'

/** Gives a line without its HTML comments, or undefined when nothing but a comment stands on it. Call once per line, in order. */
export type CommentFilter = (index: number) => string | undefined

const OPEN = '<!--'
const CLOSE = '-->'

export function createCommentFilter(lines: readonly MarkdownLine[]): CommentFilter {
  const closes = nextLine(lines, (text) => text.includes(CLOSE))
  const blanks = nextLine(lines, (text) => text.trim() === '')
  let inside = false

  return (index) => {
    const text = lines[index]?.text ?? ''
    if (!inside && !text.includes(OPEN)) return text
    let kept = ''
    // A comment that starts a line runs to its end mark or the end of the text; one inside a sentence only if that sentence closes it.
    let startsLine = true
    let position = 0
    for (;;) {
      if (inside) {
        const close = text.indexOf(CLOSE, position)
        if (close === -1) break
        position = close + CLOSE.length
        inside = false
      }
      const open = openingOutsideCode(text, position)
      if (open === -1) {
        kept += text.slice(position)
        break
      }
      const before = text.slice(position, open)
      kept += before
      startsLine &&= before.trim() === ''
      const closedHere = text.indexOf(CLOSE, open + OPEN.length) !== -1
      if (!closedHere && !startsLine && (closes[index + 1] ?? Infinity) >= (blanks[index + 1] ?? Infinity)) {
        kept += text.slice(open)
        break
      }
      inside = true
      position = open + OPEN.length
    }
    return kept.trim() === '' ? undefined : kept
  }
}

/** For each line the next one, itself included, that passes; Infinity after the last. */
function nextLine(lines: readonly MarkdownLine[], passes: (text: string) => boolean): readonly number[] {
  const next = new Array<number>(lines.length + 1).fill(Infinity)
  for (let index = lines.length - 1; index >= 0; index--) {
    next[index] = passes(lines[index]?.text ?? '') ? index : (next[index + 1] ?? Infinity)
  }
  return next
}

function openingOutsideCode(text: string, from: number): number {
  let inCode = false
  for (let index = from; index < text.length; index++) {
    if (text[index] === '`') inCode = !inCode && text.includes('`', index + 1)
    else if (!inCode && text.startsWith(OPEN, index)) return index
  }
  return -1
}
