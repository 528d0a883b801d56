import type { Hidden } from './comments.ts'
import type { FrontMatter } from './front-matter.ts'

interface Common {
  /** Without indentation, marker, check box and comments; the title of a heading. */
  readonly text: string
  /** Of its indentation. */
  readonly columns: number
  /** Line of the list item it stands in, for an item of the one around it; lines count from 0. */
  readonly item: number | undefined
  /** What comments take of it, in columns of the line as it is. */
  readonly hidden?: readonly Hidden[]
}

/** A line of a Markdown text, and what it is. */
export type ScannedLine = Common &
  (
    | {
        /**
         * `fence` opens or closes a block of code, `code` stands in one or is indented as such. A `comment` shows nothing.
         * `html` is raw, such as what `<pre>` holds. `underline` is a line of a heading that has several, but its first.
         */
        readonly kind:
          | 'front matter'
          | 'blank'
          | 'fence'
          | 'comment'
          | 'html'
          | 'quote'
          | 'rule'
          | 'underline'
          | 'delimiter row'
      }
    | {
        readonly kind: 'code'
        /** Scenarios in a fence are what the product shall do, not code. */
        readonly spoken: boolean
      }
    | {
        readonly kind: 'heading'
        readonly level: number
        /** The line after its last one. */
        readonly end: number
      }
    | {
        readonly kind: 'item'
        /** As written, without its dot: `3`, `1.2`; absent on a bullet. */
        readonly ordinal: string | undefined
        /** What stands in its check box: a blank, `x`, or a sign of the project's own in small letters. */
        readonly box: string | undefined
        /** Where its content begins on the line as it is, behind marker and check box. */
        readonly from: number
      }
    | { readonly kind: 'row'; readonly cells: readonly string[]; readonly isHeader: boolean }
    | {
        readonly kind: 'text'
        /** It goes on with the paragraph of the line above. */
        readonly continues: boolean
      }
  )

/** A heading of the document itself, none inside a list; lines count from 0. */
export interface ScannedHeading {
  readonly level: number
  readonly title: string
  readonly first: number
  /** The line after its last one: a heading underlined with `===` or `---` has several. */
  readonly end: number
}

/** A fenced block with its fences; lines count from 0. */
export interface ScannedFence {
  readonly first: number
  /** The line after its last one. */
  readonly end: number
  /** The word behind the opening fence, in small letters. */
  readonly language: string
  /** Something ends it before the text ends. */
  readonly closed: boolean
}

export interface Scan {
  /** The lines as they are. */
  readonly source: readonly string[]
  readonly frontMatter: FrontMatter
  /** What each of them is. */
  readonly lines: readonly ScannedLine[]
  readonly headings: readonly ScannedHeading[]
  readonly fences: readonly ScannedFence[]
  /** What runs to the end of the text because nothing closes it. */
  readonly unclosed: 'code fence' | 'HTML block' | undefined
}
