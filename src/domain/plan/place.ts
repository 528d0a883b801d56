import type { Placement } from '../../../schemas/plan.ts'
import type { ExtractedRequirement } from '../../../schemas/requirement.ts'
import { remembering } from '../../spec/markdown/remembering.ts'
import { readTags, type Tags } from '../../spec/requirement/tags.ts'
import { type Evidence, type EvidenceFinder, evidenceFinder, type PlaceableRepository } from './evidence.ts'
import { type FrontMatterPlaces, readFrontMatterPlaces, selectorOf } from './front-matter-places.ts'
import { clip } from './wording.ts'

export interface PlaceableRequirement
  extends Pick<ExtractedRequirement, 'label' | 'text' | 'section' | 'lines' | 'criteria'> {
  /** What placements and questions call it. */
  readonly name: string
  readonly id: string
}

export interface Placing {
  readonly placements: readonly Placement[]
  /** One for each group of requirements that the evidence leaves open. */
  readonly questions: readonly string[]
}

const TEXT_TAG = 1
const SECTION_TAG = 0.95
const FRONT_MATTER = 0.95

/** Evidence in criteria and headings is about the requirement, but less directly. */
const IN_CRITERIA = 0.85
const IN_SECTION = 0.8

/** From here on a word means the repository whatever else is said, so that several can have it. */
const STRONG = 0.55
/** A repository this much below the best one is only mentioned. */
const SHARE_OF_BEST = 0.65
/** Weak evidence decides only where the next one is this far behind. */
const LEAD = 0.15

/**
 * Puts each requirement into the repositories that evidence points to, strongest first: tags in its text, tags in its
 * headings, front matter, the only repository there is, names and what stands in the repositories. What that leaves
 * open becomes a question and no placement. Pure, and the same for the same input.
 */
export function placeRequirements(input: {
  readonly requirements: readonly PlaceableRequirement[]
  readonly repositories: readonly PlaceableRepository[]
  readonly frontMatter?: Readonly<Record<string, unknown>> | undefined
}): Placing {
  const names = input.repositories.map((repository) => repository.name).sort()
  if (names.length === 0) {
    return {
      placements: [],
      questions: ['Which repositories does this PRD touch? It names none: add them to it.'],
    }
  }
  const places = readFrontMatterPlaces(input.frontMatter ?? {}, names)
  const candidates = places.limit.length > 0 ? places.limit : names
  // Thousands of requirements stand under the same headings.
  const find = remembering(evidenceFinder(input.repositories.filter(({ name }) => candidates.includes(name))))
  const tagsOf = remembering((text) => readTags(text, names))
  const placements: Placement[] = []
  const open = new Map<string, Open>()
  const questions: string[] = []
  for (const requirement of input.requirements) {
    const outright = readOutright(requirement, tagsOf, places)
    for (const unknown of outright?.unknown ?? []) {
      questions.push(
        `${requirement.name} is tagged "${unknown}", which is no repository of this PRD. Which of ${names.join(', ')} is meant, or is one missing?`,
      )
    }
    const decided = outright ?? weigh(requirement, candidates, find)
    for (const [repository, { confidence, reason }] of decided.chosen)
      placements.push({ requirement: requirement.name, repository, confidence: round(confidence), reason })
    if (decided.chosen.size > 0 || outright !== undefined) continue
    const key = JSON.stringify([decided.candidates, requirement.section])
    const group = open.get(key) ?? { tied: decided.candidates, requirements: [] }
    group.requirements.push(requirement)
    open.set(key, group)
  }
  for (const group of open.values()) questions.push(askWhere(group, candidates))
  return { placements, questions }
}

/** Requirements of one section that the same question is asked about. */
interface Open {
  readonly tied: readonly string[]
  readonly requirements: PlaceableRequirement[]
}

interface Decision {
  readonly chosen: ReadonlyMap<string, { readonly confidence: number; readonly reason: string }>
  /** Repositories with equally weak evidence; none where there is no evidence at all. */
  readonly candidates: readonly string[]
  /** Tags that stand for no repository. */
  readonly unknown: readonly string[]
}

