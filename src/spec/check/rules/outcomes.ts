import type { Part } from '../part.ts'
import type { Passage } from '../passage.ts'
import { type Hit, type Rule, whole } from '../rule.ts'
import { search } from '../search.ts'
import type { Specification } from '../specification.ts'

const NUMBER_WORD =
  'zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred|thousand|dozen|half|third|quarter|twice|double|percent|once|daily|weekly|hourly|monthly'
/** A number of its own; the one in FR-12 measures nothing. */
export const NUMBER = new RegExp(`(?<![\\p{L}\\p{N}-])[\\p{Sc}<>≤≥~]?\\p{N}|\\b(?:${NUMBER_WORD})s?\\b`, 'iu')
/** Holds or does not, without a number. */
const BINARY =
  /\b(?:every|each|all|any|no|none|nobody|nothing|never|always|only|without|cannot|must not|not a single|exactly|same|any longer|passes|compiles|in one step|equals?|identical|match(?:es)?(?! expectations?\b)|agrees? with|in sync|offline)\b/i

/** Entries of a part: items and rows; its paragraphs where it has none. Entries nested in others and lead-ins count with those above. */
export function entriesOf(specification: Specification, part: Part, beside: readonly Part[] = []): readonly Passage[] {
  const passages = specification.of(part).filter(({ parts }) => !parts.some((other) => beside.includes(other)))
  const listed = passages.filter(({ kind }) => kind !== 'paragraph')
  if (listed.length === 0) return passages
  const nested = new Set(listed.flatMap((passage) => passage.nested))
  return listed.filter(({ raw }) => !nested.has(raw))
}

/** A row with nothing in one of its columns. */
export function hasGap({ cells }: Passage): boolean {
  return cells !== undefined && [...cells.values()].some((cell) => /^[\s–—-]*$/.test(cell))
}

function allOf(passage: Passage): string {
  return [passage.raw, ...passage.nested].join(' ').replace(/\b[A-Z]{1,10}-?\d+\b/g, '')
}

