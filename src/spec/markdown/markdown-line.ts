/** Splits as CommonMark does: CRLF, LF and lone CR end a line. A byte order mark is dropped. */
export function splitLines(text: string): readonly string[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  return body.split(/\r\n|\n|\r/)
}

interface Indented {
  /** Of leading white space, with tab stops of four. */
  readonly columns: number
  /** The rest of the line, without white space at its end, and where it starts. */
  readonly text: string
  readonly start: number
}

export function indentOf(line: string): Indented {
  let columns = 0
  let at = 0
  for (; line[at] === ' ' || line[at] === '\t'; at++) columns += line[at] === ' ' ? 1 : 4 - (columns % 4)
  return { columns, text: line.slice(at).trimEnd(), start: at }
}

/** Without so many columns of its indentation; without any where it has less. */
export function unindent(line: string, columns: number): string {
  const { columns: own, text, start } = indentOf(line)
  return own >= columns ? `${line.slice(Math.min(columns, start), start)}${text}` : text
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

/** The word behind the mark that opens a fence, in small letters. */
export function languageOf(text: string): string {
  return (/^[`~]+\s*([\w+#.-]*)/.exec(text)?.[1] ?? '').toLowerCase()
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

const THEMATIC_BREAK = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/

export function isThematicBreak(text: string): boolean {
  return THEMATIC_BREAK.test(text)
}

export const RAW_HTML_END = /<\/(?:pre|script|style|textarea)>/i

export function opensRawHtml(content: string): boolean {
  return content.startsWith('<') && /^<(?:pre|script|style|textarea)(?:[\s>]|$)/i.test(content)
}

export interface Marker {
  readonly ordinal?: string
  /** Characters from the marker to the content. */
  readonly width: number
  readonly rest: string
}

const LATIN_LETTER = /^[a-z]/i
const BULLET = /^[-*+•◦▪‣]([ \t]|$)/
const BOX = /^[☐⬜☑✅✔]\uFE0F?[ \t]+\S/u
const ORDERED = /^(\d{1,9})[.)]([ \t]|$)/
// `1.2 Text` is no list in Markdown, yet people number requirements that way; a capital or emphasis keeps `3.5 million` out.
const MULTI_LEVEL = /^(\d{1,4}(?:\.\d{1,4}){1,4})[.)]?[ \t]+(?=[\p{Lu}*_[`"“])/u

export function listMarker(text: string): Marker | undefined {
  // Most lines begin with a letter, and no item does.
  if (LATIN_LETTER.test(text)) return undefined
  // Some exports write boxes without bullets.
  if (BOX.test(text)) return { width: 2, rest: text }
  if (BULLET.test(text)) return marker(text, 1)
  const ordered = ORDERED.exec(text)
  if (ordered?.[1] !== undefined) return marker(text, ordered[1].length + 1, ordered[1])
  const multiLevel = MULTI_LEVEL.exec(text)
  if (multiLevel?.[1] !== undefined) return marker(text, multiLevel[0].trimEnd().length, multiLevel[1])
  return undefined
}

function marker(text: string, length: number, ordinal?: string): Marker {
  const after = text.slice(length)
  const rest = after.trimStart()
  const gap = after.length - rest.length
  // More than four spaces open indented code inside the item; its content column is then one after the marker.
  const width = length + (rest === '' || gap > 4 ? 1 : gap)
  return { ...(ordinal !== undefined && { ordinal }), width, rest }
}

/** `[ ]` and `[x]` are Markdown's; the other signs and the pasted boxes are people's. */
const CHECK_BOX = /^(?:\[([ xX~/-])\]|([☐⬜✅☑✔])\uFE0F?)(?:\s+|$)/u

/** The check box that the content of an item begins with: what stands in it, in small letters, and its characters. */
export function checkBox(content: string): { readonly mark: string; readonly length: number } | undefined {
  const match = LATIN_LETTER.test(content) ? null : CHECK_BOX.exec(content)
  if (match === null) return undefined
  const [{ length }, sign, pasted] = match
  return { mark: sign?.toLowerCase() ?? (/[☐⬜]/.test(pasted ?? '') ? ' ' : 'x'), length }
}

/** Cells of a table row; `\|` is a bar, as in GFM. */
export function tableCells(text: string): readonly string[] {
  const cells: string[] = []
  let cell = ''
  const body = text.trim()
  for (let index = body.startsWith('|') ? 1 : 0; index < body.length; index++) {
    const character = body[index] ?? ''
    if (character === '\\' && body[index + 1] === '|') {
      cell += '|'
      index++
    } else if (character === '|') {
      cells.push(cell.trim())
      cell = ''
    } else cell += character
  }
  if (cell.trim() !== '' || cells.length === 0 || !body.endsWith('|')) cells.push(cell.trim())
  return cells
}

export function isDelimiterRow(text: string): boolean {
  return text.includes('-') && text.includes('|') && tableCells(text).every((cell) => /^:?-+:?$/.test(cell))
}

function runLength(text: string, character: string): number {
  let length = 0
  while (length < text.length && text[length] === character) length++
  return length
}
