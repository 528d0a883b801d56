import type { Place } from '../../../schemas/finding.ts'
import type { Passage } from './passage.ts'

/** A match of a pattern in the own words of a passage. */
export interface Match {
  readonly passage: Passage
  readonly text: string
  /** Offset in the passage. */
  readonly index: number
  readonly place: Place
}

interface Joined {
  readonly text: string
  readonly starts: readonly number[]
}

const joined = new WeakMap<readonly Passage[], Joined>()

/** Every match in these passages. They are searched as one text, a line each: thousands of short searches would take most of the check. */
export function search(passages: readonly Passage[], pattern: RegExp): readonly Match[] {
  const { text, starts } = join(passages)
  const found: Match[] = []
  let at = 0
  for (const match of text.matchAll(pattern)) {
    while ((starts[at + 1] ?? Number.POSITIVE_INFINITY) <= match.index) at += 1
    const passage = passages[at]
    if (passage === undefined) break
    const index = match.index - (starts[at] ?? 0)
    found.push({ passage, text: match[0], index, place: passage.at(index, index + match[0].length) })
  }
  return found
}

/** One match a passage: more would say the same again. */
export function firstOfEach(matches: readonly Match[]): readonly Match[] {
  return matches.filter(({ passage }, index) => matches[index - 1]?.passage !== passage)
}

function join(passages: readonly Passage[]): Joined {
  const known = joined.get(passages)
  if (known !== undefined) return known
  const starts: number[] = []
  let length = 0
  for (const { text } of passages) {
    starts.push(length)
    length += text.length + 1
  }
  const result = { text: passages.map(({ text }) => text).join('\n'), starts }
  joined.set(passages, result)
  return result
}
