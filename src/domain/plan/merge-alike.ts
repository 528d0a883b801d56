import { countCommon, stemsOf } from '../../spec/check/statement.ts'
import { similarPairs } from '../../spec/requirement/similarity.ts'
import type { RequirementRecord } from '../../store/prd/requirements.ts'

/** This much of their words in common, and two requirements of one repository are one piece of work. */
const ALIKE = 0.7
const MIN_STEMS = 4
const MAX_TOGETHER = 3

/** Groups with those of nearly the same words and the same numbers put together, at the place of the first. */
export function mergeAlike(
  groups: readonly (readonly RequirementRecord[])[],
): readonly (readonly RequirementRecord[])[] {
  const texts = groups.map((group) =>
    group.map(({ text, criteria }) => [text, ...criteria.map((entry) => entry.text)].join(' ')).join(' '),
  )
  const stems = texts.map(stemsOf)
  const numbers = texts.map((text) => (text.replace(/\b[A-Z]{1,10}-?\d+\b/g, '').match(/\d+/g) ?? []).join(' '))
  const into = groups.map((_, index) => index)
  const size = groups.map((group) => group.length)
  for (const { left, right } of similarPairs(stems, stems, ALIKE)) {
    if (left >= right || into[right] !== right) continue
    const first = into[left] ?? left
    const a = stems[left] ?? new Set<string>()
    const b = stems[right] ?? new Set<string>()
    const few = Math.min(a.size, b.size) < MIN_STEMS
    // One word more or less tells a list from a search; what differs on both sides is two things.
    const apart = a.size - countCommon(a, b) > 0 && b.size - countCommon(a, b) > 0
    if (few || apart || numbers[left] !== numbers[right] || (size[first] ?? 0) + (size[right] ?? 0) > MAX_TOGETHER)
      continue
    into[right] = first
    size[first] = (size[first] ?? 0) + (size[right] ?? 0)
  }
  const merged = new Map<number, RequirementRecord[]>()
  for (const [index, group] of groups.entries()) {
    const together = merged.get(into[index] ?? index)
    if (together === undefined) merged.set(index, [...group])
    else together.push(...group)
  }
  return [...merged.values()]
}
