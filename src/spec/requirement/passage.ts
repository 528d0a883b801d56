import type { SourceLines } from '../../../schemas/requirement.ts'
import type { TextLine } from '../markdown/markdown-block.ts'

/** Wrapped lines read as one text, with the way back to the lines. */
export interface Passage {
  readonly text: string
  linesOf(from: number, to: number): SourceLines
}

export function joinLines(lines: readonly TextLine[]): Passage {
  const starts: number[] = []
  let length = 0
  for (const line of lines) {
    starts.push(length)
    length += line.text.length + 1
  }
  const lineAt = (offset: number): number => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return lines[low]?.line ?? 1
  }
  return {
    text: lines.map((line) => line.text.replace(/\\$/, ' ')).join(' '),
    linesOf: (from, to) => ({ start: lineAt(from), end: lineAt(Math.max(from, to - 1)) }),
  }
}

export interface Sentence {
  readonly text: string
  readonly lines: SourceLines
}

const ABBREVIATION = /(?:\be\.g|\bi\.e|\betc|\bvs|\bcf|\bapprox|\bresp|\bno|\bmax|\bmin)$/i

/** Splits at `.`, `!` and `?` before white space; not after an abbreviation, not before a small letter. */
export function sentencesOf(lines: readonly TextLine[]): readonly Sentence[] {
  const passage = joinLines(lines)
  const { text } = passage
  if (!/[.!?]/.test(text)) {
    const lead = text.length - text.trimStart().length
    return text.trim() === '' ? [] : [{ text: text.trim(), lines: passage.linesOf(lead, text.length) }]
  }
  const sentences: Sentence[] = []
  let start = 0
  const close = (end: number): void => {
    const text = passage.text.slice(start, end)
    const lead = text.length - text.trimStart().length
    if (text.trim() !== '') sentences.push({ text: text.trim(), lines: passage.linesOf(start + lead, end) })
    start = end
  }
  for (const match of passage.text.matchAll(/[.!?][)"'”*_]{0,3}\s+(?![\s\p{Ll}])/gu)) {
    if (ABBREVIATION.test(passage.text.slice(Math.max(0, match.index - 8), match.index))) continue
    close(match.index + match[0].trimEnd().length)
  }
  close(passage.text.length)
  return sentences
}
