import type { ExtractedRequirement, SourceLines } from '../../../schemas/requirement.ts'
import { countCommon, stemsOf } from '../check/statement.ts'
import { mentionedLabels } from '../requirement/label.ts'
import type { Section } from '../requirement/outline.ts'
import { bare } from '../requirement/plain-text.ts'

/** A part of the text that could be built by itself. */
export interface Capability {
  readonly title: string
  /** Whole sections, or whole requirements of a flat list. */
  readonly lines: readonly SourceLines[]
  readonly requirements: readonly ExtractedRequirement[]
}

interface Group extends Capability {
  readonly stems: ReadonlySet<string>
  /** Ids it defines, and ids its requirements mention, in capitals. */
  readonly labels: ReadonlySet<string>
  readonly mentions: ReadonlySet<string>
}

/** This much of the smaller vocabulary in common, and two groups are about the same thing. */
const SAME = 0.4
/** Groups hold this much of all requirements, or the text is not divided by them. */
const COVERED = 0.7
const MIN_REQUIREMENTS = 2

/**
 * Capabilities by the text's own sections: those that share no words and no ids stand apart; what does not fits
 * together. One where the text is about one thing.
 */
export function findCapabilities(
  root: Section,
  requirements: readonly ExtractedRequirement[],
  lastLine: number,
): readonly Capability[] {
  const groups = groupsOf(root, requirements, lastLine)
  if (groups.length < 2) return groups
  const common = commonStems(groups)
  const telling = groups.map(({ stems }) => new Set([...stems].filter((stem) => !common.has(stem))))
  const owner = groups.map((_, index) => index)
  const find = (index: number): number => (owner[index] === index ? index : find(owner[index] ?? index))
  for (const [left, group] of groups.entries()) {
    for (let right = left + 1; right < groups.length; right++) {
      const other = groups[right]
      const a = telling[left] ?? new Set<string>()
      const b = telling[right] ?? new Set<string>()
      if (other === undefined) continue
      const overlap = countCommon(a, b) / Math.max(1, Math.min(a.size, b.size))
      if (overlap >= SAME || shares(group.mentions, other.labels) || shares(other.mentions, group.labels))
        owner[find(right)] = find(left)
    }
  }
  const merged = Map.groupBy(groups.keys(), find)
  return [...merged.values()].map((indexes) => {
    const members = indexes.flatMap((index) => groups[index] ?? [])
    return {
      title: members
        .map(({ title }) => title)
        .slice(0, 3)
        .join(', '),
      lines: members.flatMap(({ lines }) => lines).sort((a, b) => a.start - b.start),
      requirements: members.flatMap((member) => member.requirements),
    }
  })
}

/** The sections among which most requirements are divided, however deep they lie. */
function groupsOf(section: Section, requirements: readonly ExtractedRequirement[], last: number): readonly Group[] {
  const children = section.sections.map((child, index) => {
    const start = child.heading?.start ?? 1
    const end = (section.sections[index + 1]?.heading?.start ?? last + 1) - 1
    const own = requirements.filter(({ lines }) => lines.start >= start && lines.start <= end)
    return { child, start, end, own }
  })
  const total = children.reduce((sum, { own }) => sum + own.length, 0)
  // A requirement's own heading divides nothing.
  const dividing = children.filter(
    ({ own, start }) => own.length >= MIN_REQUIREMENTS && own.every(({ lines }) => lines.start > start),
  )
  const covered = dividing.reduce((sum, { own }) => sum + own.length, 0)
  if (
    dividing.length >= 2 &&
    covered >= COVERED * total &&
    !dividing.some(({ child }) => IS_KIND.test(bare(child.heading?.text ?? '')))
  ) {
    return dividing.map(({ child, start, end, own }) => ({
      title: bare(child.heading?.text ?? '').replace(/^\d[\d.]*\s+/, ''),
      lines: [{ start, end }],
      requirements: own,
      labels: new Set(own.flatMap(({ label }) => (label === undefined ? [] : [label.toUpperCase()]))),
      mentions: new Set(own.flatMap(({ text }) => mentionedLabels(text))),
      stems: new Set(
        own.flatMap(({ text, criteria }) => [
          ...stemsOf([text, ...criteria.map((criterion) => criterion.text)].join(' ')),
        ]),
      ),
    }))
  }
  const main = children.find(({ own }) => own.length >= COVERED * requirements.length && own.length > 0)
  return main === undefined ? [] : groupsOf(main.child, main.own, main.end)
}

/** Sections that divide by kind of requirement, not by what is built. */
const IS_KIND =
  /\b(?:non[- ]?functional|functional|quality|must|should|could|business rules|security|performance|constraints?)\b/i

function commonStems(groups: readonly Group[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { stems } of groups) for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count > 2 && count > groups.length / 2).map(([stem]) => stem))
}

function shares(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return countCommon(a.size < b.size ? a : b, a.size < b.size ? b : a) > 0
}
