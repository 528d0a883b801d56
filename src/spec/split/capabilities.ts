import type { ExtractedRequirement, SourceLines } from '../../../schemas/requirement.ts'
import { countCommon, stemsOf } from '../check/statement.ts'
import { mentionedLabels } from '../requirement/label.ts'
import { isKind, type Part } from './parts.ts'

/** A part of the text that could be built by itself. */
export interface Capability {
  readonly title: string
  /** Whole sections. */
  readonly lines: readonly SourceLines[]
  readonly requirements: readonly ExtractedRequirement[]
}

interface Group extends Capability {
  /** What its requirements speak of. */
  readonly stems: ReadonlySet<string>
  /** What it is about: stems in at least a third of its requirements. */
  readonly topics: ReadonlySet<string>
}

/** This much of the smaller vocabulary in common, and two groups are about the same thing. */
const SAME = 0.4
/** Sections hold this much of the requirements, or the text is not divided by them. */
const COVERED = 0.5
const ALMOST_ALL = 0.9
const MIN_IN_SECTION = 2
/** With fewer requirements a section is a part of another capability. */
const MIN_IN_CAPABILITY = 3
/** With more sections a text is a catalogue, in which pairs say nothing and cost much. */
const MAX_GROUPS = 60

/**
 * Capabilities by the text's own sections: those that share neither topic nor vocabulary nor ids stand apart; the others
 * fit together. Fewer than two where the text is about one thing.
 */
export function findCapabilities(root: Part): readonly Capability[] {
  const parts = divisionOf(root)
  if (parts.length < 2 || parts.length > MAX_GROUPS) return []
  const wording = templateWords(parts)
  const groups = parts.map((part) => groupOf(part, wording))
  const owner = groups.map((_, index) => index)
  const find = (index: number): number => (owner[index] === index ? index : find(owner[index] ?? index))
  const join = (left: number, right: number): void => {
    const [a, b] = [find(left), find(right)]
    owner[Math.max(a, b)] = Math.min(a, b)
  }
  const placeOf = labelPlaces(groups)
  for (const [left, group] of groups.entries()) {
    for (const [right, other] of groups.entries()) {
      if (right > left && (overlapOf(group, other) >= SAME || countCommon(group.topics, other.topics) > 0))
        join(left, right)
    }
    for (const { text } of group.requirements)
      for (const label of mentionedLabels(text)) {
        const place = placeOf.get(label)
        if (place !== undefined) join(left, place)
      }
  }
  const sizeOf = (index: number): number =>
    groups.reduce((sum, { requirements }, at) => sum + (find(at) === find(index) ? requirements.length : 0), 0)
  for (const [index, group] of groups.entries()) {
    if (sizeOf(index) >= MIN_IN_CAPABILITY) continue
    const others = groups.flatMap((other, at) =>
      find(at) === find(index) ? [] : [{ at, share: overlapOf(group, other) }],
    )
    const nearest = others.toSorted((a, b) => b.share - a.share || Math.abs(a.at - index) - Math.abs(b.at - index))[0]
    if (nearest !== undefined) join(index, nearest.at)
  }
  return [...Map.groupBy(groups.keys(), find).values()].map((indexes) =>
    unite(indexes.flatMap((index) => groups[index] ?? [])),
  )
}

/** Several as one. */
export function unite(members: readonly Capability[]): Capability {
  const titles = members.map(({ title }) => title)
  return {
    title: titles.length > 3 ? `${titles.slice(0, 2).join(', ')} and ${titles.length - 2} more` : titles.join(', '),
    lines: members.flatMap(({ lines }) => lines).sort((a, b) => a.start - b.start),
    requirements: members.flatMap((member) => member.requirements),
  }
}

/** The sections among which most requirements are divided, however deep they lie. */
function divisionOf(part: Part): readonly Part[] {
  if (part.isRequirement) return []
  const dividing = part.parts.filter(
    ({ requirements, isRequirement, title }) =>
      requirements.length >= MIN_IN_SECTION && !isRequirement && !isKind(title),
  )
  const covered = dividing.reduce((sum, { requirements }) => sum + requirements.length, 0)
  if (dividing.length >= 2 && covered >= COVERED * part.requirements.length) return dividing
  const [main] = part.parts.toSorted((a, b) => b.requirements.length - a.requirements.length)
  return main === undefined ||
    main.requirements.length < COVERED * part.requirements.length ||
    main.requirements.length === 0
    ? []
    : divisionOf(main)
}

/** Words of nearly every requirement, such as those of a pattern they are written by. */
function templateWords(parts: readonly Part[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  const all = parts.flatMap(({ requirements }) => requirements)
  for (const { text } of all) for (const stem of stemsOf(text)) counts.set(stem, (counts.get(stem) ?? 0) + 1)
  return new Set([...counts].filter(([, count]) => count >= ALMOST_ALL * all.length).map(([stem]) => stem))
}

function groupOf({ title, start, end, requirements }: Part, wording: ReadonlySet<string>): Group {
  const each = requirements.map(({ text }) => stemsOf(withoutStory(text)))
  const counts = new Map<string, number>()
  for (const stems of each)
    for (const stem of stems) if (!wording.has(stem)) counts.set(stem, (counts.get(stem) ?? 0) + 1)
  const often = Math.max(2, requirements.length / 3)
  return {
    title,
    lines: [{ start, end }],
    requirements,
    stems: new Set(counts.keys()),
    topics: new Set(
      [...counts]
        .filter(([stem, count]) => count >= often && stem.length > 2 && !ANYWHERE.has(stem))
        .map(([stem]) => stem),
    ),
  }
}

/** What any two products have: people, times, and what is done to everything. */
const ANYWHERE = new Set(
  'customer client member guest visitor owner admin administrator manager clerk operator staff person employ second minut hour day week month year tim dat data one two thre list show display see send stor keep sav open clos chang add creat updat delet remov record check set get mak tak giv start stop stay within without before after until while name number valu pag screen record must want need allow abl first last new other same'.split(
    ' ',
  ),
)

/** Of a user story what is wanted; who wants it and why is the same in all. */
function withoutStory(text: string): string {
  return text.replace(/\bas an? [^,]{1,60},\s*(?=I\b)/gi, ' ').replace(/\bso that\b.*$/gis, ' ')
}

function overlapOf(a: Group, b: Group): number {
  return countCommon(a.stems, b.stems) / Math.max(1, Math.min(a.stems.size, b.stems.size))
}

/** Where a label is defined; one that two groups define says nothing. */
function labelPlaces(groups: readonly Group[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  const twice = new Set<string>()
  for (const [place, { requirements }] of groups.entries()) {
    for (const { label } of requirements) {
      const key = label?.toUpperCase()
      if (key === undefined) continue
      if (places.has(key) && places.get(key) !== place) twice.add(key)
      places.set(key, place)
    }
  }
  for (const key of twice) places.delete(key)
  return places
}
