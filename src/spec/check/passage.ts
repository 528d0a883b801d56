import type { Place } from '../../../schemas/finding.ts'
import type { ExtractedRequirement, Extraction } from '../../../schemas/requirement.ts'
import type { Outline, Section } from '../markdown/outline.ts'
import { bare, isPlaceholder } from '../markdown/plain-text.ts'
import { toUnits, type Unit } from '../requirement/unit.ts'
import { type Part, partsOf } from './part.ts'

/** A list item, a paragraph or a table row: what says one thing, with where each of its characters stands. */
export interface Passage {
  readonly kind: 'item' | 'paragraph' | 'row'
  /** Its own words; what is masked in the prose is spaces here. */
  readonly text: string
  /** The same characters unmasked. */
  readonly raw: string
  readonly line: number
  /** An item's number, or "-"; undefined elsewhere. */
  readonly marker: string | undefined
  /** Items around it count as one list. */
  readonly list: number
  readonly parts: readonly Part[]
  /** Titles above it, outermost first. */
  readonly titles: readonly string[]
  /** The requirement it belongs to, and whether it is one of its criteria. */
  readonly requirement: ExtractedRequirement | undefined
  readonly isCriterion: boolean
  /** Texts of nested items. */
  readonly nested: readonly string[]
  /** Cells of a row by small-letter column title. */
  readonly cells: ReadonlyMap<string, string> | undefined
  readonly at: (from: number, to: number) => Place
}

/** A heading with what it is about. */
export interface SpecificationHeading {
  readonly line: number
  readonly endLine: number
  readonly level: number
  readonly title: string
  readonly parts: readonly Part[]
  /** Last line of what stands under it, subsections included. */
  readonly last: number
  /** Nothing but blank lines stands under it. */
  readonly empty: boolean
}

interface Source {
  readonly outline: Outline
  readonly prose: readonly string[]
  readonly extraction: Extraction
}

interface Reading extends Source {
  readonly owners: readonly (ExtractedRequirement | undefined)[]
  readonly criteria: ReadonlySet<number>
  readonly lines: readonly string[]
  readonly passages: Passage[]
  readonly headings: SpecificationHeading[]
  lists: number
}

interface Around {
  readonly parts: readonly Part[]
  readonly titles: readonly string[]
}

export function readPassages(source: Source): {
  readonly passages: readonly Passage[]
  readonly headings: readonly SpecificationHeading[]
} {
  const { root, scan } = source.outline
  const lines = scan.source
  const owners = new Array<ExtractedRequirement | undefined>(lines.length + 1)
  const criteria = new Set<number>()
  for (const requirement of source.extraction.requirements) {
    for (let line = requirement.lines.start; line <= requirement.lines.end; line++) owners[line] = requirement
    for (const { lines } of requirement.criteria)
      for (let line = lines.start; line <= lines.end; line++) criteria.add(line)
  }
  const reading: Reading = { ...source, lines, owners, criteria, passages: [], headings: [], lists: 0 }
  visit(root, { parts: [], titles: [] }, lines.length, reading)
  return reading
}

/** Nothing but blank lines and comments; code and quotes say something. */
function saysNothing({ outline }: Reading, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const kind = outline.scan.lines[index]?.kind ?? 'blank'
    if (kind !== 'blank' && kind !== 'comment') return false
  }
  return true
}

/** What these parts say holds for everything under them. */
const CLOSED: readonly Part[] = ['non_goals', 'questions', 'glossary', 'references', 'aside']

function visit(section: Section, above: Around, last: number, reading: Reading): void {
  const { heading } = section
  let around = above
  if (heading !== undefined) {
    const isTitle = heading.level === 1 && section.sections.length > 0 && above.titles.length === 0
    const owned = reading.owners[heading.start] !== undefined
    const own = isTitle || owned ? [] : partsOf(heading.text)
    const closed = above.parts.some((part) => CLOSED.includes(part))
    const parts = closed ? above.parts : owned ? (['requirements'] as const) : [...new Set([...own, ...above.parts])]
    around = { parts, titles: isTitle ? [] : [...above.titles, bare(heading.text)] }
    reading.headings.push({
      line: heading.start,
      endLine: heading.end,
      level: heading.level,
      title: bare(heading.text),
      parts,
      last,
      empty: saysNothing(reading, heading.end, last),
    })
  }
  readBlocks(toUnits(section.blocks), around, reading)
  for (const [index, child] of section.sections.entries()) {
    const next = section.sections[index + 1]?.heading?.start
    visit(child, around, next === undefined ? last : next - 1, reading)
  }
}

