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

/** Of so many texts each is compared with all that may be like it, even where all are made from one pattern. */
export const COMPARED_WHOLE = 400

/**
 * Pairs at least as similar as `threshold`; where both lists are one, each pair once, the earlier text first. A pair this similar
 * shares one of its rare words, and neither is much longer, so only such pairs are compared. Of more than `COMPARED_WHOLE` texts
 * each is compared with those that share its rarest words alone, the fewer the more there are: a pattern repeated thousands of
 * times has millions of pairs.
 */
export function similarPairs(
  left: readonly ReadonlySet<string>[],
  right: readonly ReadonlySet<string>[],
  threshold: number,
): readonly SimilarPair[] {
  const rank = rarity([...left, ...right])
  const numbered = (words: ReadonlySet<string>): readonly number[] =>
    [...words].map((word) => rank.get(word) ?? 0).sort((a, b) => a - b)
  const others = right.map(numbered)
  const ours = left === right ? others : left.map(numbered)
  // Dice >= t means at least |a| * t / (2 - t) words in common, so one of them is among the rest plus one.
  const rareWords = (words: readonly number[]): readonly number[] =>
    words.slice(0, words.length - Math.ceil((words.length * threshold) / (2 - threshold) - 1e-9) + 1)
  const index = new Map<number, { readonly places: number[]; from: number }>()
  for (const [place, words] of others.entries())
    for (const word of rareWords(words)) {
      const known = index.get(word)
      if (known === undefined) index.set(word, { places: [place], from: 0 })
      else known.places.push(place)
    }
  const isOne = left === right
  const count = Math.max(ours.length, others.length)
  const most = count <= COMPARED_WHOLE ? count : Math.floor(COMPARED_WHOLE ** 2 / count / (isOne ? 2 : 1))
  const pairs: SimilarPair[] = []
  /** By place, the text it was compared with last. */
  const seen = new Int32Array(others.length).fill(-1)
  for (const [place, words] of ours.entries()) {
    let compared = 0
    for (const word of rareWords(words)) {
      const list = index.get(word)
      if (list === undefined) continue
      while (isOne && (list.places[list.from] ?? count) <= place) list.from++
      for (let at = list.from; at < list.places.length && compared < most; at++) {
        const candidate = list.places[at] ?? 0
        const other = others[candidate]
        if (other === undefined || seen[candidate] === place) continue
        seen[candidate] = place
        compared++
        const total = words.length + other.length
        // Were the shorter one a part of the longer one.
        if (2 * Math.min(words.length, other.length) < threshold * total - 1e-9) continue
        const score = (2 * countShared(words, other)) / total
        if (score >= threshold) pairs.push({ left: place, right: candidate, score })
      }
    }
  }
  return pairs
}

/** Words by how many texts have them, the rarest first. */
function rarity(texts: readonly ReadonlySet<string>[]): ReadonlyMap<string, number> {
  const frequency = new Map<string, number>()
  for (const words of texts) for (const word of words) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const byRarity = [...frequency].sort(([a, few], [b, many]) => few - many || (a < b ? -1 : 1))
  return new Map(byRarity.map(([word], place) => [word, place]))
}

/** Of two ascending lists. */
function countShared(a: readonly number[], b: readonly number[]): number {
  let shared = 0
  let at = 0
  for (const word of a) {
    while (at < b.length && (b[at] ?? 0) < word) at++
    if (b[at] === word) shared++
  }
  return shared
}
