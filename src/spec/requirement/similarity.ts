/** Words of a text, once each, in small letters; numbers count, they are often the only difference. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
}

/** Share of common words, 0 to 1 (Sørensen–Dice). */
export function diceOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const total = a.size + b.size
  if (total === 0) return 0
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  let common = 0
  for (const word of small) if (large.has(word)) common++
  return (2 * common) / total
}

export interface SimilarPair {
  readonly left: number
  readonly right: number
  readonly score: number
}

/**
 * Texts one text is compared with, those that share its rarest words first. Only lists of hundreds of texts made from
 * one pattern reach it; there a pair may be missed, where comparing all would take minutes.
 */
const MAX_CANDIDATES = 300

/** Pairs at least as similar as `threshold`. A pair this similar shares one of its rare words, so only such pairs are compared. */
export function similarPairs(
  left: readonly ReadonlySet<string>[],
  right: readonly ReadonlySet<string>[],
  threshold: number,
): readonly SimilarPair[] {
  const frequency = new Map<string, number>()
  for (const words of [...left, ...right]) for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const rareWords = (words: ReadonlySet<string>): readonly string[] => {
    const byRarity = [...words].sort((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0) || (a < b ? -1 : 1))
    // Dice >= t means at least |a| * t / (2 - t) words in common, so one of them is among the rest plus one.
    return byRarity.slice(0, words.size - Math.ceil((words.size * threshold) / (2 - threshold) - 1e-9) + 1)
  }
  const index = new Map<string, number[]>()
  for (const [place, words] of right.entries()) {
    for (const word of rareWords(words)) {
      const places = index.get(word)
      if (places === undefined) index.set(word, [place])
      else places.push(place)
    }
  }
  const pairs: SimilarPair[] = []
  for (const [place, words] of left.entries()) {
    const candidates = new Set<number>()
    for (const word of rareWords(words)) {
      const places = index.get(word) ?? []
      if (candidates.size + places.length > MAX_CANDIDATES) break
      for (const candidate of places) candidates.add(candidate)
    }
    for (const candidate of candidates) {
      const other = right[candidate]
      const score = other === undefined ? 0 : diceOf(words, other)
      if (score >= threshold) pairs.push({ left: place, right: candidate, score })
    }
  }
  return pairs
}
