/** Candidates one word is compared with, those that share its rarest letters first; only thousands of like names reach it. */
const MAX_COMPARED = 300
/** This alike at least. */
const ALIKE = 0.4

/** The candidate that looks most like a word that was not found; undefined where none does. */
export function nearest(wanted: string, candidates: Iterable<string>): string | undefined {
  return nearestFinder(() => candidates)(wanted)
}

/** The same for many words: the candidates are read once, with the first of them, and each word is looked up once. */
export function nearestFinder(candidates: () => Iterable<string>): (wanted: string) => string | undefined {
  let index: LetterIndex | undefined
  const found = new Map<string, string | undefined>()
  return (wanted) => {
    index ??= indexOf(candidates(), pairsOf)
    if (!found.has(wanted)) found.set(wanted, mostAlike(wanted, index))
    return found.get(wanted)
  }
}

function mostAlike(wanted: string, index: LetterIndex): string | undefined {
  const pairs = pairsOf(wanted)
  let best: string | undefined
  let closest = ALIKE
  for (const place of sharing(index, pairs)) {
    const likeness = shareOf(pairs, index.letters[place] ?? pairs)
    if (likeness > closest) {
      best = index.texts[place]
      closest = likeness
    }
  }
  return best
}

/** Whether a word is a part of one of many texts. Where more share its letters than are looked through, it counts as one. */
export function partFinder(texts: () => Iterable<string>): (wanted: string) => boolean {
  let index: LetterIndex | undefined
  return (wanted) => {
    index ??= indexOf(texts(), triplesOf)
    if (wanted.length < 3) return [...index.texts].some((text) => text.includes(wanted))
    let fewest: readonly number[] | undefined
    for (const letters of triplesOf(wanted)) {
      const places = index.places.get(letters) ?? []
      if (fewest === undefined || places.length < fewest.length) fewest = places
    }
    const looked = (fewest ?? []).slice(0, MAX_COMPARED)
    const { texts: all } = index
    return looked.some((place) => all[place]?.includes(wanted)) || (fewest ?? []).length > MAX_COMPARED
  }
}

interface LetterIndex {
  readonly texts: readonly string[]
  /** Of each text. */
  readonly letters: readonly ReadonlySet<string>[]
  readonly places: ReadonlyMap<string, readonly number[]>
}

function indexOf(texts: Iterable<string>, lettersOf: (text: string) => ReadonlySet<string>): LetterIndex {
  const all = [...texts]
  const letters = all.map(lettersOf)
  const places = new Map<string, number[]>()
  for (const [place, own] of letters.entries())
    for (const few of own) {
      const known = places.get(few)
      if (known === undefined) places.set(few, [place])
      else known.push(place)
    }
  return { texts: all, letters, places }
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
