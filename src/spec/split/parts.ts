import type { ExtractedRequirement } from '../../../schemas/requirement.ts'
import type { Section } from '../markdown/outline.ts'
import { bare } from '../markdown/plain-text.ts'

/** A section with all its lines and the requirements that begin in them; the root is the whole text. */
export interface Part {
  readonly title: string
  readonly section: Section
  readonly start: number
  readonly end: number
  readonly requirements: readonly ExtractedRequirement[]
  readonly parts: readonly Part[]
  /** Its heading is a requirement's, so what stands below belongs to that one. */
  readonly isRequirement: boolean
}

export function readParts(root: Section, requirements: readonly ExtractedRequirement[], lastLine: number): Part {
  const sorted = requirements.toSorted((a, b) => a.lines.start - b.lines.start)
  return partOf(root, 1, lastLine, sorted)
}

/** `requirements` are those that begin in the lines, in order. */
function partOf(section: Section, start: number, end: number, requirements: readonly ExtractedRequirement[]): Part {
  let next = 0
  const take = (last: number): readonly ExtractedRequirement[] => {
    const from = next
    while (next < requirements.length && (requirements[next]?.lines.start ?? 0) <= last) next++
    return requirements.slice(from, next)
  }
  take((section.sections[0]?.heading?.start ?? end + 1) - 1)
  const parts = section.sections.map((child, index) => {
    const last = (section.sections[index + 1]?.heading?.start ?? end + 1) - 1
    return partOf(child, child.heading?.start ?? start, last, take(last))
  })
  return {
    title: bare(section.heading?.text ?? '').replace(/^\d[\d.]*[.)]?\s+/, ''),
    section,
    start,
    end,
    requirements,
    parts,
    isRequirement: section.heading !== undefined && requirements[0]?.lines.start === start,
  }
}

/** Sections that say how well or how much, for everything at once; they stay together. */
export function isShared(title: string): boolean {
  return SHARED.test(title)
}

/** Sections that divide a text by kind of statement, not by what is built. */
export function isKind(title: string): boolean {
  return SHARED.test(title) || KINDS.test(title)
}

const SHARED =
  /\b(?:non[- ]?functional|nfrs?|quality (?:attributes?|requirements?)|quality$|security|privacy|performance|accessibility|availability|reliability|compliance|constraints?|definition of done|success (?:criteria|metrics)|measurable outcomes|technical (?:requirements?|constraints?)|robustness)\b/i
const KINDS =
  /\b(?:requirements?|functional|must|should|could|won['’]t|nice[- ]to[- ]have|rules|features|stor(?:y|ies)|scenarios?|acceptance|criteria|inventory|behaviou?r|overview|details|in scope|scope|use cases|mvp|phase \d|release \d|part \d)\b/i
