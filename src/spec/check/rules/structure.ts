import type { Severity } from '../../../../schemas/finding.ts'
import type { PrdKind } from '../../../../schemas/prd.ts'
import type { Part } from '../part.ts'
import { type Hit, type Rule, wholeLine } from '../rule.ts'
import type { Specification } from '../specification.ts'
import { NUMBER, SUFFERS } from './outcomes.ts'

interface Demand {
  readonly id: string
  readonly severity: Severity
  readonly kind: PrdKind
  readonly fromWords: number
  /** Any of these parts will do. */
  readonly parts: readonly Part[]
  readonly says: string
  readonly when?: (specification: Specification, repositories: number) => boolean
  /** It is said under another heading. */
  readonly unless?: (specification: Specification) => boolean
}

/** What each kind of document has to speak of, from how many words on. */
const DEMANDS: readonly Demand[] = [
  {
    id: 'problem',
    severity: 'warning',
    kind: 'prd',
    fromWords: 150,
    parts: ['problem'],
    says: 'what happens today, to whom, and what it costs. Write it under "## Problem".',
    unless: ({ passages }) =>
      passages.some(
        ({ titles, text, requirement }) =>
          requirement === undefined && isOpening(titles) && NUMBER.test(text) && SUFFERS.test(text),
      ),
  },
  {
    id: 'goals',
    severity: 'warning',
    kind: 'prd',
    fromWords: 150,
    parts: ['goals'],
    says: 'what is reached when it is built. Write one line a goal under "## Goals", each with a number or a yes/no outcome.',
  },
  {
    id: 'non-goals',
    severity: 'warning',
    kind: 'prd',
    fromWords: 250,
    parts: ['non_goals'],
    says: 'what is not built; whatever is not excluded may get built. Write it under "## Non-goals".',
  },
  {
    id: 'personas',
    severity: 'warning',
    kind: 'prd',
    fromWords: 600,
    parts: ['personas'],
    says: 'who uses it directly: role, main goal, main friction. Write it under "## Users".',
  },
  {
    id: 'boundary',
    severity: 'info',
    kind: 'prd',
    fromWords: 1200,
    parts: ['boundary'],
    says: 'what the system owns and what it only uses, although several repositories are touched. Write two lists under "## System boundary".',
    when: (_, repositories) => repositories > 1,
  },
  {
    id: 'flows',
    severity: 'info',
    kind: 'prd',
    fromWords: 600,
    parts: ['flows'],
    says: 'how a person gets from start to end. Write one numbered list a main action under "## Flows".',
  },
  {
    id: 'constraints',
    severity: 'info',
    kind: 'prd',
    fromWords: 600,
    parts: ['constraints'],
    says: 'security, performance, cost or compliance; an unwritten constraint is none. Write it under "## Constraints".',
  },
  {
    id: 'failure-modes',
    severity: 'warning',
    kind: 'prd',
    fromWords: 400,
    parts: ['failures'],
    says: 'what happens when something fails. Write condition, response and what the user sees under "## Failure cases".',
  },
  {
    id: 'metrics',
    severity: 'info',
    kind: 'prd',
    fromWords: 600,
    parts: ['metrics'],
    says: 'what is measured afterwards and from which value on it is good. Write it under "## Metrics".',
  },
  {
    id: 'done',
    severity: 'info',
    kind: 'prd',
    fromWords: 1200,
    parts: ['done'],
    says: 'when it is finished. Write what anybody can check under "## Definition of done".',
  },
  {
    id: 'rollout',
    severity: 'warning',
    kind: 'prd',
    fromWords: 150,
    parts: ['rollout'],
    says: 'how old and new live together, although its goals speak of a migration or compatibility. Write steps and the way back under "## Rollout".',
    when: (specification) =>
      [...specification.of('goals'), ...specification.of('problem')].some(({ text }) => SPEAKS_OF_MIGRATION.test(text)),
  },
  {
    id: 'approach',
    severity: 'warning',
    kind: 'tech_spec',
    fromWords: 150,
    parts: ['approach'],
    says: 'how it is built and why so. Write it under "## Approach".',
  },
  {
    id: 'interfaces',
    severity: 'warning',
    kind: 'tech_spec',
    fromWords: 150,
    parts: ['contracts'],
    says: 'its interfaces: signatures, endpoints, events or tables with examples. Write them under "## Interfaces".',
  },
  {
    id: 'errors',
    severity: 'warning',
    kind: 'tech_spec',
    fromWords: 200,
    parts: ['failures'],
    says: 'errors and edge cases. Write condition and response under "## Errors".',
  },
  {
    id: 'tests',
    severity: 'warning',
    kind: 'tech_spec',
    fromWords: 150,
    parts: ['tests'],
    says: 'how it is tested. Name the tests under "## Tests".',
  },
  {
    id: 'steps',
    severity: 'error',
    kind: 'bug',
    fromWords: 0,
    parts: ['steps'],
    says: 'how to see the defect. Write numbered steps under "## Steps to reproduce".',
  },
  {
    id: 'expected',
    severity: 'error',
    kind: 'bug',
    fromWords: 0,
    parts: ['expected'],
    says: 'what should happen. Write it under "## Expected behaviour".',
  },
  {
    id: 'actual',
    severity: 'error',
    kind: 'bug',
    fromWords: 0,
    parts: ['actual'],
    says: 'what happens instead. Write it under "## Actual behaviour".',
  },
  {
    id: 'environment',
    severity: 'warning',
    kind: 'bug',
    fromWords: 60,
    parts: ['environment'],
    says: 'where it was seen: version, system, data. Write it under "## Environment".',
  },
  {
    id: 'severity',
    severity: 'info',
    kind: 'bug',
    fromWords: 60,
    parts: ['severity'],
    says: 'whom it hits and how badly. Write it under "## Impact".',
  },
]

