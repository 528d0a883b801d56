import type { ExtractedRequirement, SourceLines } from '../../../schemas/requirement.ts'
import { extractFrom } from '../requirement/extract.ts'
import { endOf } from '../requirement/markdown-block.ts'
import type { Section } from '../requirement/outline.ts'
import { readOutline } from '../requirement/outline.ts'
import { type Capability, findCapabilities } from './capabilities.ts'

/** A document that a part of the text goes into. */
export interface SplitPart {
  readonly title: string
  readonly reason: string
  /** In ascending order, not overlapping with those of any other part. */
  readonly lines: readonly SourceLines[]
  readonly requirements: number
}

/** Which lines go where; what no child takes stays in the parent. */
export interface SplitProposal {
  readonly reason: string
  readonly children: readonly SplitPart[]
}

const MAX_CHILDREN = 8
/** A child of one thing that is cut by size alone gets about so many. */
const CHUNK = 15
const FEW = 12

/** How the text is best cut, by its own sections first; undefined where there is no sensible place. */
export function proposeSplit(text: string): SplitProposal | undefined {
  const outline = readOutline(text)
  const { requirements } = extractFrom(outline)
  const last = text.split('\n').length
  const capabilities = findCapabilities(outline.root, requirements, last)
  if (capabilities.length >= 2) {
    const chosen = fewer(capabilities)
    return {
      reason: `${capabilities.length} capabilities share neither words nor ids, so each can be built, reviewed and shipped by itself.`,
      children: chosen.map((capability) => ({
        title: capability.title,
        reason: `${capability.requirements.length} requirement(s) that mention nothing of the others`,
        lines: joined(withRelated(capability, chosen, outline.root, last)),
        requirements: capability.requirements.length,
      })),
    }
  }
  if (requirements.length <= FEW) return undefined
  const chunks = chunksOf(requirements, text, outline.root)
  if (chunks.length < 2) return undefined
  return {
    reason: `${requirements.length} requirements are no longer one plan; they are cut in their order.`,
    children: merge(chunks).map((chunk, index, all) => ({
      title: `Part ${index + 1} of ${all.length}`,
      reason: `requirements ${chunk[0]?.label ?? `in line ${chunk[0]?.lines.start}`} to ${chunk.at(-1)?.label ?? `line ${chunk.at(-1)?.lines.start}`}`,
      lines: joined(chunk.map(({ lines }) => lines)),
      requirements: chunk.length,
    })),
  }
}

/** The smallest ones share a document. */
function fewer(capabilities: readonly Capability[]): readonly Capability[] {
  const list = [...capabilities]
  while (list.length > MAX_CHILDREN) {
    list.sort((a, b) => b.requirements.length - a.requirements.length)
    const [last, other] = [list.pop(), list.pop()]
    if (last === undefined || other === undefined) break
    list.push({
      title: `${other.title}, ${last.title}`,
      lines: [...other.lines, ...last.lines].sort((a, b) => a.start - b.start),
      requirements: [...other.requirements, ...last.requirements],
    })
  }
  return list.sort((a, b) => (a.lines[0]?.start ?? 0) - (b.lines[0]?.start ?? 0))
}

/** Sections elsewhere that name ids of this capability and of no other: its flows, contracts, failure cases. */
function withRelated(
  capability: Capability,
  all: readonly Capability[],
  root: Section,
  last: number,
): readonly SourceLines[] {
  const taken = all.flatMap(({ lines }) => lines)
  const labelsOf = (one: Capability) => one.requirements.flatMap(({ label }) => label ?? [])
  const own = labelsOf(capability)
  const others = all.filter((other) => other !== capability).flatMap(labelsOf)
  const found: SourceLines[] = []
  const visit = (section: Section, end: number, depth: number): void => {
    const start = section.heading?.start
    if (start !== undefined && depth >= 3 && !taken.some((lines) => lines.start <= end && start <= lines.end)) {
      const text = textOf(section)
      if (own.some((label) => mentions(text, label)) && !others.some((label) => mentions(text, label))) {
        found.push({ start, end })
        return
      }
    }
    for (const [index, child] of section.sections.entries())
      visit(child, (section.sections[index + 1]?.heading?.start ?? end + 1) - 1, depth + 1)
  }
  visit(root, last, 0)
  return [...capability.lines, ...found]
}

function textOf(section: Section): string {
  const own = section.blocks.map((block) => JSON.stringify(block)).join('\n')
  return [section.heading?.text ?? '', own, ...section.sections.map(textOf)].join('\n')
}

function mentions(text: string, label: string): boolean {
  const at = text.indexOf(label)
  return at !== -1 && !/[\p{L}\p{N}]/u.test(text[at + label.length] ?? '')
}

/** Runs of whole requirements; two that share lines or a table stay together. */
function chunksOf(
  requirements: readonly ExtractedRequirement[],
  text: string,
  root: Section,
): readonly (readonly ExtractedRequirement[])[] {
  const lines = text.split('\n')
  const tables = tablesOf(root)
  const units: ExtractedRequirement[][] = []
  for (const requirement of requirements) {
    const before = units.at(-1)?.at(-1)
    const table = tables.find(({ start, end }) => requirement.lines.start >= start && requirement.lines.start <= end)
    const together =
      before !== undefined &&
      (before.lines.end >= requirement.lines.start || (table !== undefined && before.lines.end >= table.start))
    if (together) units.at(-1)?.push(requirement)
    else units.push([requirement])
  }
  // A row cannot leave its table.
  const whole = units.map((unit) => {
    const table = tables.find(({ start, end }) =>
      unit.some((entry) => entry.lines.start >= start && entry.lines.start <= end),
    )
    const [first] = unit
    return table === undefined || first === undefined
      ? unit
      : [
          { ...first, lines: { start: table.start, end: Math.max(table.end, unit.at(-1)?.lines.end ?? 0) } },
          ...unit.slice(1).map((entry) => ({ ...entry, lines: { start: table.end, end: table.end } })),
        ]
  })
  return whole.map((unit) =>
    unit.map((entry) => ({
      ...entry,
      lines: { start: entry.lines.start, end: Math.min(entry.lines.end, lines.length) },
    })),
  )
}

function merge(units: readonly (readonly ExtractedRequirement[])[]): readonly (readonly ExtractedRequirement[])[] {
  const total = units.reduce((sum, unit) => sum + unit.length, 0)
  const size = Math.max(CHUNK, Math.ceil(total / MAX_CHILDREN))
  const chunks: ExtractedRequirement[][] = []
  for (const unit of units) {
    const current = chunks.at(-1)
    if (current === undefined || current.length + unit.length > size) chunks.push([...unit])
    else current.push(...unit)
  }
  return chunks
}

function tablesOf(section: Section): readonly SourceLines[] {
  return [
    ...section.blocks.flatMap((block) =>
      block.kind === 'table' ? [{ start: block.header.line, end: endOf(block) }] : [],
    ),
    ...section.sections.flatMap(tablesOf),
  ]
}

/** Ascending, without gaps where they touch or overlap. */
function joined(ranges: readonly SourceLines[]): readonly SourceLines[] {
  const result: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const before = result.at(-1)
    if (before !== undefined && start <= before.end + 1) before.end = Math.max(before.end, end)
    else result.push({ start, end })
  }
  return result
}
