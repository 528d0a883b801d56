import type { Specification } from '../check/specification.ts'
import { readTags } from '../requirement/tags.ts'
import { type Capability, findCapabilities } from './capabilities.ts'
import { type Part, readParts } from './parts.ts'

/** How big a specification is, and why it should or should not be built in one go. */
export interface SizeMeasure {
  /** Outside code, quotes and comments. */
  readonly words: number
  readonly requirements: number
  readonly criteria: number
  readonly capabilities: readonly Capability[]
  /** Outside systems and concerns that it touches. */
  readonly boundaries: readonly string[]
  /** Flows of people through the product that have a section each. */
  readonly journeys: number
  /** Named in front matter or `[repo: name]`, in order of their first mention. */
  readonly repositories: readonly string[]
  readonly oversized: boolean
  /** What made it so; empty where it is not. */
  readonly reasons: readonly string[]
}

const MAX_REQUIREMENTS = 40
/** From here on several independent capabilities are too much for one plan. */
const MANY_REQUIREMENTS = 20
const MANY_WORDS = 6000
const MANY_BOUNDARIES = 5
const MANY_JOURNEYS = 8

const BOUNDARIES: readonly (readonly [string, RegExp])[] = [
  ['sign-in', /\b(?:log ?in|sign[- ]?(?:in|up)|password|passkey|oauth|single sign-on|SSO|permissions?|roles?)\b/gi],
  ['payment', /\b(?:pay(?:s|ment|ments|out)?|refund\w*|invoic\w*|billing|card number|checkout)\b/gi],
  ['notification', /\b(?:e-?mails?|SMS|push notifications?|notif(?:y|ies|ication\w*)|remind\w*)\b/gi],
  ['search', /\b(?:search\w*|full[- ]text|facets?|autocomplet\w*)\b/gi],
  ['storage', /\b(?:upload\w*|download\w*|file storage|attachments?|archiv\w*|backups?)\b/gi],
  ['analytics', /\b(?:dashboards?|reports?|analytics|statistics|charts?)\b/gi],
  ['messaging', /\b(?:chat|messages?|queues?|webhooks?|event bus)\b/gi],
  ['external API', /\b(?:third[- ]party|external (?:api|service|system)|partner api|integrations?|import from)\b/gi],
]
/** Named once, a thing is mentioned; named so often, it is built. */
const TOUCHED = 5

export function measureSize(
  specification: Pick<Specification, 'root' | 'extraction' | 'words' | 'lines' | 'prose'>,
): SizeMeasure {
  const { words, lines, prose } = specification
  const { requirements, frontMatter } = specification.extraction
  const root = readParts(specification.root, requirements, lines.length)
  const capabilities = findCapabilities(root)
  const own = requirements
    .map((requirement) => [requirement.text, ...requirement.criteria.map((criterion) => criterion.text)].join(' '))
    .join('\n')
  const boundaries = BOUNDARIES.filter(([, pattern]) => (own.match(pattern)?.length ?? 0) >= TOUCHED).map(
    ([name]) => name,
  )
  const journeys = countJourneys(root, false)
  const several = capabilities.length >= 2
  const divided = capabilities.reduce((sum, capability) => sum + capability.requirements.length, 0)
  const names = capabilities
    .map(({ title }) => `"${title}"`)
    .slice(0, 5)
    .join(', ')
  const reasons = [
    requirements.length > MAX_REQUIREMENTS &&
      `${requirements.length} requirements: more than ${MAX_REQUIREMENTS} are no longer one plan`,
    several &&
      divided >= MANY_REQUIREMENTS &&
      `${capabilities.length} capabilities that share neither words nor ids: ${names}`,
    several && words > MANY_WORDS && `${words} words over ${capabilities.length} capabilities`,
    several &&
      divided >= MANY_REQUIREMENTS &&
      boundaries.length >= MANY_BOUNDARIES &&
      `it touches ${boundaries.join(', ')}`,
    several && divided >= MANY_REQUIREMENTS && journeys >= MANY_JOURNEYS && `${journeys} journeys lead through it`,
  ].filter((reason) => reason !== false)
  return {
    words,
    requirements: requirements.length,
    criteria: requirements.reduce((sum, { criteria }) => sum + criteria.length, 0),
    capabilities,
    boundaries,
    journeys,
    repositories: repositoriesOf(frontMatter, prose),
    oversized: reasons.length > 0,
    reasons,
  }
}

const JOURNEYS = /\b(?:journeys?|flows?|walk-?throughs?)\b/i

/** Sections that are a journey, or the subsections of one that holds them all. */
function countJourneys({ title, parts }: Part, among: boolean): number {
  const names = among || JOURNEYS.test(title)
  if (parts.length === 0) return names ? 1 : 0
  return parts.reduce((sum, part) => sum + countJourneys(part, names), 0)
}

function repositoriesOf(frontMatter: Readonly<Record<string, unknown>>, prose: readonly string[]): readonly string[] {
  const names = new Set<string>()
  for (const [key, value] of Object.entries(frontMatter)) {
    if (!/^(?:repositor(?:y|ies)|repos?)$/i.test(key)) continue
    for (const name of Array.isArray(value) ? value : [value]) if (typeof name === 'string') names.add(name)
  }
  for (const line of prose) if (line.includes('[')) for (const name of readTags(line, []).unknown) names.add(name)
  return [...names]
}
