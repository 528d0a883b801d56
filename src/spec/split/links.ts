import { tryParse } from '../../expected.ts'
import { anchorsOf } from '../markdown/anchors.ts'
import type { Headings } from './heading-context.ts'

/** A line of a document to be; added where it has no line of the source. */
export interface CutLine {
  readonly source: string
  readonly line: number | undefined
  /** The line of the source it repeats. */
  readonly copyOf?: number
}

export interface AnchorPlace {
  /** -1 for the parent. */
  readonly place: number
  readonly anchor: string
}

const NAMED = /<a\s[^<>]*?\b(?:id|name)\s*=\s*["']?([^"'\s>]+)/gi

/** Old anchor → where what it names stands now, and under which anchor. */
export function anchorPlaces(
  headings: Headings,
  texts: readonly (readonly CutLine[])[],
): ReadonlyMap<string, AnchorPlace> {
  const byLine = new Map<number, AnchorPlace>()
  const found = new Map<string, AnchorPlace>()
  for (const [index, text] of texts.entries()) {
    const own = text.flatMap(({ source, line, copyOf }) => {
      const title = line === undefined ? addedTitle(source, copyOf, headings) : headings.byLine.get(line)?.title
      if (line !== undefined && /<a\s/i.test(source))
        for (const match of source.matchAll(NAMED))
          found.set((match[1] ?? '').toLowerCase(), { place: index - 1, anchor: match[1] ?? '' })
      return title === undefined ? [] : [{ title, line: line ?? 0 }]
    })
    for (const { anchor, line } of anchorsOf(own)) if (line > 0) byLine.set(line, { place: index - 1, anchor })
  }
  for (const { anchor, line } of anchorsOf(headings.all)) {
    const now = byLine.get(line)
    if (now !== undefined) found.set(anchor, now)
  }
  return found
}

function addedTitle(source: string, copyOf: number | undefined, headings: Headings): string | undefined {
  if (copyOf !== undefined) return headings.byLine.get(copyOf)?.title
  return /^#{1,2} (.*)$/.exec(source)?.[1]
}

/** Code first, so that what it shows stays. */
const CODE_OR_LINK = /(?<!`)(`+)(?!`)[^`]*?(?<!`)\1(?!`)|(\]\(<?|^ {0,3}\[[^\]]+\]:\s+<?)#([^)\s>]+)/g

export function relink(
  source: string,
  place: number,
  places: ReadonlyMap<string, AnchorPlace>,
  keyOf: (place: number) => string,
): string {
  if (!/\]\(<?#|\]:\s+<?#/.test(source)) return source
  return source.replace(
    CODE_OR_LINK,
    (whole: string, _ticks: string | undefined, opening: string | undefined, anchor: string | undefined) => {
      if (opening === undefined || anchor === undefined) return whole
      const now = places.get(decoded(anchor).toLowerCase())
      if (now === undefined) return whole
      if (now.place !== place) return `${opening}${keyOf(now.place)}#${now.anchor}`
      return now.anchor === decoded(anchor).toLowerCase() ? whole : `${opening}#${now.anchor}`
    },
  )
}

function decoded(anchor: string): string {
  return tryParse(() => decodeURIComponent(anchor)) ?? anchor
}

const DEFINITION = /^ {0,3}\[([^\]]{1,100})\]:\s*\S/
const USE = /\[([^\][]{1,100})\](?!\(|:)/g

/** Link and footnote definitions that lines refer to and that stand elsewhere, as lines to add. `prose` has code blanked out. */
export function definitionsFor(
  lines: readonly string[],
  prose: readonly string[],
): (own: readonly CutLine[]) => readonly CutLine[] {
  const defined = new Map<string, number>()
  for (const [index, line] of lines.entries()) {
    const label = (prose[index] ?? '').trim() === '' ? undefined : DEFINITION.exec(line)?.[1]
    if (label !== undefined && !defined.has(label.toLowerCase())) defined.set(label.toLowerCase(), index + 1)
  }
  if (defined.size === 0) return () => []
  return (own) => {
    const here = new Set(own.map(({ line }) => line))
    const wanted = new Set<number>()
    for (const { source, line } of own) {
      if (line === undefined || !source.includes('[')) continue
      for (const match of (prose[line - 1] ?? '').matchAll(USE)) {
        const place = defined.get((match[1] ?? '').toLowerCase())
        if (place !== undefined && !here.has(place)) wanted.add(place)
      }
    }
    return [...wanted]
      .sort((a, b) => a - b)
      .map((line) => ({ source: lines[line - 1] ?? '', line: undefined, copyOf: line }))
  }
}
