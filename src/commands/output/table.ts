import stringWidth from 'string-width'
import type { Screen } from './screen.ts'

export interface Column {
  readonly name: string
  readonly cells: readonly string[]
}

const GAP = 2
/** Narrower than this no column is of use. */
const MIN_WIDTH = 12
/** What is left out first where a terminal is too narrow: it matters to whoever edits, and stands in the output for programs. */
const EXPENDABLE = [
  'revision',
  'complexity',
  'priority',
  'change_set',
  'stale',
  'waiting_on',
  'subpath',
  'kind',
  'started_at',
  'holder',
  'prd',
  'ready',
  'repository',
]

/** Columns for people: as wide as the screen allows. For programs: all of it, one tab between two cells. No cell holds a tab. */
export function table(columns: readonly Column[], screen: Screen): string {
  if (screen.width === undefined) return lines(columns).join('\n')
  const shown = fitting(columns, screen.width)
  const widths = shareOut(shown.map(naturalWidth), screen.width - GAP * (shown.length - 1))
  const row = (cells: readonly string[], style: (text: string) => string) =>
    cells
      .map((cell, index) => padded(cell, widths[index] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd()
      .replace(/^.*$/s, style)
  const count = columns[0]?.cells.length ?? 0
  const rows = Array.from({ length: count }, (_, index) =>
    row(
      shown.map(({ cells }) => cells[index] ?? ''),
      (text) => text,
    ),
  )
  const head = row(shown.map(heading), (text) => screen.style('bold', text))
  const missing = columns.filter((column) => !shown.includes(column)).map(({ name }) => name.replaceAll('_', ' '))
  const note = missing.length === 0 ? [] : [screen.style('dim', `Not shown, for want of room: ${missing.join(', ')}`)]
  return [head, ...rows, ...note].join('\n')
}

function lines(columns: readonly Column[]): string[] {
  const count = columns[0]?.cells.length ?? 0
  const rows = Array.from({ length: count }, (_, index) => columns.map(({ cells }) => cells[index] ?? ''))
  return [columns.map(heading), ...rows].map((cells) => cells.join('\t'))
}

function heading({ name }: Column): string {
  return name.replaceAll('_', ' ').toUpperCase()
}

/** Empty columns say nothing; then the expendable ones go until the rest has room. */
function fitting(columns: readonly Column[], width: number): readonly Column[] {
  let shown = columns.filter(({ cells }) => cells.some((cell) => cell !== ''))
  for (const name of EXPENDABLE) {
    if (leastWidth(shown) <= width) break
    shown = shown.filter((column) => column.name !== name)
  }
  return shown
}

/** Short columns need what they need; long ones can be cut. */
function leastWidth(columns: readonly Column[]): number {
  const widths = columns.map((column) => Math.min(naturalWidth(column), MIN_WIDTH * 2))
  return widths.reduce((sum, entry) => sum + entry, GAP * (columns.length - 1))
}

function naturalWidth(column: Column): number {
  return Math.max(stringWidth(heading(column)), ...column.cells.map((cell) => stringWidth(cell)))
}

/** Whoever asks for less than an equal share gets all of it; the others share what is left. */
function shareOut(wanted: readonly number[], room: number): readonly number[] {
  const widths = new Map<number, number>()
  let left = room
  const waiting = wanted.map((width, index) => ({ width, index })).sort((a, b) => a.width - b.width)
  waiting.forEach(({ width, index }, position) => {
    const share = Math.max(1, Math.floor(left / (waiting.length - position)))
    const given = Math.min(width, share)
    widths.set(index, given)
    left -= given
  })
  return wanted.map((_, index) => widths.get(index) ?? 0)
}

function padded(text: string, width: number): string {
  const fitted = cut(text, width)
  return fitted + ' '.repeat(Math.max(0, width - stringWidth(fitted)))
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** At most so many columns of the terminal, wide characters counted as two. */
export function cut(text: string, width: number): string {
  // Nothing is wider than two columns a character, or shorter than one code unit.
  if (text.length * 2 <= width || stringWidth(text) <= width) return text
  let out = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = stringWidth(segment)
    if (used + next > width - 1) break
    out += segment
    used += next
  }
  return `${out}…`
}
