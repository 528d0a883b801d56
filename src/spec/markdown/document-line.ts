/** Columns of leading white space (tab stops of four) and the rest of the line, without white space at its end. */
export function indentOf(line: string): { readonly columns: number; readonly text: string } {
  let columns = 0
  let at = 0
  for (; line[at] === ' ' || line[at] === '\t'; at++) columns += line[at] === ' ' ? 1 : 4 - (columns % 4)
  return { columns, text: line.slice(at).trimEnd() }
}

export interface Fence {
  readonly character: string
  readonly length: number
}

/** The code fence a line (without its indentation) opens. */
export function openFence(text: string): Fence | undefined {
  const character = text[0]
  if (character !== '`' && character !== '~') return undefined
  const length = runLength(text, character)
  if (length < 3 || (character === '`' && text.includes('`', length))) return undefined
  return { character, length }
}

export function closesFence(text: string, fence: Fence): boolean {
  return text.length >= fence.length && runLength(text, fence.character) === text.length
}

/** Level and title of a `#` heading, given without its indentation. */
export function atxHeading(text: string): { readonly level: number; readonly title: string } | undefined {
  const level = runLength(text, '#')
  const after = text[level]
  if (level === 0 || level > 6 || (after !== undefined && after !== ' ' && after !== '\t')) return undefined
  const title = text.slice(level).trim()
  let end = title.length
  while (end > 0 && title[end - 1] === '#') end--
  const closed = end === 0 || (end < title.length && /\s/.test(title[end - 1] ?? ''))
  return { level, title: closed ? title.slice(0, end).trimEnd() : title }
}

export function isThematicBreak(text: string): boolean {
  const mark = text[0]
  if (mark !== '-' && mark !== '*' && mark !== '_') return false
  const marks = text.replace(/[ \t]/g, '')
  return marks.length >= 3 && runLength(marks, mark) === marks.length
}

/** Marker of a list item with the white space after it; undefined where the line (without indentation) is none. */
export function listMarker(text: string): string | undefined {
  return /^(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)/.exec(text)?.[0]
}

function runLength(text: string, character: string): number {
  let length = 0
  while (length < text.length && text[length] === character) length++
  return length
}
