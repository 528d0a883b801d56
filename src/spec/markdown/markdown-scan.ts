import { commentEnds, commentsOf, endOfComment, type Hidden, startsComment, withoutHidden } from './comments.ts'
import { readFrontMatter } from './front-matter.ts'
import {
  atxHeading,
  checkBox,
  closesFence,
  type Fence,
  indentOf,
  isDelimiterRow,
  isThematicBreak,
  languageOf,
  listMarker,
  type Marker,
  openFence,
  opensRawHtml,
  RAW_HTML_END,
  tableCells,
} from './markdown-line.ts'
import type { Scan, ScannedFence, ScannedHeading, ScannedLine } from './scanned-line.ts'

/** Deeper nesting is flattened, so that no document can exhaust the stack of the code that walks it. */
const MAX_DEPTH = 40
/** So many columns beyond where content may stand make code. */
const CODE = 4
const SPOKEN = /^(?:gherkin|cucumber|feature)$/

interface OpenItem {
  readonly line: number
  readonly markerColumn: number
  readonly contentColumn: number
}

interface OpenFence extends Fence {
  readonly first: number
  /** Where the content of its item begins; 0 outside lists. */
  readonly column: number
  /** Of the fence itself. */
  readonly columns: number
  readonly language: string
}

/**
 * What each line of a Markdown text is, in one pass: all that reads Markdown reads this, so that nothing is code to one
 * reader and a requirement to another.
 *
 * A line scanner of our own instead of mdast: on this project's two-core build machine mdast takes 0.75 s for 200 KB and
 * 8 s for 1 MB, this a few milliseconds, and nobody here needs an inline syntax tree. It follows CommonMark and is
 * deliberately kinder where people are: list items indented by two under a number or by four under a paragraph, `1.2 Text`,
 * pasted bullets, Markdown between tags such as `<details>`, a comment at the margin that leaves the list open.
 */
