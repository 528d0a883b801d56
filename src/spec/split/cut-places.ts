import type { ExtractedRequirement } from '../../../schemas/requirement.ts'
import type { Scan } from '../markdown/scanned-line.ts'

/** Whether a text may be cut in front of a line, counted from 1. */
export type MayCutBefore = (line: number) => boolean

/** Not inside a requirement with its criteria, a code fence or a comment. Lists, tables and front matter are for the caller. */
export function findCutPlaces(scan: Scan, requirements: readonly ExtractedRequirement[]): MayCutBefore {
  // Differences: +1 where a closed range begins, -1 behind its end.
  const lines = scan.source
  const closed = new Int32Array(lines.length + 3)
  const close = (start: number, end: number): void => {
    if (end <= start) return
    const from = start + 1
    const behind = Math.min(end, lines.length) + 1
    closed[from] = (closed[from] ?? 0) + 1
    closed[behind] = (closed[behind] ?? 0) - 1
  }
  for (const requirement of requirements) close(requirement.lines.start, requirement.lines.end)
  for (const { first, end } of scan.fences) close(first + 1, end)
  // What is hidden from the first column on and opens no comment there stands inside one.
  for (const [index, { hidden }] of scan.lines.entries())
    if (hidden?.[0]?.from === 0 && lines[index]?.startsWith('<!--') === false) close(index, index + 1)
  let depth = 0
  const open = closed.map((change) => {
    depth += change
    return depth
  })
  return (line) => (open[line] ?? 0) === 0
}