export const outcomeRules: readonly Rule[] = [
  {
    id: 'problem.no-number',
    severity: 'info',
    kinds: ['prd'],
    fromWords: 150,
    asks: 'A problem is measured.',
    find(specification) {
      const passages = specification.of('problem')
      const [first] = passages
      if (first === undefined || passages.some((passage) => NUMBER.test(allOf(passage)))) return []
      return [
        {
          place: whole(first),
          message:
            'The problem has no number, so nobody can tell how much it matters. Say how often, how long or how much.',
        },
      ]
    },
  },
  {
    id: 'problem.solution',
    severity: 'warning',
    kinds: ['prd'],
    asks: 'The problem says what is, not what will be built.',
    find: (specification) =>
      search(
        specification.of('problem').filter(({ parts }) => !parts.includes('goals') && !parts.includes('approach')),
        /\b(?:we|the (?:new )?(?:system|product|service|app|application|solution|tool|platform|team)) (?:will|should|shall|must|need(?:s)? to|plan(?:s)? to|want(?:s)? to|(?:am|are|is) going to|propose(?:s)? to) (?:\w+ly )?(?:build|add|implement|introduce|create|develop|replace|provide|offer|ship|use|write|migrate)\b|\b(?:the|our) solution is\b|\bwe propose\b/gi,
      ).map(
        ({ text, place }): Hit => ({
          place,
          message: `"${text}" is a solution. Say here what hurts today, and move this to the requirements.`,
        }),
      ),
  },
  {
    id: 'goal.no-number',
    severity: 'warning',
    kinds: ['prd'],
    asks: 'A goal has a number, a threshold or a yes/no outcome.',
    find: (specification) =>
      entriesOf(specification, 'goals', ['problem', 'non_goals', 'requirements'])
        .filter(({ requirement }) => requirement === undefined)
        .filter(
          (passage) => !/[:：]$/.test(passage.raw) && !NUMBER.test(allOf(passage)) && !BINARY.test(allOf(passage)),
        )
        .map((passage) => ({
          place: whole(passage),
          message:
            'Nobody can tell when this goal is reached. Give a number (from, to, until when) or an outcome that is there or not.',
        })),
  },
  {
    id: 'metric.no-threshold',
    severity: 'warning',
    kinds: ['prd', 'tech_spec'],
    asks: 'A metric has a threshold.',
    find: (specification) =>
      entriesOf(specification, 'metrics', ['goals', 'requirements'])
        .filter(({ kind, requirement }) => kind !== 'paragraph' && requirement === undefined)
        .filter((passage) => hasGap(passage) || (!NUMBER.test(allOf(passage)) && !BINARY.test(allOf(passage))))
        .map((passage) => ({
          place: whole(passage),
          message: 'This metric has no threshold. Say from which value on it is good, and over which time.',
        })),
  },
  {
    id: 'done.subjective',
    severity: 'warning',
    kinds: ['prd', 'tech_spec'],
    asks: 'Done is what anybody can check.',
    find: (specification) =>
      search(
        specification.of('done'),
        /\b(?:good|nice|happy|happily|satisfied|confident|comfortable|polished|clean code|(?:look|feel)s? (?:\w+ )?(?:right|good|fast|nice|fine)|feels|pleased|impressed|agree(?:s)? that|well[- ](?:written|documented|tested|structured)|solid|mature|thorough(?:ly)?)\b/gi,
      ).map(
        ({ text, place }): Hit => ({
          place,
          message: `"${text}" is a matter of opinion. Name what shows it: a test, a number, a document that exists.`,
        }),
      ),
  },
  {
    id: 'persona.incomplete',
    severity: 'info',
    kinds: ['prd'],
    fromWords: 250,
    asks: 'A persona has a role, a main goal and a main friction.',
    find(specification) {
      const personas = personasOf(specification)
      const keys = KEYS.filter((key) => personas.some((persona) => key.test(persona.map(allOf).join('\n'))))
      return personas
        .filter((persona) => !isPersona(persona) || keys.some((key) => !key.test(persona.map(allOf).join('\n'))))
        .flatMap(([first]) =>
          first === undefined
            ? []
            : [
                {
                  place: whole(first),
                  message:
                    'Of this user the goal or the friction is missing. Say what they want to get done and what stands in the way today.',
                },
              ],
        )
    },
  },
]

/** Where one persona has it, each needs it. */
const KEYS: readonly RegExp[] = [/\bgoal\b\W{0,3}:/i, /\b(?:friction|pain|frustration)\b\W{0,3}:/i]

/** One persona an item or row; where each has a heading of its own, all under it. */
function personasOf(specification: Specification): readonly (readonly Passage[])[] {
  const entries = entriesOf(specification, 'personas', ['requirements', 'flows'])
  const byTitle = Map.groupBy(specification.of('personas'), ({ titles }) => titles.join('\n'))
  return byTitle.size > 1 ? [...byTitle.values()] : entries.map((entry) => [entry])
}

const WANTS = /\b(?:wants?|needs?|goals?|aims?|tries|must|has to|have to|should be able|in order to|so that|to \w+)\b/i
/** Speaks of something that hurts as it is. */
export const SUFFERS =
  /\b(?:friction|but|however|today|now|currently|pain|frustrat\w*|struggl\w*|can(?:not|'t|’t)|because|loses?|waits?|waste[sd]?|hard|difficult|slow\w*|without|problem|misses|never|no |not |only|by hand|manual\w*|forgets?|annoy\w*|error|twice|too|again|guess\w*|blind|late|re-?\w+s)\b/i

function isPersona(passages: readonly Passage[]): boolean {
  const [first] = passages
  if (first?.cells !== undefined)
    return [...first.cells.values()].every((cell) => cell.trim() !== '') && first.cells.size >= 3
  const text = passages.map(allOf).join(' ')
  // Somebody a sentence tells about is more than a name in a list.
  if (passages.every(({ kind }) => kind === 'paragraph'))
    return text.split(/\s+/).length < 4 || WANTS.test(text) || SUFFERS.test(text)
  return WANTS.test(text) && SUFFERS.test(text)
}