/** What stands before the first heading, or under one that only opens the text. */
function isOpening(titles: readonly string[]): boolean {
  const [title] = titles
  return title === undefined || OPENING.test(title)
}

const OPENING =
  /^\W*(?:\d+[.)]\s*)?(?:(?:executive )?summary|overview|introduction|intro|abstract|tl;?dr|at a glance|in brief)\b/i
const SPEAKS_OF_MIGRATION = /\bmigrat|\bbackwards?[- ]compatib|\bcut[- ]?over\b|\bwithout breaking existing\b/i

const demands: readonly Rule[] = DEMANDS.map((demand) => ({
  id: `structure.${demand.id}`,
  severity: demand.severity,
  kinds: [demand.kind],
  fromWords: demand.fromWords,
  asks: `The text says ${demand.says}`,
  find(specification, { assigned }) {
    if (demand.parts.some(specification.speaksOf) || demand.unless?.(specification) === true) return []
    if (demand.when?.(specification, assigned.length) === false) return []
    return [{ place: placeOf(specification, demand.parts), message: `The text does not say ${demand.says}` }]
  },
}))

/** Where the section is there and empty, that one; else where the document begins. */
function placeOf(specification: Specification, parts: readonly Part[]) {
  const heading = specification.headings.find((entry) => parts.some((part) => entry.parts.includes(part)))
  return wholeLine(specification, heading?.line ?? firstLine(specification))
}

/** The first line that says something, as a rule the title. */
export function firstLine({ headings, prose }: Specification): number {
  const spoken = prose.findIndex((line) => line.trim() !== '')
  return headings[0]?.line ?? (spoken === -1 ? 1 : spoken + 1)
}

export const structureRules: readonly Rule[] = [
  ...demands,
  {
    id: 'structure.requirements',
    severity: 'error',
    kinds: ['prd', 'tech_spec'],
    asks: 'There is at least one requirement, so that a plan can be cut.',
    find: (specification, { hasChildren }) =>
      hasChildren || specification.extraction.requirements.length > 0
        ? []
        : [
            {
              place: placeOf(specification, ['requirements']),
              message:
                'No requirement was found, so no plan can be cut. Write each as "### FR-001: …" with what the system shall do, or as a list under a heading "Requirements".',
            },
          ],
  },
  {
    id: 'structure.parent',
    severity: 'info',
    kinds: ['tech_spec'],
    fromWords: 150,
    asks: 'A tech spec names the PRD it realises.',
    find(specification, { hasParent }) {
      const named = hasParent || 'parent' in specification.extraction.frontMatter || /\bPRD\b/.test(specification.text)
      return named
        ? []
        : [
            {
              place: wholeLine(specification, firstLine(specification)),
              message:
                'The tech spec names no PRD, so nobody can tell what it realises. Set it as its parent, or name it in the text.',
            },
          ]
    },
  },
  {
    id: 'structure.empty',
    severity: 'warning',
    asks: 'Every heading has something under it.',
    find: (specification) =>
      specification.headings
        .filter((heading) => isIdle(specification, heading))
        .map(
          (heading): Hit => ({
            place: wholeLine(specification, heading.line),
            message: `Nothing stands under "${heading.title}". Fill it, say "N/A" with the reason, or remove the heading.`,
          }),
        ),
  },
]

/** Empty, and no other rule says so. */
function isIdle(specification: Specification, heading: Specification['headings'][number]): boolean {
  if (!heading.empty || heading.level === 1) return false
  const demanded = DEMANDS.filter(
    (demand) =>
      demand.kind === specification.kind &&
      specification.words >= demand.fromWords &&
      !demand.parts.some(specification.speaksOf) &&
      demand.parts.some((part) => heading.parts.includes(part)),
  )
  const missesAll = heading.parts.includes('requirements') && specification.extraction.requirements.length === 0
  return demanded.length === 0 && !missesAll
}
