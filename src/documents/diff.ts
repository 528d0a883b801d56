import { formatPatch, OMIT_HEADERS, type StructuredPatchHunk } from 'diff'
import { linesOf, normalizeText } from './text.ts'
import { diffTokens, fullEffort, type Hunk } from './token-diff.ts'

const CONTEXT_LINES = 3

/** Unified diff of two texts with the given labels in its header; empty where they are equal. */
export function unifiedDiff(before: string, after: string, labels: readonly [before: string, after: string]): string {
  const [a, b, hunks] = compare(before, after)
  if (hunks.length === 0) return ''
  const [from, to] = labels.map((label) => label.replace(/\s+/g, ' '))
  return `--- ${from}\n+++ ${to}\n${formatPatch(
    {
      oldFileName: undefined,
      newFileName: undefined,
      oldHeader: undefined,
      newHeader: undefined,
      hunks: groups(hunks).map((group) => patchHunk(a, b, group)),
    },
    OMIT_HEADERS,
  )}`
}

/** How many lines a change put in and took out; a changed line counts in both. */
export function changedLines(before: string, after: string): { added: number; removed: number } {
  const [, , hunks] = compare(before, after)
  let added = 0
  let removed = 0
  for (const hunk of hunks) {
    added += hunk.to - hunk.from
    removed += hunk.end - hunk.start
  }
  return { added, removed }
}

function compare(before: string, after: string): [string[], string[], Hunk[]] {
  const a = linesOf(normalizeText(before))
  const b = linesOf(normalizeText(after))
  return [a, b, diffTokens(a, b, fullEffort())]
}

/** Hunks whose context would overlap stand together. */
function groups(hunks: readonly Hunk[]): Hunk[][] {
  const grouped: Hunk[][] = []
  for (const hunk of hunks) {
    const last = grouped.at(-1)
    const end = last?.at(-1)?.end
    if (last !== undefined && end !== undefined && hunk.start - end <= 2 * CONTEXT_LINES) last.push(hunk)
    else grouped.push([hunk])
  }
  return grouped
}

function patchHunk(a: readonly string[], b: readonly string[], group: readonly Hunk[]): StructuredPatchHunk {
  const first = group[0]
  const last = group.at(-1)
  const start = Math.max(0, (first?.start ?? 0) - CONTEXT_LINES)
  const end = Math.min(a.length, (last?.end ?? 0) + CONTEXT_LINES)
  const from = start + (first?.from ?? 0) - (first?.start ?? 0)
  const to = end + (last?.to ?? 0) - (last?.end ?? 0)
  const lines: string[] = []
  let at = start
  const context = (until: number): void => {
    for (; at < until; at++) lines.push(` ${a[at]}`)
  }
  for (const hunk of group) {
    context(hunk.start)
    for (; at < hunk.end; at++) lines.push(`-${a[at]}`)
    for (let index = hunk.from; index < hunk.to; index++) lines.push(`+${b[index]}`)
  }
  context(end)
  return { oldStart: start + 1, oldLines: end - start, newStart: from + 1, newLines: to - from, lines }
}