export function scanMarkdown(lines: readonly string[]): Scan {
  const frontMatter = readFrontMatter(lines)
  const scanned: ScannedLine[] = []
  const headings: ScannedHeading[] = []
  const fences: ScannedFence[] = []
  const items: OpenItem[] = []
  let fence: OpenFence | undefined
  /** A raw block that runs to its end mark, or to the end of the item it stands in. */
  let raw: { readonly kind: 'comment' | 'html'; readonly column: number } | undefined
  let inComment = false
  /** First line of the open paragraph. */
  let paragraph: number | undefined
  /** Where the item of the open table is; absent outside tables. */
  let table: { readonly item: number | undefined } | undefined
  let quoted = false
  const endsLater = commentEnds(lines, breaksSentence)

  const base = (): number => items.at(-1)?.contentColumn ?? 0
  const add = (
    kind: Exclude<ScannedLine['kind'], 'heading' | 'item' | 'row' | 'text' | 'code'>,
    columns = 0,
    text = '',
    item = items.at(-1)?.line,
  ): void => {
    scanned.push({ kind, text, columns, item })
  }
  const leave = (columns: number): void => {
    while (items.length > 0 && columns < base()) items.pop()
  }
  const itemAt = (columns: number): OpenItem | undefined => items.findLast((item) => item.contentColumn <= columns)
  const endFence = ({ first, language }: OpenFence, end: number, closed: boolean): void => {
    fences.push({ first, end, language, closed })
    fence = undefined
    paragraph = undefined
  }
  /** Without the comments that begin on the line; `mayRun` where they may go on below it. */
  const shown = (index: number, from: number, mayRun: boolean, content: string): Shown => {
    const line = lines[index] ?? ''
    if (!content.includes('<!--')) return { text: content }
    const { hidden, open } = commentsOf(line, from, false, () => mayRun && endsLater(index))
    inComment = open
    return hidden.length === 0 ? { text: content } : { text: withoutHidden(line, from, hidden).trim(), hidden }
  }
  const addText = (index: number, columns: number, { text, hidden }: Shown): void => {
    const continues = paragraph !== undefined
    const item = items.at(-1)?.line
    if (text === '') scanned.push({ kind: 'comment', text, columns, item, ...(hidden !== undefined && { hidden }) })
    else {
      scanned.push({ kind: 'text', text, columns, item, continues, ...(hidden !== undefined && { hidden }) })
      paragraph ??= index
    }
  }
  /** A line that begins inside a block comment, or with one; what stands behind the comment is text and nothing else. */
  const addCommented = (index: number, columns: number, from: number, before: readonly Hidden[]): void => {
    const line = lines[index] ?? ''
    const comments = commentsOf(line, from, true, () => false)
    const hidden = [...before, ...comments.hidden]
    const text = withoutHidden(line, from, hidden).trim()
    paragraph = undefined
    if (text !== '') leave(columns)
    raw = comments.open ? { kind: 'comment', column: raw?.column ?? itemAt(columns)?.contentColumn ?? 0 } : undefined
    if (text === '') scanned.push({ kind: 'comment', text, columns, item: itemAt(columns)?.line, hidden })
    else scanned.push({ kind: 'text', text, columns, item: items.at(-1)?.line, continues: false, hidden })
  }
  const addHeading = (columns: number, heading: ScannedHeading, hidden: readonly Hidden[] | undefined): void => {
    const { level, title: text, first, end } = heading
    const item = items.at(-1)?.line
    scanned[first] = { kind: 'heading', text, columns, item, level, end, ...(hidden !== undefined && { hidden }) }
    if (item === undefined) headings.push(heading)
    paragraph = undefined
  }
  const addItem = (index: number, columns: number, text: string, start: number, marker: Marker): void => {
    while (items.length > 0 && (columns < (items.at(-1)?.markerColumn ?? 0) + 2 || items.length >= MAX_DEPTH))
      items.pop()
    const item = items.at(-1)?.line
    const box = checkBox(marker.rest)
    const content = marker.rest.slice(box?.length ?? 0)
    const column = columns + marker.width
    items.push({ line: index, markerColumn: columns, contentColumn: column })
    paragraph = undefined
    const from = start + text.length - content.length
    let own: Shown = { text: content }
    const opened = openFence(content)
    if (opened !== undefined) {
      fence = { ...opened, first: index, column, columns: column, language: languageOf(content) }
      own = { text: '' }
    } else if (opensRawHtml(content)) {
      if (!RAW_HTML_END.test(content)) raw = { kind: 'html', column }
      own = { text: '' }
    } else if (content.startsWith('>')) {
      quoted = goesOnLazily(content)
      own = { text: '' }
    } else if (startsComment(content)) {
      const line = lines[index] ?? ''
      const { hidden, open } = commentsOf(line, from, true, () => false)
      if (open) raw = { kind: 'comment', column }
      own = { text: withoutHidden(line, from, hidden).trim(), hidden }
    } else {
      const heading = atxHeading(content)
      own = shown(index, from, heading === undefined, content)
      if (heading !== undefined) own = { ...own, text: atxHeading(own.text)?.title ?? own.text }
      else if (own.text !== '') paragraph = index
    }
    scanned.push({ kind: 'item', columns, item, ordinal: marker.ordinal, box: box?.mark, from, ...own })
  }

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const { columns, text, start } = indentOf(line)
    if (index < frontMatter.length) {
      add('front matter', columns, text)
      continue
    }
    const isLeft = (column: number): boolean => column > 0 && text !== '' && columns < column
    if (fence !== undefined) {
      if (isLeft(fence.column)) endFence(fence, index, true)
      else if (closesFence(text, fence) && (columns - fence.column < CODE || columns <= fence.columns)) {
        add('fence', columns, text)
        endFence(fence, index + 1, true)
        continue
      } else {
        const spoken = SPOKEN.test(fence.language)
        scanned.push({ kind: 'code', text, columns, item: items.at(-1)?.line, spoken })
        continue
      }
    }
    if (raw !== undefined && isLeft(raw.column)) raw = undefined
    if (raw?.kind === 'html') {
      add('html', columns, text)
      if (RAW_HTML_END.test(line)) raw = undefined
      continue
    }
    if (raw !== undefined || inComment) {
      const end = endOfComment(line)
      const hidden = [{ from: 0, to: end ?? line.length }]
      if (raw !== undefined && end !== undefined) addCommented(index, columns, end, hidden)
      else if (raw !== undefined || end === undefined)
        scanned.push({ kind: 'comment', text: '', columns, item: itemAt(columns)?.line, hidden })
      else {
        inComment = false
        const rest = shown(index, end, true, line.slice(end).trim())
        addText(index, columns, { text: rest.text, hidden: [...hidden, ...(rest.hidden ?? [])] })
      }
      continue
    }
    if (text === '') {
      add('blank', columns)
      paragraph = undefined
      table = undefined
      quoted = false
      continue
    }

    const near = columns - base() < CODE
    const isRule = near && isThematicBreak(text)
    const marker = isRule ? undefined : listMarker(text)
    const interrupts =
      marker !== undefined &&
      (paragraph === undefined ||
        (marker.rest !== '' && (items.length > 0 || marker.ordinal === undefined || marker.ordinal === '1')))
    // Under a paragraph no line is indented code, so that a fence there is one.
    const opened = near || paragraph !== undefined ? openFence(text) : undefined
    const heading = near ? atxHeading(text) : undefined
    const isQuote = near && text.startsWith('>')
    const isComment = near && startsComment(text)
    const isHtml = near && opensRawHtml(text)
    const startsBlock =
      interrupts || isRule || opened !== undefined || heading !== undefined || isQuote || isComment || isHtml

    if (quoted && !startsBlock) {
      add('quote', columns, text)
      continue
    }
    quoted = false
    if (table !== undefined && !startsBlock) {
      const own = shown(index, start, false, text)
      if (own.text.includes('|')) {
        scanned.push({ kind: 'row', columns, item: table.item, cells: tableCells(own.text), isHeader: false, ...own })
        continue
      }
    }
    table = undefined
    if (isComment) {
      addCommented(index, columns, start, [])
      continue
    }
    // `**Out of scope**` right under a list is no more of its last item to anyone but a strict parser.
    const introduces = columns < base() && introducesList(text, lines[index + 1] ?? '')
    if (paragraph === undefined || startsBlock || introduces) {
      while (
        items.length > 0 &&
        columns < base() &&
        !(interrupts && columns >= (items.at(-1)?.markerColumn ?? 0) + 2)
      ) {
        items.pop()
        paragraph = undefined
      }
    }
    if (columns - base() >= CODE && paragraph === undefined && !(interrupts && items.length > 0)) {
      scanned.push({ kind: 'code', text, columns, item: items.at(-1)?.line, spoken: false })
      continue
    }
    if (paragraph !== undefined && items.length === 0 && near && /^(?:=+|-+)$/.test(text)) {
      const first = paragraph
      const parts = scanned.slice(first)
      const title = parts.flatMap((part) => part.text || []).join(' ')
      for (const [at, { text: own, columns: indent, hidden }] of parts.entries())
        scanned[first + at] = {
          kind: 'underline',
          text: own,
          columns: indent,
          item: undefined,
          ...(hidden && { hidden }),
        }
      add('underline', columns, text)
      const level = text[0] === '=' ? 1 : 2
      addHeading(parts[0]?.columns ?? 0, { level, title, first, end: index + 1 }, parts[0]?.hidden)
      continue
    }
    if (isRule) {
      add('rule', columns, text)
      paragraph = undefined
    } else if (opened !== undefined) {
      fence = { ...opened, first: index, column: base(), columns, language: languageOf(text) }
      add('fence', columns, text)
      paragraph = undefined
    } else if (heading !== undefined) {
      const own = shown(index, start, false, text)
      const title = own.hidden === undefined ? heading.title : (atxHeading(own.text)?.title ?? own.text)
      addHeading(columns, { level: heading.level, title, first: index, end: index + 1 }, own.hidden)
    } else if (isQuote) {
      quoted = goesOnLazily(text)
      add('quote', columns, text)
      paragraph = undefined
    } else if (isHtml) {
      if (!RAW_HTML_END.test(text)) raw = { kind: 'html', column: base() }
      add('html', columns, text)
      paragraph = undefined
    } else if (marker !== undefined && interrupts) addItem(index, columns, text, start, marker)
    else {
      const delimiter = lines[index + 1]
      const isHeader =
        text.includes('|') &&
        delimiter !== undefined &&
        isDelimiterRow(delimiter) &&
        tableCells(text).length === tableCells(delimiter).length
      if (isHeader) {
        const own = shown(index, start, false, text)
        table = { item: items.at(-1)?.line }
        scanned.push({ kind: 'row', columns, ...table, cells: tableCells(own.text), isHeader, ...own })
        add('delimiter row', indentOf(delimiter).columns, delimiter.trim())
        paragraph = undefined
        index++
      } else addText(index, columns, shown(index, start, true, text))
    }
  }
  // A fence inside a list item ends with the item.
  const unclosed = fence?.column === 0 ? 'code fence' : raw?.column === 0 ? 'HTML block' : undefined
  if (fence !== undefined) endFence(fence, lines.length, fence.column > 0)
  return { source: lines, frontMatter, lines: scanned, headings, fences, unclosed }
}

interface Shown {
  readonly text: string
  readonly hidden?: readonly Hidden[]
}

/** Whether lines without a mark go on with a quote. */
function goesOnLazily(text: string): boolean {
  const quoted = text.replace(/^[>\s]+/, '')
  return !(
    quoted === '' ||
    startsComment(quoted) ||
    opensRawHtml(quoted) ||
    isThematicBreak(quoted) ||
    openFence(quoted) ||
    atxHeading(quoted)
  )
}

function introducesList(text: string, next: string): boolean {
  return /^\*\*[^*]+\*\*:?$/.test(text) || (text.endsWith(':') && listMarker(next.trimStart()) !== undefined)
}

/** Whether a line surely ends the paragraph above it. */
function breaksSentence(line: string): boolean {
  const { columns, text } = indentOf(line)
  if (text === '') return true
  if (columns >= CODE) return false
  return (
    text.startsWith('>') ||
    startsComment(text) ||
    opensRawHtml(text) ||
    isThematicBreak(text) ||
    openFence(text) !== undefined ||
    atxHeading(text) !== undefined ||
    (listMarker(text)?.rest ?? '') !== ''
  )
}
