import type { PrdKind } from '../../../schemas/prd.ts'
import type { Extraction } from '../../../schemas/requirement.ts'
import { readOutline, type Section } from '../markdown/outline.ts'
import { wordCount } from '../markdown/plain-text.ts'
import { type Fenced, readProse } from '../markdown/prose.ts'
import { extractFrom } from '../requirement/extract.ts'
import type { Part } from './part.ts'
import { type Passage, readPassages, type SpecificationHeading } from './passage.ts'

/** A specification as rules look at it; read once, before the first of them. */
export interface Specification {
  readonly text: string
  readonly kind: PrdKind
  /** Lines as they are. */
  readonly lines: readonly string[]
  /** The same lines with all that is nobody's own words (code, quotes, comments, addresses) as spaces: columns agree. */
  readonly prose: readonly string[]
  readonly fences: readonly Fenced[]
  /** Of the prose. */
  readonly words: number
  readonly root: Section
  readonly extraction: Extraction
  readonly passages: readonly Passage[]
  /** Passages of requirements, their criteria left out. */
  readonly statements: readonly Passage[]
  /** Headings with their parts, in order. */
  readonly headings: readonly SpecificationHeading[]
  /** Passages of a part. */
  readonly of: (part: Part) => readonly Passage[]
  /** Whether something is said about it, in a section, a keyed line or the front matter. */
  readonly speaksOf: (part: Part) => boolean
}

const IN_FRONT_MATTER: Partial<Record<Part, readonly string[]>> = {
  severity: ['severity', 'priority', 'impact'],
  environment: ['environment', 'version', 'versions', 'platform'],
}

export function readSpecification(text: string, kind: PrdKind): Specification {
  const outline = readOutline(text)
  const lines = outline.scan.source
  const extraction = extractFrom(outline)
  const { prose, fences } = readProse(outline.scan)
  const { passages, headings } = readPassages({ outline, prose, extraction })
  const byPart = new Map<Part, Passage[]>()
  for (const passage of passages) {
    for (const part of passage.parts) {
      const known = byPart.get(part)
      if (known === undefined) byPart.set(part, [passage])
      else known.push(passage)
    }
  }
  const keys = new Set(Object.keys(outline.frontMatter).map((key) => key.toLowerCase()))
  const spoken = new Set<Part>(byPart.keys())
  for (const { parts, line, last } of headings)
    if (parts.some((part) => !spoken.has(part)) && fencesIn({ fences }, line, last).length > 0)
      for (const part of parts) spoken.add(part)
  return {
    text,
    kind,
    lines,
    prose,
    fences,
    words: prose.reduce((sum, line) => sum + wordCount(line), 0),
    root: outline.root,
    extraction,
    passages,
    statements: passages.filter(({ requirement, isCriterion }) => requirement !== undefined && !isCriterion),
    headings,
    of: (part) => byPart.get(part) ?? [],
    speaksOf: (part) => spoken.has(part) || (IN_FRONT_MATTER[part] ?? []).some((key) => keys.has(key)),
  }
}

/** Fences that begin behind a line, up to another one. */
export function fencesIn({ fences }: Pick<Specification, 'fences'>, line: number, last: number): readonly Fenced[] {
  let low = 0
  for (let high = fences.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((fences[middle]?.start ?? 0) > line) high = middle
    else low = middle + 1
  }
  let end = low
  while ((fences[end]?.start ?? Number.POSITIVE_INFINITY) <= last) end++
  return fences.slice(low, end)
}
