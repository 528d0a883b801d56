import {
  atxHeading,
  closesFence,
  type Fence,
  indentOf,
  isThematicBreak,
  listMarker,
  openFence,
} from './document-line.ts'
import { readFrontMatter } from './front-matter.ts'

/** A heading of the document itself (none inside lists, quotes, code or HTML); lines counted from 0. */
interface Heading {
  readonly level: number
  readonly title: string
  readonly first: number
  /** The line after its last one: a heading underlined with `===` or `---` has several. */
  readonly end: number
}

export interface Scan {
  readonly headings: readonly Heading[]
  /** Fenced code blocks that are closed, with their fences. */
  readonly fences: readonly { readonly first: number; readonly end: number }[]
  /** What runs to the end of the text because nothing closes it. */
  readonly unclosed: 'code fence' | 'HTML block' | undefined
}

/**
 * Finds headings and fenced code as CommonMark does, line by line. No syntax tree: mdast takes 8 s for 1 MB on the
 * build machine, this a few milliseconds.
 */
export function scanMarkdown(lines: readonly string[]): Scan {
  const headings: Heading[] = []
  const fences: { first: number; end: number }[] = []
  /** Content columns of the open list items, outermost first. */
  const items: number[] = []
  let fence: (Fence & { readonly column: number; readonly first: number }) | undefined
  let htmlEnd: string | undefined
  /** First line of an open paragraph outside lists and quotes: the title, should an underline follow. */
  let paragraph: number | undefined
  let quoted = false
  let afterBlank = true

  for (let index = readFrontMatter(lines).length; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const { columns, text } = indentOf(line)
    if (fence !== undefined) {
      const leftItem = text !== '' && columns < fence.column
      if (leftItem) fences.push({ first: fence.first, end: index })
      else if (closesFence(text, fence)) fences.push({ first: fence.first, end: index + 1 })
      else continue
      fence = undefined
      if (!leftItem) continue
    }
    if (htmlEnd !== undefined) {
      if (line.toLowerCase().includes(htmlEnd)) htmlEnd = undefined
      continue
    }
    if (text === '') {
      paragraph = undefined
      quoted = false
      afterBlank = true
      continue
    }
    const blankBefore = afterBlank
    afterBlank = false
    if (paragraph !== undefined && columns <= 3 && /^(?:=+|-+)$/.test(text)) {
      const title = lines.slice(paragraph, index).map((part) => part.trim())
      headings.push({ level: text[0] === '=' ? 1 : 2, title: title.join(' '), first: paragraph, end: index + 1 })
      paragraph = undefined
      continue
    }
    const marker = isThematicBreak(text) ? undefined : listMarker(text)
    const heading = atxHeading(text)
    const startsBlock =
      marker !== undefined || heading !== undefined || openFence(text) !== undefined || isThematicBreak(text)
    // A line of plain text directly after an item's belongs to that item however little it is indented.
    if (blankBefore || startsBlock) while (columns < (items.at(-1) ?? 0)) items.pop()
    if (columns - (items.at(-1) ?? 0) >= 4 && paragraph === undefined) continue
    if (columns - (items.at(-1) ?? 0) >= 4 && items.length === 0) continue
    let content = text
    if (marker !== undefined) {
      items.push(columns + marker.length)
      content = text.slice(marker.length)
    }
    const opened = openFence(content)
    if (opened !== undefined) {
      fence = { ...opened, column: items.at(-1) ?? 0, first: index }
    } else if (heading !== undefined && items.length === 0) {
      headings.push({ ...heading, first: index, end: index + 1 })
    } else htmlEnd = htmlBlockEnd(content)
    const isHtml = /^<(?:!--|pre\b|script\b|style\b|textarea\b)/i.test(content)
    if (startsBlock || isHtml || content.startsWith('>')) {
      paragraph = undefined
      quoted = content.startsWith('>')
    } else if (items.length === 0 && !quoted) paragraph ??= index
  }
  // A fence inside a list item ends with the item.
  const unclosed = fence?.column === 0 ? 'code fence' : htmlEnd === undefined ? undefined : 'HTML block'
  return { headings, fences, unclosed }
}

/** What ends the HTML block a line opens and does not close itself. */
function htmlBlockEnd(content: string): string | undefined {
  const element = /^<(pre|script|style|textarea)\b/i.exec(content)?.[1]?.toLowerCase()
  const end = element === undefined ? '-->' : `</${element}>`
  if (element === undefined && !content.startsWith('<!--')) return undefined
  return content.toLowerCase().includes(end) ? undefined : end
}
