import { readFrontMatter } from '../markdown/front-matter.ts'
import { splitLines } from '../markdown/markdown-line.ts'
import { scanMarkdown } from '../markdown/markdown-scan.ts'
import { readOutline } from '../markdown/outline.ts'
import { readProse } from '../markdown/prose.ts'
import { createContext, type Headings, readHeadings } from './heading-context.ts'
import { anchorPlaces, type CutLine, definitionsFor, relink } from './links.ts'
import type { SplitProposal } from './proposal.ts'

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
 * changed in nothing but targets of links to headings that now stand elsewhere. What a child needs of the rest is added
 * to it: the headings its lines stood under, link definitions, and where its requirements belong. `keyOf` gives the key
 * of a child by its place, -1 for the parent.
 */
export function cutSplit(text: string, title: string, proposal: SplitProposal, keyOf: (place: number) => string): Cut {
  const lines = splitLines(text)
  const owner = new Array<number>(lines.length + 1).fill(-1)
  for (const [place, { lines: ranges }] of proposal.children.entries())
    for (const { start, end } of ranges) for (let line = start; line <= end; line++) owner[line] = place
  const outline = readOutline(text)
  const headings = readHeadings(outline)
  const { prose, fences } = readProse(outline.scan)
  const definitions = definitionsFor(lines, prose)
  const repositories = repositoryLines(lines)
  const owned = [-1, ...proposal.children.keys()].map((): CutLine[] => [])
  const open = owned.map((_, index) => createContext(headings, index > 0))
  for (let line = 1; line <= lines.length; line++) {
    const place = (owner[line] ?? -1) + 1
    const source = lines[line - 1] ?? ''
    const mine = owned[place]
    if (mine === undefined) continue
    const context = open[place]?.(line) ?? []
    if (context.length > 0 || hasGap(mine, line, source)) blankBehind(mine)
    for (const heading of context) mine.push({ source: heading.text, line: undefined, copyOf: heading.line }, blank())
    mine.push({ source, line })
  }
  const texts = owned.map((mine, index) => {
    const place = index - 1
    const copied = definitions(mine)
    const body = copied.length === 0 ? mine : [...mine, ...(endsBlank(mine) ? [] : [blank()]), ...copied]
    return place === -1
      ? withParts(body, proposal, keyOf)
      : [
          ...opening(titleOf(place, title, proposal), title, repositories, keyOf, startsUnderHeading(body, headings)),
          ...body,
        ]
  })
  const places = anchorPlaces(headings, texts)
  const inCode = new Set(
    fences.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, at) => start + at)),
  )
  const [parent, ...children] = texts.map((entry, index): CutText => {
    const body = entry.map(({ source, line, copyOf }) => {
      const origin = line ?? copyOf
      return origin === undefined || inCode.has(origin) ? source : relink(source, index - 1, places, keyOf)
    })
    return {
      title: titleOf(index - 1, title, proposal),
      body: body.join('\n'),
      sourceLines: entry.map(({ line }) => line),
    }
  })
  return { parent: parent ?? { title, body: text, sourceLines: lines.map((_, index) => index + 1) }, children }
}

/** Named after both, so that the heading of its section keeps its anchor. */
function titleOf(place: number, title: string, { children }: SplitProposal): string {
  const child = children[place]
  return child === undefined ? title : `${title}: ${child.title}`
}

function blank(): CutLine {
  return { source: '', line: undefined }
}

function endsBlank(lines: readonly CutLine[]): boolean {
  return (lines.at(-1)?.source ?? '').trim() === ''
}

function blankBehind(lines: CutLine[]): void {
  if (!endsBlank(lines)) lines.push(blank())
}

/** Lines that were apart would become one paragraph, list or heading. */
function hasGap(mine: readonly CutLine[], line: number, source: string): boolean {
  const before = mine.at(-1)?.line
  return before !== undefined && before !== line - 1 && source.trim() !== ''
}

/** What a reader needs who opens a child; a list of requirements without a heading gets one. */
function opening(
  title: string,
  parentTitle: string,
  repositories: readonly string[],
  keyOf: (place: number) => string,
  underHeading: boolean,
): readonly CutLine[] {
  const front = repositories.length === 0 ? [] : ['---', ...repositories, '---', '']
  return [
    ...front,
    `# ${title}`,
    '',
    `Part of ${keyOf(-1)}, ${parentTitle}.`,
    '',
    ...(underHeading ? [] : ['## Requirements', '']),
  ].map((source) => ({ source, line: undefined }))
}

function startsUnderHeading(body: readonly CutLine[], headings: Headings): boolean {
  const first = body.find(({ source }) => source.trim() !== '')
  const origin = first?.line ?? first?.copyOf
  return origin === undefined || headings.byLine.has(origin)
}

/**
 * The parent's way to its children: at its end, or on top where something is left open there. Under "Links", because
 * elsewhere `PRD-2: Payments` would read as a requirement with that id.
 */
function withParts(
  body: readonly CutLine[],
  { children }: SplitProposal,
  keyOf: (place: number) => string,
): readonly CutLine[] {
  const sources = body.map(({ source }) => source)
  const parts = [
    '## Links to parts',
    '',
    ...children.map((child, index) => `- ${keyOf(index)}: ${child.title}`),
    '',
  ].map((source): CutLine => ({ source, line: undefined }))
  if (scanMarkdown(sources).unclosed === undefined) return [...body, ...(endsBlank(body) ? [] : [blank()]), ...parts]
  const front = readFrontMatter(sources).length
  return [...body.slice(0, front), blank(), ...parts, ...body.slice(front)]
}

/** Of the front matter what says where requirements belong; the rest describes the document it stands in. */
function repositoryLines(lines: readonly string[]): readonly string[] {
  const kept: string[] = []
  let keeping = false
  for (const line of lines.slice(1, Math.max(1, readFrontMatter(lines).length - 1))) {
    if (/^[^\s#-]/.test(line)) keeping = /^(?:repositories|repository|repos|repo)\s*:/i.test(line)
    if (keeping) kept.push(line)
  }
  return kept
}
