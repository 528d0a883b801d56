import { anchorsOf } from '../../documents/anchors.ts'
import { readOutline, type Section } from '../requirement/outline.ts'
import { bare } from '../requirement/plain-text.ts'
import type { SplitProposal } from './propose.ts'

/** One of the documents that a text is cut into. */
export interface CutText {
  readonly title: string
  readonly body: string
  /** For each line of the body the line of the source it is, or undefined where it was added. */
  readonly sourceLines: readonly (number | undefined)[]
}

export interface Cut {
  readonly parent: CutText
  readonly children: readonly CutText[]
}

/**
 * The documents of a proposal. Together they hold every line of the source exactly once, in its order; lines are
 * changed in nothing but targets of links to headings that now stand elsewhere. `keyOf` gives the key of a child by
 * its place, -1 for the parent.
 */
export function cutSplit(text: string, title: string, proposal: SplitProposal, keyOf: (place: number) => string): Cut {
  const lines = text.split('\n')
  const owner = new Array<number>(lines.length + 1).fill(-1)
  for (const [place, { lines: ranges }] of proposal.children.entries())
    for (const { start, end } of ranges) for (let line = start; line <= end; line++) owner[line] = place
  const texts = [-1, ...proposal.children.keys()].map((place) => {
    const own = lines.flatMap((source, index) => (owner[index + 1] === place ? [{ source, line: index + 1 }] : []))
    const added = addedLines(place, title, proposal, own[0]?.source ?? '', keyOf)
    const all = place === -1 ? [...own, ...added] : [...added, ...own]
    return { title: titleOf(place, title, proposal), lines: all }
  })
  const places = anchorPlaces(
    text,
    texts.map((entry) => entry.lines),
  )
  const [parent, ...children] = texts.map(
    (entry, index): CutText => ({
      title: entry.title,
      body: entry.lines
        .map(({ source, line }) => (line === undefined ? source : relink(source, index - 1, places, keyOf)))
        .join('\n'),
      sourceLines: entry.lines.map(({ line }) => line),
    }),
  )
  return { parent: parent ?? { title, body: text, sourceLines: [] }, children }
}

/** Named after both, so that the heading of its section keeps its anchor. */
function titleOf(place: number, title: string, { children }: SplitProposal): string {
  const child = children[place]
  return child === undefined ? title : `${title}: ${child.title}`
}

interface Line {
  readonly source: string
  readonly line: number | undefined
}

/** What a reader needs who opens one of the documents. */
function addedLines(
  place: number,
  title: string,
  proposal: SplitProposal,
  first: string,
  keyOf: (place: number) => string,
): readonly Line[] {
  const add = (source: string): Line => ({ source, line: undefined })
  if (place === -1) {
    return [
      '',
      '## Parts',
      '',
      ...proposal.children.map((child, index) => `- ${keyOf(index)}: ${child.title}`),
      '',
    ].map(add)
  }
  // What stood in a list of requirements has to stand in one again.
  const heading = /^#{1,6}\s/.test(first) ? [] : ['## Requirements', '']
  return [`# ${titleOf(place, title, proposal)}`, '', `Part of ${keyOf(-1)}, ${title}.`, '', ...heading].map(add)
}

/** Old anchor → where its heading stands now, and under which anchor. */
function anchorPlaces(
  text: string,
  texts: readonly (readonly Line[])[],
): ReadonlyMap<string, { readonly place: number; readonly anchor: string }> {
  const byLine = new Map<number, { place: number; anchor: string }>()
  for (const [index, lines] of texts.entries()) {
    const headings = headingsOf(lines.map(({ source }) => source).join('\n'))
    for (const { anchor, line } of anchorsOf(headings)) {
      const source = lines[line - 1]?.line
      if (source !== undefined) byLine.set(source, { place: index - 1, anchor })
    }
  }
  return new Map(
    anchorsOf(headingsOf(text)).flatMap(({ anchor, line }) => {
      const now = byLine.get(line)
      return now === undefined ? [] : [[anchor, now] as const]
    }),
  )
}

function headingsOf(text: string): readonly { readonly title: string; readonly line: number }[] {
  const visit = (section: Section): { title: string; line: number }[] => [
    ...(section.heading === undefined ? [] : [{ title: bare(section.heading.text), line: section.heading.start }]),
    ...section.sections.flatMap(visit),
  ]
  return visit(readOutline(text).root)
}

function relink(
  source: string,
  place: number,
  places: ReturnType<typeof anchorPlaces>,
  keyOf: (place: number) => string,
): string {
  if (!source.includes('](#')) return source
  return source.replace(/\]\(#([^)\s]+)\)/g, (link, anchor: string) => {
    const now = places.get(anchor.toLowerCase())
    if (now === undefined) return link
    return now.place === place ? `](#${now.anchor})` : `](${keyOf(now.place)}#${now.anchor})`
  })
}
