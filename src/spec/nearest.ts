/** Candidates each of many words is compared with, those that share its rarest letters first; only thousands of like names reach it. */
const MAX_COMPARED = 300
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

/** A guess for each of many words: the candidates are read once, with the first of them, and each word is looked up once. */
export function nearestFinder(candidates: () => Iterable<string>): (word: string) => string | undefined {
  let index: LetterIndex | undefined
  const found = new Map<string, string | undefined>()
  return (word) => {
    index ??= indexOf(candidates(), pairsOf)
    if (!found.has(word)) {
      const { texts } = index
      found.set(
        word,
        nearest(
          word,
          sharing(index, pairsOf(word)).flatMap((place) => texts[place] ?? []),
        ),
      )
    }
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
}

function indexOf(texts: Iterable<string>, lettersOf: (text: string) => ReadonlySet<string>): LetterIndex {
  const all = [...texts]
  const places = new Map<string, number[]>()
  for (const [place, text] of all.entries())
    for (const few of lettersOf(text)) {
      const known = places.get(few)
      if (known === undefined) places.set(few, [place])
      else known.push(place)
    }
  return { texts: all, places }
}

/** Places of the texts that share letters, in their order; the rarest letters first where there are too many. */
function sharing({ places }: LetterIndex, letters: ReadonlySet<string>): readonly number[] {
  const lists = [...letters].map((pair) => places.get(pair) ?? []).sort((a, b) => a.length - b.length)
  const found = new Set<number>()
  for (const list of lists)
    for (const place of list) {
      if (found.size >= MAX_COMPARED) break
      found.add(place)
    }
  return [...found].sort((a, b) => a - b)
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
