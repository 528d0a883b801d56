import { SpekiError } from '../../errors.ts'

/** A heading and all below it up to the next heading of its level or above. */
export interface Section {
  /**
   * Slugs of the headings above and its own, such as `requirements/login`; `-2` and so on where one exists already.
   * The title of the document, its only level-1 heading standing first, is not part of the ids below it.
   */
  readonly id: string
  /** As written, markup included. */
  readonly title: string
  readonly level: number
  /** First and last line, counted from 1 in the normalised text, both included. */
  readonly lines: { readonly start: number; readonly end: number }
}

/** Longest part of an id that one title gives. */
const MAX_SLUG = 80
const MAX_LISTED = 8

/** Lower case, letters and digits of any script, hyphens between words. */
export function slugOf(title: string): string {
  const words = title.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return words.join('-').slice(0, MAX_SLUG).toWellFormed() || 'section'
}

/**
 * The section a caller means: by id; else by title, however it is marked up; else by the end of a path such as
 * `requirements/login` or `Requirements > Login`. Throws `not_found`, or `invalid_input` where several fit.
 */
export function chooseSection(sections: readonly Section[], idOrTitle: string): Section {
  const name = idOrTitle.trim().replace(/^#{1,6}\s+/, '')
  const exact = sections.find((section) => section.id === name)
  if (exact !== undefined) return exact
  const slug = slugOf(name)
  const path = name
    .split(/\s+>\s+|\//)
    .map(slugOf)
    .join('/')
  const byTitle = sections.filter((section) => slugOf(section.title) === slug)
  const found = byTitle.length > 0 ? byTitle : sections.filter((section) => `/${section.id}`.endsWith(`/${path}`))
  const first = found[0]
  if (first === undefined) throw unknownSection(sections, idOrTitle)
  if (found.length > 1) {
    const places = found.slice(0, MAX_LISTED).map((section) => `${section.id} (line ${section.lines.start})`)
    throw new SpekiError('invalid_input', `"${idOrTitle}" names ${found.length} sections: ${places.join(', ')}.`, {
      hint: 'Name one of them by its id.',
      details: { sections: found.map((section) => section.id) },
    })
  }
  return first
}

function unknownSection(sections: readonly Section[], idOrTitle: string): SpekiError {
  if (sections.length === 0) {
    return new SpekiError('not_found', `There is no section "${idOrTitle}": the text has no headings.`, {
      hint: 'Edit it with replacements or as a whole.',
    })
  }
  const pairs = pairsOf(slugOf(idOrTitle))
  const nearest = sections
    .map((section) => ({
      id: section.id,
      score: Math.max(likeness(pairs, section.id), likeness(pairs, section.title)),
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_LISTED)
    .map((entry) => entry.id)
  return new SpekiError('not_found', `There is no section "${idOrTitle}". Nearest: ${nearest.join(', ')}.`, {
    hint: 'Name a section by its id or its title.',
    details: { sections: nearest },
  })
}

/** Share of letter pairs two names have in common (Dice). */
function likeness(pairs: ReadonlySet<string>, name: string): number {
  const other = pairsOf(slugOf(name))
  const shared = [...other].filter((pair) => pairs.has(pair)).length
  return (2 * shared) / (pairs.size + other.size)
}

function pairsOf(slug: string): Set<string> {
  const framed = `^${slug}$`
  return new Set(Array.from({ length: framed.length - 1 }, (_, index) => framed.slice(index, index + 2)))
}
