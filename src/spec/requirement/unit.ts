import type { SourceLines } from '../../../schemas/requirement.ts'
import { type Block, endOf, type Heading, type Table, type TextLine } from '../markdown/markdown-block.ts'
import { isStrictEars } from './ears.ts'
import { startsScenario, stepKeyword } from './gherkin.ts'
import { parseKeyed } from './keyed.ts'
import { parseLabel } from './label.ts'

/** A list item, or the part of a paragraph that says one thing. */
export interface Unit {
  readonly kind: 'unit'
  readonly marker: 'none' | 'bullet' | 'number' | 'checkbox'
  readonly ordinal?: string
  /** A ticked checkbox. */
  readonly checked: boolean
  readonly own: readonly TextLine[]
  /** Own lines joined. */
  readonly text: string
  readonly children: readonly ContentBlock[]
  readonly lines: SourceLines
}

export type ContentBlock = Exclude<Block, Heading>

function textOf(lines: readonly TextLine[]): string {
  const [only] = lines
  if (only !== undefined && lines.length === 1) return only.text.replace(/\\$/, '')
  return lines.map((line) => line.text.replace(/\\$/, '')).join(' ')
}

/** Requirements, scenarios and questions each look at the same blocks; cutting them is half the work of an extraction. */
const cut = new WeakMap<readonly Block[], readonly (Unit | Table)[]>()

/** Cuts blocks, once they are complete, into units; tables pass. A heading inside a list item counts for nothing and is not there. */
export function toUnits(blocks: readonly Block[]): readonly (Unit | Table)[] {
  // Most items hold nothing: tens of thousands of them would be most of what is remembered.
  if (blocks.length === 0) return []
  const known = cut.get(blocks)
  if (known !== undefined) return known
  const units = cutBlocks(blocks)
  cut.set(blocks, units)
  return units
}

function cutBlocks(blocks: readonly Block[]): readonly (Unit | Table)[] {
  return blocks.flatMap((block): readonly (Unit | Table)[] => {
    if (block.kind === 'heading') return []
    if (block.kind === 'table') return [block]
    if (block.kind === 'paragraph') return segmentsOf(block.lines).map((lines) => paragraphUnit(lines))
    const [own = [], ...more] = segmentsOf(block.own)
    const children: ContentBlock[] = []
    for (const lines of more) children.push({ kind: 'paragraph', lines: [...lines] })
    for (const child of block.children) if (child.kind !== 'heading') children.push(child)
    return [
      {
        kind: 'unit',
        marker: block.checkbox ? 'checkbox' : block.ordinal !== undefined ? 'number' : 'bullet',
        ...(block.ordinal !== undefined && { ordinal: block.ordinal }),
        checked: block.checked,
        own,
        text: textOf(own),
        children,
        lines: { start: block.start, end: endOf(block) },
      },
    ]
  })
}

function paragraphUnit(own: readonly TextLine[]): Unit {
  const lines = { start: own[0]?.line ?? 1, end: own.at(-1)?.line ?? 1 }
  return { kind: 'unit', marker: 'none', checked: false, own, text: textOf(own), children: [], lines }
}

/** Lines that open with an id, a bold key or a Gherkin keyword start a thought of their own, also inside one paragraph. */
function segmentsOf(lines: readonly TextLine[]): readonly (readonly TextLine[])[] {
  if (lines.length < 2) return lines.length === 0 ? [] : [lines]
  const keywords = lines.map((line) => stepKeyword(line.text))
  const hasSteps =
    keywords.filter((keyword) => keyword !== undefined).length > 1 &&
    (keywords.includes('given') || (keywords.includes('when') && keywords.includes('then')))
  const segments: TextLine[][] = []
  for (const [index, line] of lines.entries()) {
    const starts =
      index === 0 ||
      (hasSteps && keywords[index] !== undefined) ||
      startsScenario(line.text) ||
      parseKeyed(line.text) !== undefined ||
      startsLabelled(line.text) ||
      startsEars(lines[index - 1]?.text ?? '', line.text)
    if (starts) segments.push([line])
    else segments.at(-1)?.push(line)
  }
  return segments
}

function startsLabelled(text: string): boolean {
  const labelled = parseLabel(text)
  return labelled !== undefined && labelled.family !== 'other' && labelled.rest !== ''
}

/** One EARS sentence a line, without a blank line between. */
function startsEars(before: string, text: string): boolean {
  return /[.:;]$/.test(before) && isStrictEars(text)
}
