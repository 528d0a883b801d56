/** A line of prose with its number in the original text, counted from 1. Trimmed, never blank. */
export interface TextLine {
  readonly text: string
  readonly line: number
}

export interface Heading {
  readonly kind: 'heading'
  readonly level: number
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface Paragraph {
  readonly kind: 'paragraph'
  readonly lines: TextLine[]
}

export interface ListItem {
  readonly kind: 'item'
  /** As written, without its dot: `3`, `1.2`; absent on a bullet. */
  readonly ordinal?: string
  readonly checkbox: boolean
  readonly checked: boolean
  /** The line of its marker. */
  readonly start: number
  /** First paragraph of the item. */
  readonly own: TextLine[]
  readonly children: Block[]
}

export interface TableRow {
  readonly cells: readonly string[]
  readonly line: number
}

export interface Table {
  readonly kind: 'table'
  readonly header: TableRow
  readonly rows: TableRow[]
}

export type Block = Heading | Paragraph | ListItem | Table

/** Last line of a block, what is nested in it included. */
export function endOf(block: Block): number {
  switch (block.kind) {
    case 'heading':
      return block.end
    case 'paragraph':
      return block.lines.at(-1)?.line ?? 1
    case 'table':
      return block.rows.at(-1)?.line ?? block.header.line + 1
    case 'item': {
      const last = block.children.at(-1)
      return last === undefined ? (block.own.at(-1)?.line ?? block.start) : endOf(last)
    }
  }
}
