import type { Block, Heading } from './markdown-block.ts'
import { blocksOf } from './markdown-blocks.ts'
import { splitLines } from './markdown-line.ts'
import { scanMarkdown } from './markdown-scan.ts'
import { bare } from './plain-text.ts'
import type { Scan } from './scanned-line.ts'
import { roleOf, type SectionRole } from './section-role.ts'

/** A heading with what stands under it; the root section has none. */
export interface Section {
  readonly heading: Heading | undefined
  /** What its heading says about it. */
  readonly role: SectionRole | undefined
  /** Headings above it, outermost first, its own not included. */
  readonly above: readonly string[]
  readonly blocks: Exclude<Block, Heading>[]
  readonly sections: Section[]
}

export interface Outline {
  readonly scan: Scan
  readonly frontMatter: Readonly<Record<string, unknown>>
  readonly title: string | undefined
  readonly root: Section
}

export function readOutline(text: string): Outline {
  const scan = scanMarkdown(splitLines(text))
  const root: Section = { heading: undefined, role: undefined, above: [], blocks: [], sections: [] }
  const open: Section[] = [root]
  let title: string | undefined
  for (const block of blocksOf(scan)) {
    if (block.kind !== 'heading') {
      open.at(-1)?.blocks.push(block)
      continue
    }
    if (block.level === 1) title ??= bare(block.text)
    while (open.length > 1 && !standsUnder(block, open.at(-1)?.heading)) open.pop()
    const parent = open.at(-1) ?? root
    const above = parent.heading === undefined ? [] : [...parent.above, bare(parent.heading.text)]
    const section: Section = { heading: block, role: roleOf(block.text), above, blocks: [], sections: [] }
    parent.sections.push(section)
    open.push(section)
  }
  return { scan, frontMatter: scan.frontMatter.values, title: title === '' ? undefined : title, root }
}

/** By its level; or by its number: `## 4.1 Export` stands in `## 4. Requirements`. */
function standsUnder(heading: Heading, above: Heading | undefined): boolean {
  if (above === undefined || above.level < heading.level) return true
  const number = numberOf(heading)
  const outer = numberOf(above)
  return outer.length > 0 && number.length > outer.length && outer.every((part, index) => part === number[index])
}

function numberOf(heading: Heading): readonly string[] {
  return /^(\d{1,4}(?:\.\d{1,4}){0,5})[.)]?\s/.exec(bare(heading.text))?.[1]?.split('.') ?? []
}

/** Headings above the content of a section, its own included. */
export function pathOf(section: Section): readonly string[] {
  return section.heading === undefined ? [] : [...section.above, bare(section.heading.text)]
}
