import type { Hidden } from './comments.ts'
import type { Scan, ScannedLine } from './scanned-line.ts'

/** A fenced code block; lines count from 1, its fences included. */
export interface Fenced {
  readonly start: number
  readonly end: number
  /** Word behind the opening fence, in small letters. */
  readonly language: string
}

/** The lines with code, quotes, comments and addresses blanked out, column for column, and where the fences are. */
export function readProse(scan: Scan): {
  readonly prose: readonly string[]
  readonly fences: readonly Fenced[]
} {
  return {
    prose: scan.lines.map((scanned, index) => proseOf(scan.source[index] ?? '', scanned)),
    fences: scan.fences.map(({ first, end, language }) => ({ start: first + 1, end, language })),
  }
}

const NOBODYS_WORDS: readonly ScannedLine['kind'][] = ['front matter', 'fence', 'code', 'comment', 'html', 'quote']

function proseOf(line: string, scanned: ScannedLine): string {
  // An item that holds nothing but the start of code, of a quote or of raw HTML.
  const empty = scanned.kind === 'item' && scanned.text === ''
  if (NOBODYS_WORDS.includes(scanned.kind) || empty) return blank(line)
  return maskWords(scanned.hidden === undefined ? line : withHiddenBlank(line, scanned.hidden))
}

function withHiddenBlank(line: string, hidden: readonly Hidden[]): string {
  let text = ''
  for (const { from, to } of hidden) text += line.slice(text.length, from) + blank(line.slice(from, to))
  return text + line.slice(text.length)
}

const NOT_OWN_WORDS =
  /(`+)[^`]*?\1|"[^"]{1,200}"|“[^”]{1,200}”|«[^»]{1,200}»|(?<=\])\([^)\s]{1,500}\)|<?https?:\/\/[^\s)>\]]+>?|<\/?[a-zA-Z][^<>]{0,200}>/g

function maskWords(line: string): string {
  return /[`"“«<]|\]\(|:\/\//.test(line) ? line.replace(NOT_OWN_WORDS, blank) : line
}

function blank(text: string): string {
  return ' '.repeat(text.length)
}
