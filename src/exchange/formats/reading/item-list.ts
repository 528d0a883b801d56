import { splitLines, unindent } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import { ownLines } from './own-lines.ts'

/** Backlog.md numbers what it lists. */
const NUMBER = /^#\d{1,6}\s+/

export interface Item {
  readonly text: string
  /** Of a check box. */
  readonly checked: boolean
}

/** Items of a list written in Markdown, each with the lines that belong to it, and the prose beside them. */
export function readItems(text: string): { readonly items: readonly Item[]; readonly prose: string } {
  const lines = splitLines(text)
  const items: { readonly lines: string[]; readonly checked: boolean; readonly columns: number }[] = []
  const prose: string[] = []
  /** By the line of an item, the outermost one it is or stands in. */
  const outermost = new Map<number, number>()
  for (const [index, scanned] of scanMarkdown(lines).lines.entries()) {
    const line = lines[index] ?? ''
    const holder = scanned.item === undefined ? undefined : outermost.get(scanned.item)
    if (scanned.kind === 'item') outermost.set(index, holder ?? items.length)
    if (scanned.kind === 'item' && holder === undefined) {
      const { text: own, more } = ownLines(line, scanned)
      const checked = scanned.box === 'x'
      items.push({ lines: [own.replace(NUMBER, ''), ...more], checked, columns: scanned.columns })
      continue
    }
    const item = holder === undefined ? undefined : items[holder]
    if (scanned.kind === 'blank' || item === undefined) prose.push(line)
    else if (scanned.kind === 'code') item.lines.push(unindent(line, item.columns + 2))
    else item.lines.push(line.trim())
  }
  return {
    items: items
      .map((item) => ({ text: item.lines.join('\n').trim(), checked: item.checked }))
      .filter((item) => item.text !== ''),
    prose: prose.join('\n').trim(),
  }
}

/** A text as a list: its items where it is one, else its paragraphs. `whole` where the list says all the text does. */
export function asList(text: string): { readonly items: readonly string[]; readonly whole: boolean } {
  const { items, prose } = readItems(text)
  if (items.length > 0) return { items: items.map((item) => item.text), whole: prose === '' }
  const paragraphs = text.split(/\r?\n\s*\n/).map((paragraph) => paragraph.trim())
  return { items: paragraphs.filter((paragraph) => paragraph !== ''), whole: true }
}
