/** The candidate that looks most like a word that was not found; undefined where none does. */
export function nearest(wanted: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let closest = 0.4
  const pairs = letterPairs(wanted)
  for (const candidate of candidates) {
    const likeness = shareOf(pairs, letterPairs(candidate))
    if (likeness > closest) {
      best = candidate
      closest = likeness
    }
  }
  return best
}

function letterPairs(text: string): ReadonlySet<string> {
  const padded = ` ${text.toLowerCase()} `
  return new Set(Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2)))
}

function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return (2 * [...a].filter((pair) => b.has(pair)).length) / (a.size + b.size)
}
