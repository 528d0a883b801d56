import type { SourceLines } from '../../../schemas/requirement.ts'
import { roleOf } from '../markdown/section-role.ts'
import { mentionedLabels } from '../requirement/label.ts'
import type { Capability } from './capabilities.ts'
import type { MayCutBefore } from './cut-places.ts'
import { isShared, type Part } from './parts.ts'

/**
 * For each capability the sections elsewhere that name ids of it and of no other, or bear its name: its flows,
 * contracts, failure cases.
 */
export function findRelated(
  root: Part,
  capabilities: readonly Capability[],
  lines: readonly string[],
  mayCut: MayCutBefore,
): readonly (readonly SourceLines[])[] {
  const placeOf = new Map<string, number>()
  const shared = new Set<string>()
  for (const [place, { requirements }] of capabilities.entries()) {
    for (const { label } of requirements) {
      const key = label?.toUpperCase()
      if (key === undefined) continue
      if ((placeOf.get(key) ?? place) !== place) shared.add(key)
      placeOf.set(key, place)
    }
  }
  for (const key of shared) placeOf.delete(key)
  const names = new Map(capabilities.map(({ title }, place) => [title.toLowerCase(), place]))
  const taken = capabilities.flatMap((capability) => capability.lines)
  const found = capabilities.map((): SourceLines[] => [])

  const placeOfPart = (part: Part): number | undefined => {
    const places = new Set<number>()
    const named = names.get(part.title.toLowerCase())
    if (named !== undefined) places.add(named)
    for (const line of lines.slice(part.start - 1, part.end)) {
      for (const label of mentionedLabels(line)) {
        const place = placeOf.get(label)
        if (place !== undefined) places.add(place)
      }
    }
    return places.size === 1 ? [...places][0] : undefined
  }
  const visit = (part: Part, depth: number): void => {
    const touches = taken.some(({ start, end }) => start <= part.end && part.start <= end)
    const ownTopic = depth >= 3 || (depth === 2 && roleOf(part.title) === undefined)
    if (!touches && ownTopic && !isShared(part.title) && mayCut(part.start) && mayCut(part.end + 1)) {
      const place = placeOfPart(part)
      if (place !== undefined) {
        found[place]?.push({ start: part.start, end: part.end })
        return
      }
    }
    for (const child of part.parts) visit(child, depth + 1)
  }
  visit(root, 0)
  return found
}
