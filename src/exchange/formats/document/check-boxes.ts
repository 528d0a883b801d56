import { atxHeading, closesFence, type Fence, indentOf, openFence } from '../../../spec/markdown/markdown-line.ts'

export interface CheckBox {
  /** Behind the box, on its line. */
  readonly text: string
  /** What stands in the box: a blank, `x`, or a sign of the project's own. */
  readonly mark: string
  /** Lines that belong to it, less its indentation; boxes inside it are boxes of their own. */
  readonly more: readonly string[]
  /** Line in the file, counted from 1. */
  readonly line: number
  /** Headings above it, outermost first. */
  readonly headings: readonly string[]
  /** Index of the box it stands in. */
  readonly parent: number | undefined
}

export interface CheckBoxes {
  readonly boxes: readonly CheckBox[]
  /** The file without its boxes and what belongs to them. */
  readonly prose: string
}

const BOX = /^(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX~/-])\](?:[ \t]+|$)(.*)$/

interface Open {
  readonly index: number
  readonly columns: number
}

/** Finds the check boxes of a list in Markdown; those in code and in comments are text. */
export function readCheckBoxes(text: string): CheckBoxes {
  const boxes: (CheckBox & { readonly more: string[] })[] = []
  const prose: string[] = []
  const headings: { readonly level: number; readonly title: string }[] = []
  let open: Open[] = []
  let fence: Fence | undefined
  let comment = false
  let blank = false
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    const { columns, text: content } = indentOf(line)
    const inText = fence !== undefined || comment
    if (fence !== undefined) {
      if (closesFence(content, fence)) fence = undefined
    } else if (comment) comment = !content.includes('-->')
    else {
      fence = openFence(content)
      comment = content.startsWith('<!--') && !content.includes('-->')
    }
    const heading = inText || columns > 3 ? undefined : atxHeading(content)
    if (heading !== undefined) {
      while ((headings.at(-1)?.level ?? 0) >= heading.level) headings.pop()
      headings.push(heading)
      open = []
    }
    const match = inText ? null : BOX.exec(content)
    if (match !== null) {
      open = open.filter((box) => box.columns < columns)
      const parent = open.at(-1)?.index
      open.push({ index: boxes.length, columns })
      boxes.push({
        text: (match[2] ?? '').trim(),
        mark: (match[1] ?? ' ').toLowerCase(),
        more: [],
        line: index + 1,
        headings: headings.map(({ title }) => title),
        parent,
      })
    } else if (content === '') {
      const last = open.at(-1)
      if (last === undefined) prose.push('')
      else boxes[last.index]?.more.push('')
    } else {
      // After a blank line, and for a list or heading, a line belongs to what it is indented under.
      const lazy = !blank && !inText && !/^(?:[-*+]|\d{1,9}[.)])[ \t]|^#|^(?:\*\*|-{3,}|`{3,}|~{3,}|>|<)/.test(content)
      if (!lazy && !inText) open = open.filter((box) => box.columns < columns)
      const last = open.at(-1)
      if (last === undefined) prose.push(line.trimEnd())
      else boxes[last.index]?.more.push(unindent(line.trimEnd(), last.columns + 2))
    }
    blank = content === ''
  }
  return {
    boxes: boxes.map((box) => ({ ...box, more: trimmed(box.more) })),
    prose: prose
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  }
}

function unindent(line: string, columns: number): string {
  const { columns: own } = indentOf(line)
  return own >= columns ? line.replace(/^[ \t]+/, (space) => space.slice(Math.min(columns, space.length))) : line.trim()
}

function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== '')
  return lines.slice(0, last + 1)
}
