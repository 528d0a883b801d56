import type { ExtractedRequirement, SourceLines } from '../../../schemas/requirement.ts'
import { endOf } from '../markdown/markdown-block.ts'
import type { MayCutBefore } from './cut-places.ts'
import type { Part } from './parts.ts'

/**
 * For each child the list items elsewhere that are criteria of its requirements, such as `- AC-3 (FR-7): …` in a section
 * for all of them. Rows of a table cannot follow.
 */
export function findDistantCriteria(
  root: Part,
  requirements: readonly ExtractedRequirement[],
  children: readonly (readonly SourceLines[])[],
  mayCut: MayCutBefore,
): readonly (readonly SourceLines[])[] {
  const distant = requirements.flatMap(({ lines, criteria }) =>
    criteria.flatMap((criterion) =>
      criterion.lines.start >= lines.start && criterion.lines.start <= lines.end
        ? []
        : [{ line: criterion.lines.start, of: lines.start }],
    ),
  )
  const found = children.map((): SourceLines[] => [])
  if (distant.length === 0) return found
  const items = itemsOf(root)
  const owners = new Map<number, number>()
  for (const [place, ranges] of children.entries())
    for (const { start, end } of ranges) for (let line = start; line <= end; line++) owners.set(line, place)
  const ownerOf = (line: number): number => owners.get(line) ?? -1
  for (const { line, of } of distant) {
    const item = items.get(line)
    const moves = item !== undefined && mayCut(item.start) && mayCut(item.end + 1) && ownerOf(line) === -1
    if (moves) found[ownerOf(of)]?.push(item)
  }
  return found
}

/** Top-level list items by their first line, each up to the next block; blank lines behind the last stay. */
function itemsOf(part: Part): ReadonlyMap<number, SourceLines> {
  const items = new Map<number, SourceLines>()
  const visit = ({ section, parts, end }: Part): void => {
    const { blocks } = section
    for (const [index, block] of blocks.entries()) {
      if (block.kind !== 'item') continue
      const next = blocks[index + 1]
      const last = next === undefined ? (parts[0]?.start ?? end + 1) - 1 : startOf(next) - 1
      items.set(block.start, { start: block.start, end: next === undefined ? Math.min(last, endOf(block)) : last })
    }
    for (const child of parts) visit(child)
  }
  visit(part)
  return items
}

function startOf(block: Part['section']['blocks'][number]): number {
  if (block.kind === 'item') return block.start
  return block.kind === 'table' ? block.header.line : (block.lines[0]?.line ?? 1)
}
