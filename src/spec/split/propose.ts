import { prdKey } from '../../../schemas/key.ts'
import type { ExtractedRequirement, SourceLines } from '../../../schemas/requirement.ts'
import { splitLines } from '../markdown/markdown-line.ts'
import { readOutline } from '../markdown/outline.ts'
import { extractFrom, extractRequirements } from '../requirement/extract.ts'
import { type Capability, findCapabilities, unite } from './capabilities.ts'
import { cutSplit } from './cut.ts'
import { findCutPlaces } from './cut-places.ts'
import { findDistantCriteria } from './distant-criteria.ts'
import { readParts } from './parts.ts'
import { countOf, type Piece, pack, piecesOf } from './pieces.ts'
import type { SplitProposal } from './proposal.ts'
import { findRelated } from './related.ts'

const MAX_CHILDREN = 8
/** A child of one thing that is cut by size alone has at most so many, unless eight children are too few. */
const CHUNK = 15
const FEWEST = 4

/**
 * How the text is best cut: by capability, else by size along its sections and requirements. Undefined where there is no
 * place for it, or where the documents would not read the same requirements as the whole.
 */
export function proposeSplit(text: string): SplitProposal | undefined {
  const lines = splitLines(text)
  const outline = readOutline(text)
  const { requirements } = extractFrom(outline)
  const root = readParts(outline.root, requirements, lines.length)
  const mayCut = findCutPlaces(outline.scan, requirements)
  const finish = (proposal: SplitProposal): SplitProposal | undefined => {
    const ranges = proposal.children.map((child) => child.lines)
    const criteria = findDistantCriteria(root, requirements, ranges, mayCut)
    const whole = {
      ...proposal,
      children: proposal.children.map((child, index) => ({
        ...child,
        lines: joined([...child.lines, ...(criteria[index] ?? [])]),
      })),
    }
    return keepsRequirements(text, requirements, whole) ? whole : undefined
  }
  const capabilities = findCapabilities(root)
  if (capabilities.length >= 2) {
    const chosen = fewer(capabilities)
    const related = findRelated(root, chosen, lines, mayCut)
    const ranges = chosen.flatMap((capability) => capability.lines)
    const proposal = ranges.every(({ start, end }) => mayCut(start) && mayCut(end + 1))
      ? finish({
          reason: `${capabilities.length} capabilities share neither words nor ids, so each can be built, reviewed and shipped by itself.`,
          children: chosen.map((capability, index) => ({
            title: capability.title,
            reason: `${capability.requirements.length} requirements that mention nothing of the others`,
            lines: [...capability.lines, ...(related[index] ?? [])],
            requirements: capability.requirements.length,
          })),
        })
      : undefined
    if (proposal !== undefined) return proposal
  }
  const most = Math.max(CHUNK, Math.ceil(requirements.length / MAX_CHILDREN))
  const chunks = atMost(MAX_CHILDREN, pack(piecesOf(root, most, mayCut, lines), most, FEWEST))
  if (chunks.length < 2) return undefined
  return finish({
    reason: `${requirements.length} requirements are cut by size, in their order: at most about ${most} a document.`,
    children: chunks.map((chunk, index) => ({
      title: titleOf(chunks, index),
      reason: `${countOf(chunk)} requirements that stand together`,
      lines: chunk,
      requirements: countOf(chunk),
    })),
  })
}

/** Named after its sections; where a section is divided, also by its place. */
function titleOf(chunks: readonly (readonly Piece[])[], index: number): string {
  const chunk = chunks[index] ?? []
  const titles = [...new Set(chunk.map(({ title }) => title).filter((title) => title !== ''))]
  const name = titles.length > 3 ? `${titles[0]} to ${titles.at(-1)}` : titles.join(', ')
  const parts = chunks.flatMap((other, at) =>
    other.some((piece) => !piece.whole && piece.title === titles[0]) ? [at] : [],
  )
  if (chunk.every(({ whole }) => whole) && name !== '') return name
  const place = parts.length > 1 ? `part ${parts.indexOf(index) + 1} of ${parts.length}` : ''
  return [name, place].filter((word) => word !== '').join(', ') || `Part ${index + 1} of ${chunks.length}`
}

/** The smallest ones share a document. */
function fewer(capabilities: readonly Capability[]): readonly Capability[] {
  const list = [...capabilities]
  while (list.length > MAX_CHILDREN) {
    list.sort((a, b) => b.requirements.length - a.requirements.length)
    const smallest = list.splice(-2)
    list.push(unite(smallest.reverse()))
  }
  return list.sort((a, b) => (a.lines[0]?.start ?? 0) - (b.lines[0]?.start ?? 0))
}

function atMost(count: number, chunks: readonly (readonly Piece[])[]): readonly (readonly Piece[])[] {
  const list = [...chunks]
  while (list.length > count) {
    let best = 1
    const sizeAt = (index: number): number => countOf(list[index - 1] ?? []) + countOf(list[index] ?? [])
    for (let index = 2; index < list.length; index++) if (sizeAt(index) < sizeAt(best)) best = index
    list.splice(best - 1, 2, [...(list[best - 1] ?? []), ...(list[best] ?? [])])
  }
  return list
}

/**
 * Whether the documents together say the requirements with the criteria that the whole says, and no others. A passage
 * that speaks of a requirement by its label reads as one where that one is gone; it says nothing new.
 */
function keepsRequirements(text: string, before: readonly ExtractedRequirement[], proposal: SplitProposal): boolean {
  const { parent, children } = cutSplit(text, 'Whole', proposal, (place) => prdKey(place + 2))
  const left = new Map<string, number>()
  const labels = new Set(before.map(({ label }) => label))
  for (const requirement of before) {
    const statement = statementOf(requirement)
    left.set(statement, (left.get(statement) ?? 0) + 1)
  }
  for (const { body } of [parent, ...children]) {
    for (const requirement of extractRequirements(body).requirements) {
      const statement = statementOf(requirement)
      const count = left.get(statement) ?? 0
      if (count > 0) left.set(statement, count - 1)
      else if (requirement.label === undefined || !labels.has(requirement.label)) return false
    }
  }
  return [...left.values()].every((count) => count === 0)
}

function statementOf({ label, text, criteria }: ExtractedRequirement): string {
  const all = [label ?? '', text, ...criteria.map((entry) => entry.text)].join('\n')
  return all.includes('#') ? all.replace(/\]\([^)\s]*#[^)]*\)/g, ']') : all
}

/** Ascending, without gaps where they touch. */
function joined(ranges: readonly SourceLines[]): readonly SourceLines[] {
  const result: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const before = result.at(-1)
    if (before !== undefined && start <= before.end + 1) before.end = Math.max(before.end, end)
    else result.push({ start, end })
  }
  return result
}
