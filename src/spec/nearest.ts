/** Letters that all words of a text together are compared by: thousands of unknown names beside thousands of like ones would take minutes. */
const MAX_COMPARED = 1_000_000
/** This alike at least. */
const ALIKE = 0.4

/** The candidate, of all, that looks most like a word that was not found; undefined where none does. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const pairs = pairsOf(word)
  let best: string | undefined
  let closest = ALIKE
  for (const candidate of candidates) {
    const likeness = shareOf(pairs, pairsOf(candidate))
    if (likeness > closest) {
      best = candidate
      closest = likeness
    }
  }
  return best
}

/**
 * The same for each of many words: the candidates are read once, with the first of them, and each word is looked up once. Where
 * too many words would be compared with too many candidates, there is a guess for the first of them and none for the others.
 */
export function nearestFinder(candidates: () => Iterable<string>): (word: string) => string | undefined {
  let index: LetterIndex | undefined
  let effort = MAX_COMPARED
  const found = new Map<string, string | undefined>()
  const find = ({ texts, places, sizes }: LetterIndex, word: string): string | undefined => {
    const pairs = pairsOf(word)
    const shared = new Map<number, number>()
    for (const pair of pairs) {
      const list = places.get(pair) ?? []
      effort -= list.length
      if (effort < 0) return undefined
      for (const place of list) shared.set(place, (shared.get(place) ?? 0) + 1)
    }
    let best: number | undefined
    let closest = ALIKE
    for (const [place, count] of shared) {
      const likeness = (2 * count) / (pairs.size + (sizes[place] ?? 0))
      if (likeness < closest || (likeness === closest && (best === undefined || best < place))) continue
      best = place
      closest = likeness
    }
    return best === undefined ? undefined : texts[best]
  }
  return (word) => {
    index ??= indexOf(candidates(), pairsOf)
    if (!found.has(word)) found.set(word, find(index, word))
    return found.get(word)
  }
}

/** Whether a word is a part of one of many texts; each word is looked up once, among the texts that share its rarest letters. */
export function partFinder(texts: () => Iterable<string>): (word: string) => boolean {
  let index: LetterIndex | undefined
  const known = new Map<string, boolean>()
  return (word) => {
    index ??= indexOf(new Set(texts()), triplesOf)
    const { texts: all, places } = index
    let found = known.get(word)
    if (found === undefined) {
      const lists = [...triplesOf(word)].map((letters) => places.get(letters) ?? [])
      const [fewest] = lists.sort((a, b) => a.length - b.length)
      found =
        fewest === undefined
          ? all.some((text) => text.includes(word))
          : fewest.some((place) => all[place]?.includes(word))
      known.set(word, found)
    }
    return found
  }
}

interface LetterIndex {
  readonly texts: readonly string[]
  readonly places: ReadonlyMap<string, readonly number[]>
  /** How many letters each text has. */
  readonly sizes: readonly number[]
}

function indexOf(texts: Iterable<string>, lettersOf: (text: string) => ReadonlySet<string>): LetterIndex {
  const all = [...texts]
  const places = new Map<string, number[]>()
  const sizes: number[] = []
  for (const [place, text] of all.entries()) {
    const letters = lettersOf(text)
    sizes.push(letters.size)
    for (const few of letters) {
      const known = places.get(few)
      if (known === undefined) places.set(few, [place])
      else known.push(place)
    }
  }
  return { texts: all, places, sizes }
}

function pairsOf(text: string): ReadonlySet<string> {
  const padded = ` ${text.toLowerCase()} `
  return new Set(Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2)))
}

function triplesOf(text: string): ReadonlySet<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 2) }, (_, index) => text.slice(index, index + 3)))
}

function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const pair of a) if (b.has(pair)) shared += 1
  return (2 * shared) / (a.size + b.size)
}
