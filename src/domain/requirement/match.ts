import type { ExtractedRequirement } from '../../../schemas/requirement.ts'
import { diffTokens, fullEffort } from '../../documents/token-diff.ts'
import { diceOf, similarPairs, wordsOf } from '../../spec/requirement/similarity.ts'

/** What identifies a requirement the text had before. */
export interface PreviousRequirement {
  readonly id: string
  readonly label?: string | undefined
  readonly text: string
  readonly section: readonly string[]
}

export interface RequirementMatch {
  /** Index in the new list to the id it had. */
  readonly kept: Map<number, string>
  readonly removed: string[]
  /** Indexes in the new list. */
  readonly added: number[]
}

/** Two texts this similar are one requirement reworded. */
const REWORDED = 0.6
/** A label and this much of the text in common: the same; less, and the label may have been given to another. */
const SAME_LABEL = 0.3
/** Between equally similar ones the section decides. */
const SAME_SECTION = 0.05

/**
 * Finds each requirement of the old text in the new one, so that ids survive moves, rewording and renumbering.
 * Strongest evidence first: label and text; text; label with similar text; similar text, if it is the best for both;
 * label alone. Text goes before a bare label because inserting an FR-002 renumbers all behind it.
 */
export function matchRequirements(
  previous: readonly PreviousRequirement[],
  next: readonly Pick<ExtractedRequirement, 'label' | 'text' | 'section'>[],
): RequirementMatch {
  const matching = start(previous, next)
  pairInOrder(matching, (entry) => key(entry.label?.toUpperCase() ?? '', entry.text, sectionKey(entry)))
  pairByKey(matching, (entry) =>
    entry.label === undefined ? undefined : key(entry.label.toUpperCase(), entry.text, sectionKey(entry)),
  )
  pairByKey(matching, (entry) => (entry.label === undefined ? undefined : key(entry.label.toUpperCase(), entry.text)))
  pairByKey(matching, (entry) => key(entry.text, sectionKey(entry)))
  pairByKey(matching, (entry) => entry.text)
  pairByLabel(matching, SAME_LABEL)
  pairBySimilarity(matching)
  pairByLabel(matching, 0)
  return {
    kept: new Map([...matching.pairs].map(([after, before]) => [after, previous[before]?.id ?? ''])),
    removed: previous.filter((_, index) => matching.before.has(index)).map((entry) => entry.id),
    added: [...matching.after],
  }
}

type Entry = Pick<ExtractedRequirement, 'text' | 'section'> & {
  readonly label?: string | undefined
  readonly words: ReadonlySet<string>
}

interface Matching {
  readonly previous: readonly Entry[]
  readonly next: readonly Entry[]
  /** Not matched yet, in document order. */
  readonly before: Set<number>
  readonly after: Set<number>
  /** Index in the new list to index in the old one. */
  readonly pairs: Map<number, number>
}

type Identity = Pick<PreviousRequirement, 'label' | 'text'> & { readonly section: readonly string[] }

function start(previous: readonly Identity[], next: readonly Identity[]): Matching {
  const entry = ({ label, text, section }: Identity): Entry => ({
    label,
    text: normalised(text),
    section: [...section],
    words: wordsOf(text),
  })
  return {
    previous: previous.map(entry),
    next: next.map(entry),
    before: new Set(previous.keys()),
    after: new Set(next.keys()),
    pairs: new Map(),
  }
}

function pair(matching: Matching, before: number, after: number): void {
  matching.before.delete(before)
  matching.after.delete(after)
  matching.pairs.set(after, before)
}

/** Pairs equal keys along the longest order both texts share: of two alike, the one between the same neighbours. */
function pairInOrder(matching: Matching, keyOf: (entry: Entry) => string): void {
  const before = matching.previous.map(keyOf)
  const after = matching.next.map(keyOf)
  let [left, right] = [0, 0]
  const pairUntil = (end: number) => {
    while (left < end) pair(matching, left++, right++)
  }
  for (const hunk of diffTokens(before, after, fullEffort())) {
    pairUntil(hunk.start)
    left = hunk.end
    right = hunk.to
  }
  pairUntil(before.length)
}

/** Pairs those left with equal keys, the first with the first. */
function pairByKey(matching: Matching, keyOf: (entry: Entry) => string | undefined): void {
  const waiting = groupBy(matching.previous, matching.before, keyOf)
  for (const [group, after] of groupBy(matching.next, matching.after, keyOf)) {
    const before = waiting.get(group) ?? []
    for (const [place, index] of after.entries()) {
      const partner = before[place]
      if (partner !== undefined) pair(matching, partner, index)
    }
  }
}

/** Pairs labels that occur once on either side in the whole text, when the texts are similar enough. */
function pairByLabel(matching: Matching, least: number): void {
  const labelOf = (entry: Entry): string | undefined => entry.label?.toUpperCase()
  const previous = groupBy(matching.previous, matching.previous.keys(), labelOf)
  for (const [label, [after, ...others]] of groupBy(matching.next, matching.next.keys(), labelOf)) {
    const [before, ...more] = previous.get(label) ?? []
    if (before === undefined || after === undefined || others.length > 0 || more.length > 0) continue
    if (!matching.before.has(before) || !matching.after.has(after)) continue
    const words = matching.next[after]?.words ?? new Set()
    if (diceOf(matching.previous[before]?.words ?? new Set(), words) >= least) pair(matching, before, after)
  }
}

/** Pairs the most similar first, and only where neither side has another as good: a guess between equals would move work to the wrong one. */
function pairBySimilarity(matching: Matching): void {
  const before = [...matching.before]
  const after = [...matching.after]
  const entriesOf = (all: readonly Entry[], places: readonly number[]) => places.flatMap((place) => all[place] ?? [])
  const old = entriesOf(matching.previous, before)
  const fresh = entriesOf(matching.next, after)
  const pairs = similarPairs(
    old.map((entry) => entry.words),
    fresh.map((entry) => entry.words),
    REWORDED,
  ).map((found) => {
    const together = sectionKey(old[found.left]) === sectionKey(fresh[found.right])
    return {
      before: before[found.left] ?? 0,
      after: after[found.right] ?? 0,
      score: found.score + (together ? SAME_SECTION : 0),
    }
  })
  pairs.sort((a, b) => b.score - a.score || a.before - b.before || a.after - b.after)
  for (let index = 0; index < pairs.length; ) {
    const score = pairs[index]?.score
    const equals = []
    for (let found = pairs[index]; found !== undefined && found.score === score; found = pairs[++index]) {
      if (matching.before.has(found.before) && matching.after.has(found.after)) equals.push(found)
    }
    const befores = countOf(equals.map((found) => found.before))
    const afters = countOf(equals.map((found) => found.after))
    for (const found of equals) {
      if (befores.get(found.before) === 1 && afters.get(found.after) === 1) pair(matching, found.before, found.after)
    }
  }
}

function groupBy(
  entries: readonly Entry[],
  places: Iterable<number>,
  keyOf: (entry: Entry) => string | undefined,
): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const place of places) {
    const entry = entries[place]
    const group = entry === undefined ? undefined : keyOf(entry)
    if (group === undefined) continue
    const members = groups.get(group)
    if (members === undefined) groups.set(group, [place])
    else members.push(place)
  }
  return groups
}

function countOf(values: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function key(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

function sectionKey(entry: { readonly section: readonly string[] } | undefined): string {
  return key(...(entry?.section ?? []))
}

function normalised(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
