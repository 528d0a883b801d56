import type { Outline, Section } from '../markdown/outline.ts'
import { bare } from '../markdown/plain-text.ts'

export interface OutlineHeading {
  /** Its first line, counted from 1. */
  readonly line: number
  readonly title: string
  /** As a line of its own. */
  readonly text: string
  /** Above it, outermost first; the document's title is not among them. */
  readonly above: readonly OutlineHeading[]
}

export interface Headings {
  /** In order. */
  readonly all: readonly OutlineHeading[]
  readonly byLine: ReadonlyMap<number, OutlineHeading>
}

export function readHeadings({ root }: Outline): Headings {
  const all: OutlineHeading[] = []
  const [only, ...others] = root.sections
  const titled = others.length === 0 && only?.heading?.level === 1
  const visit = (section: Section, above: readonly OutlineHeading[]): void => {
    const { heading } = section
    if (heading === undefined) {
      for (const child of section.sections) visit(child, above)
      return
    }
    const own: OutlineHeading = {
      line: heading.start,
      title: bare(heading.text),
      text: `${'#'.repeat(heading.level)} ${heading.text}`,
      above,
    }
    all.push(own)
    const below = titled && section === only ? [] : [...above, own]
    for (const child of section.sections) visit(child, below)
  }
  visit(root, [])
  return { all, byLine: new Map(all.map((heading) => [heading.line, heading])) }
}

/**
 * Called with the lines of one document in order: the headings that have to be repeated in front of a line, because
 * it stands under them in the source and under others, or none, here.
 */
export function createContext(
  { all, byLine }: Headings,
  repeats: boolean,
): (line: number) => readonly OutlineHeading[] {
  let next = 0
  let above: readonly OutlineHeading[] = []
  let before = 0
  let open: readonly OutlineHeading[] = []
  const pathAt = (line: number): readonly OutlineHeading[] => {
    for (let heading = all[next]; heading !== undefined && heading.line < line; heading = all[++next])
      above = below(heading)
    return above
  }
  return (line) => {
    const heading = byLine.get(line)
    const contiguous = line === before + 1
    before = line
    if (contiguous && heading === undefined) return []
    const wanted = heading === undefined ? pathAt(line) : heading.above
    let same = 0
    while (same < wanted.length && open[same] === wanted[same]) same++
    const missing = contiguous || !repeats ? [] : wanted.slice(same)
    const leftBelow = heading === undefined && missing.length === 0 && open.length > wanted.length
    open = heading === undefined ? wanted : below(heading)
    if (!repeats || contiguous) return []
    return leftBelow ? wanted.slice(-1) : missing
  }
}

function below(heading: OutlineHeading): readonly OutlineHeading[] {
  return heading.above.length === 0 && heading.text.startsWith('# ') ? [] : [...heading.above, heading]
}