/** What the author said; undefined where nothing was. */
function readOutright(
  requirement: PlaceableRequirement,
  tagsOf: (text: string) => Tags,
  places: FrontMatterPlaces,
): Decision | undefined {
  const passages = [
    { text: requirement.text, confidence: TEXT_TAG, where: '' },
    // The innermost heading speaks first.
    ...requirement.section.toReversed().map((text) => ({ text, confidence: SECTION_TAG, where: ' in its heading' })),
  ]
  for (const { text, confidence, where } of passages) {
    const tags = tagsOf(text)
    if (tags.repositories.length + tags.unknown.length === 0) continue
    const reason = `tagged ${tags.quote}${where}`
    return {
      chosen: new Map(tags.repositories.map((name) => [name, { confidence, reason }])),
      candidates: [],
      unknown: tags.unknown,
    }
  }
  if (places.decided.size === 0) return undefined
  const selectors = [requirement.label, requirement.id, ...requirement.section.toReversed()]
  for (const selector of selectors) {
    const mapped = selector === undefined ? undefined : places.decided.get(selectorOf(selector))
    if (mapped === undefined) continue
    const reason = `the front matter puts "${selector}" there`
    return {
      chosen: new Map(mapped.map((name) => [name, { confidence: FRONT_MATTER, reason }])),
      candidates: [],
      unknown: [],
    }
  }
  return undefined
}

function weigh(requirement: PlaceableRequirement, candidates: readonly string[], find: EvidenceFinder): Decision {
  const [only] = candidates
  if (only !== undefined && candidates.length === 1) {
    return {
      chosen: new Map([[only, { confidence: 1, reason: 'the only repository of the PRD' }]]),
      candidates: [],
      unknown: [],
    }
  }
  const scores = [...score(gather(requirement, find))].sort(
    ([a, x], [b, y]) => y.confidence - x.confidence || (a < b ? -1 : 1),
  )
  const [best, next] = scores
  if (best === undefined) return { chosen: new Map(), candidates: [], unknown: [] }
  const least = Math.max(STRONG, best[1].confidence * SHARE_OF_BEST)
  const strong = scores.filter(([, { confidence }]) => confidence >= least)
  if (strong.length > 0) return { chosen: new Map(strong), candidates: [], unknown: [] }
  const leads = best[1].confidence - (next?.[1].confidence ?? 0) >= LEAD
  return leads
    ? { chosen: new Map([best]), candidates: [], unknown: [] }
    : { chosen: new Map(), candidates: scores.map(([name]) => name), unknown: [] }
}

function gather(requirement: PlaceableRequirement, find: EvidenceFinder): readonly Evidence[] {
  const scaled = (text: string, factor: number) =>
    find(text).map((evidence) => ({ ...evidence, weight: evidence.weight * factor }))
  return [
    ...scaled(requirement.text, 1),
    ...scaled(requirement.criteria.map((criterion) => criterion.text).join('\n'), IN_CRITERIA),
    // The outermost heading is the title of the document: it is about all of it.
    ...scaled(requirement.section.slice(1).join('\n'), IN_SECTION),
  ]
}

/** Independent hints add up; a word said twice is one hint. */
function score(
  evidence: readonly Evidence[],
): ReadonlyMap<string, { readonly confidence: number; readonly reason: string }> {
  const strongest = new Map<string, Evidence>()
  for (const entry of evidence) {
    const key = `${entry.repository}\n${entry.token}`
    if (entry.weight > (strongest.get(key)?.weight ?? 0)) strongest.set(key, entry)
  }
  const grouped = Map.groupBy(strongest.values(), (entry) => entry.repository)
  return new Map(
    [...grouped].map(([repository, entries]) => {
      const sorted = entries.toSorted((a, b) => b.weight - a.weight || (a.token < b.token ? -1 : 1))
      const doubt = sorted.reduce((rest, entry) => rest * (1 - entry.weight), 1)
      const reason = sorted
        .slice(0, 3)
        .map((entry) => entry.reason)
        .join('; ')
      return [repository, { confidence: Math.min(0.94, 1 - doubt), reason }]
    }),
  )
}

function askWhere({ tied, requirements }: Open, all: readonly string[]): string {
  const [first, ...others] = requirements
  const why = tied.length === 0 ? 'Nothing in the text points to one' : 'What points to them is weak and even'
  const names = requirements.map((requirement) => requirement.name).join(', ')
  const quote =
    first === undefined || others.length > 0 ? '' : ` ("${clip(first.text, 80)}", line ${first.lines.start})`
  const which = others.length > 0 ? `repositories do ${names}` : `repository does ${names}`
  return `In which ${which} belong${quote}: ${(tied.length === 0 ? all : tied).join(', ')}? ${why}. Tag the text with [repo: name], or decide in the plan.`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
