import type { Block, ListItem, Paragraph, Table, TextLine } from './markdown-block.ts'
import type { Scan } from './scanned-line.ts'

/**
 * The blocks requirements can stand in: headings, paragraphs, list items and tables, each with its source lines. Code
 * (but Gherkin), quotes, comments and raw HTML are left out.
 */
export function blocksOf({ lines }: Scan): readonly Block[] {
  const root: Block[] = []
  /** Items by the line of their marker. */
  const items = new Map<number, ListItem>()
  let paragraph: TextLine[] | undefined
  let table: Table | undefined

  const blocksIn = (item: number | undefined): Block[] =>
    (item === undefined ? undefined : items.get(item)?.children) ?? root
  const addText = (text: string, line: number, place: number | undefined, continues: boolean): void => {
    if (paragraph === undefined || !continues) {
      const item = place === undefined ? undefined : items.get(place)
      if (item !== undefined && item.own.length === 0 && item.children.length === 0) paragraph = item.own
      else {
        const block: Paragraph = { kind: 'paragraph', lines: [] }
        paragraph = block.lines
        blocksIn(place).push(block)
      }
    }
    paragraph.push({ text, line })
  }

  for (const [index, line] of lines.entries()) {
    const { kind, text, item } = line
    const number = index + 1
    switch (kind) {
      case 'text':
        addText(text, number, item, line.continues)
        break
      case 'item': {
        const { ordinal, box } = line
        const block: ListItem = {
          kind: 'item',
          ...(ordinal !== undefined && { ordinal }),
          checkbox: box !== undefined,
          checked: box === 'x',
          start: number,
          own: [],
          children: [],
        }
        blocksIn(item).push(block)
        items.set(index, block)
        paragraph = undefined
        if (text !== '') addText(text, number, index, false)
        break
      }
      case 'heading':
        // One inside an item is a line of the item.
        if (item === undefined) root.push({ kind, level: line.level, text, start: number, end: line.end })
        else if (text !== '') addText(text, number, item, false)
        paragraph = undefined
        break
      case 'row': {
        const row = { cells: line.cells, line: number }
        if (line.isHeader) {
          table = { kind: 'table', header: row, rows: [] }
          blocksIn(item).push(table)
        } else table?.rows.push(row)
        paragraph = undefined
        break
      }
      case 'code':
        if (line.spoken && text !== '') addText(text, number, item, true)
        else paragraph = undefined
        break
      // A comment inside a sentence.
      case 'comment':
        break
      default:
        paragraph = undefined
    }
  }
  return root
}
