import type { Specification } from '../check/specification.ts'
import { type Capability, findCapabilities } from './capabilities.ts'

/** How big a specification is, and why it should or should not be built in one go. */
export interface SizeMeasure {
  /** Outside code, quotes and comments. */
  readonly words: number
  readonly requirements: number
  readonly criteria: number
  readonly capabilities: readonly Capability[]
  /** Outside systems and concerns that it touches. */
  readonly boundaries: readonly string[]
  readonly oversized: boolean
  /** What made it so; empty where it is not. */
  readonly reasons: readonly string[]
}

const MAX_REQUIREMENTS = 40
/** From here on several independent capabilities are too much for one plan. */
const MANY_REQUIREMENTS = 20
const MANY_WORDS = 6000
const MANY_BOUNDARIES = 5

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
  specification: Pick<Specification, 'root' | 'extraction' | 'words' | 'lines'>,
): SizeMeasure {
  const { root, words, lines } = specification
  const { requirements } = specification.extraction
  const capabilities = findCapabilities(root, requirements, lines.length)
  const own = requirements
    .map((requirement) => [requirement.text, ...requirement.criteria.map((criterion) => criterion.text)].join(' '))
    .join('\n')
  const boundaries = BOUNDARIES.filter(([, pattern]) => (own.match(pattern)?.length ?? 0) >= TOUCHED).map(
    ([name]) => name,
  )
  const several = capabilities.length >= 2
  const names = capabilities
    .map(({ title }) => `"${title}"`)
    .slice(0, 5)
    .join(', ')
  const reasons = [
    requirements.length > MAX_REQUIREMENTS &&
      `${requirements.length} requirements: more than ${MAX_REQUIREMENTS} are no longer one plan`,
    several &&
      requirements.length >= MANY_REQUIREMENTS &&
      `${capabilities.length} capabilities that share neither words nor ids: ${names}`,
    several && words > MANY_WORDS && `${words} words over ${capabilities.length} capabilities`,
    several &&
      requirements.length >= MANY_REQUIREMENTS &&
      boundaries.length >= MANY_BOUNDARIES &&
      `it touches ${boundaries.join(', ')}`,
  ].filter((reason) => reason !== false)
  return {
    words,
    requirements: requirements.length,
    criteria: requirements.reduce((sum, { criteria }) => sum + criteria.length, 0),
    capabilities,
    boundaries,
    oversized: reasons.length > 0,
    reasons,
  }
}
