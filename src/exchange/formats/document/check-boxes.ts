import { splitLines, unindent } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import { ownLines } from '../reading/own-lines.ts'

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

/** Finds the check boxes of a list in Markdown; those in code, quotes and comments are text. */
export function readCheckBoxes(text: string): CheckBoxes {
  const lines = splitLines(text)
  const boxes: (CheckBox & { readonly columns: number; readonly more: string[] })[] = []
  const prose: string[] = []
  const headings: { readonly level: number; readonly title: string }[] = []
  /** By the line of an item, the box that it is or stands in. */
  const boxOf = new Map<number, number>()
  for (const [index, scanned] of scanMarkdown(lines).lines.entries()) {
    const line = lines[index] ?? ''
    const parent = scanned.item === undefined ? undefined : boxOf.get(scanned.item)
    if (scanned.kind === 'heading' && scanned.item === undefined) {
      while ((headings.at(-1)?.level ?? 0) >= scanned.level) headings.pop()
      headings.push({ level: scanned.level, title: scanned.text })
    }
    if (scanned.kind === 'item' && scanned.box !== undefined) {
      boxOf.set(index, boxes.length)
      boxes.push({
        ...ownLines(line, scanned),
        mark: scanned.box,
        line: index + 1,
        headings: headings.map(({ title }) => title),
        parent,
        columns: scanned.columns,
      })
      continue
    }
    if (scanned.kind === 'item' && parent !== undefined) boxOf.set(index, parent)
    const box = parent === undefined ? undefined : boxes[parent]
    if (box === undefined) prose.push(line.trimEnd())
    else box.more.push(unindent(line, box.columns + 2))
  }
  return {
    boxes: boxes.map(({ columns: _, ...box }) => ({ ...box, more: trimmed(box.more) })),
    prose: prose
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  }
}

function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== '')
  return lines.slice(0, last + 1)
}