function readBlocks(units: ReturnType<typeof toUnits>, around: Around, reading: Reading): void {
  let introduced: Around | undefined
  let previous: 'item' | 'other' = 'other'
  for (const unit of units) {
    if (unit.kind === 'table') {
      const columns = unit.header.cells.map((cell) => bare(cell).toLowerCase())
      reading.lists++
      for (const row of unit.rows) addRow(row.line, row.cells, columns, introduced ?? around, reading)
      previous = 'other'
      continue
    }
    const isItem = unit.marker !== 'none'
    if (isItem && previous !== 'item') reading.lists++
    previous = isItem ? 'item' : 'other'
    const key = keyOf(unit)
    // Inside a requirement a key such as **Why this priority** speaks of the requirement, the goal of a persona of the persona.
    const closed =
      reading.owners[unit.lines.start] !== undefined ||
      around.parts.some((part) => part === 'personas' || CLOSED.includes(part))
    const parts = key === undefined || closed ? [] : partsOf(key.title)
    if (!isItem && key?.alone === true) {
      introduced = parts.length > 0 ? { ...around, parts: [...new Set([...parts, ...around.parts])] } : undefined
      if (parts.length > 0) continue
    }
    const here = introduced ?? around
    addUnit(unit, parts.length > 0 ? { ...here, parts: [...new Set([...parts, ...here.parts])] } : here, reading)
  }
}

/** The bold or colon-ended words a unit begins with; `alone` where it says nothing else. */
function keyOf(unit: Unit): { readonly title: string; readonly alone: boolean } | undefined {
  const bold = /^\*\*([^*]{2,60}?):?\*\*\s*[:.–—-]?\s*(.*)$/s.exec(unit.text)
  if (bold?.[1] !== undefined) return { title: bold[1], alone: bold[2] === '' }
  const plain = /^([A-Z][\w /&'-]{2,40}):\s*(.*)$/s.exec(unit.text)
  return plain?.[1] === undefined ? undefined : { title: plain[1], alone: plain[2] === '' }
}

function addUnit(unit: Unit, around: Around, reading: Reading): void {
  const segments: Segment[] = []
  let start = 0
  for (const { text, line } of unit.own) {
    const column = reading.lines[line - 1]?.indexOf(text) ?? -1
    if (column === -1) continue
    segments.push({ start, line, column, length: text.length })
    start += text.length + 1
  }
  if (segments.length > 0 && !isPlaceholder(unit.text)) {
    add(segments, reading, {
      kind: unit.marker === 'none' ? 'paragraph' : 'item',
      marker: unit.marker === 'none' ? undefined : (unit.ordinal ?? '-'),
      around,
      nested: nestedTexts(unit),
      cells: undefined,
    })
  }
  const list = reading.lists
  readBlocks(toUnits(unit.children), around, reading)
  reading.lists = list
}

function addRow(
  line: number,
  cells: readonly string[],
  columns: readonly string[],
  around: Around,
  reading: Reading,
): void {
  const source = reading.lines[line - 1] ?? ''
  const column = source.search(/\S/)
  if (column === -1) return
  add([{ start: 0, line, column, length: source.trimEnd().length - column }], reading, {
    kind: 'row',
    marker: undefined,
    around,
    nested: [],
    cells: new Map(columns.map((title, index) => [title, bare(cells[index] ?? '')])),
  })
}

/** Segments are joined by one space each. */
interface Segment {
  /** Offset in the passage. */
  readonly start: number
  readonly line: number
  readonly column: number
  readonly length: number
}

function add(
  segments: readonly Segment[],
  reading: Reading,
  rest: Pick<Passage, 'kind' | 'marker' | 'nested' | 'cells'> & { readonly around: Around },
): void {
  const cut = (lines: readonly string[]) =>
    segments
      .map(({ line, column, length }) => (lines[line - 1] ?? '').slice(column, column + length).padEnd(length))
      .join(' ')
  const line = segments[0]?.line ?? 1
  const { around, ...shape } = rest
  const requirement = reading.owners[line]
  reading.passages.push({
    ...shape,
    text: cut(reading.prose),
    raw: cut(reading.lines),
    line,
    list: reading.lists,
    parts:
      requirement === undefined || around.parts.includes('requirements')
        ? around.parts
        : ['requirements', ...around.parts],
    titles: around.titles,
    requirement,
    isCriterion: requirement !== undefined && reading.criteria.has(line),
    at: (from, to) => placeOf(segments, from, to),
  })
}

function placeOf(segments: readonly Segment[], from: number, to: number): Place {
  const start = locate(segments, from)
  const end = locate(segments, Math.max(from, to - 1))
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column + 1 }
}

function locate(segments: readonly Segment[], offset: number): { readonly line: number; readonly column: number } {
  let low = 0
  for (let high = segments.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1
    if ((segments[middle]?.start ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  const { line = 1, column = 0, length = 0, start = 0 } = segments[low] ?? {}
  const rest = offset - start
  return { line, column: column + (rest <= length ? Math.min(rest, Math.max(0, length - 1)) + 1 : length) }
}

function nestedTexts(unit: Unit): readonly string[] {
  return toUnits(unit.children).flatMap((child) => (child.kind === 'table' ? [] : [child.text, ...nestedTexts(child)]))
}
