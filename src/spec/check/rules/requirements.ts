import type { Place } from '../../../../schemas/finding.ts'
import type { ExtractedRequirement } from '../../../../schemas/requirement.ts'
import { wordCount } from '../../markdown/plain-text.ts'
import { isStrictEars } from '../../requirement/ears.ts'
import { COMPARED_WHOLE } from '../../requirement/similarity.ts'
import { partsOf } from '../part.ts'
import { type Rule, whole, wholeLine } from '../rule.ts'
import { firstOfEach, search } from '../search.ts'
import type { Specification } from '../specification.ts'
import { speaksOfError } from './flows.ts'

const MAX_CRITERIA = 8
const MAX_WORDS = 200

function nameOf({ label, text }: ExtractedRequirement): string {
  return label ?? `"${text.length > 60 ? `${text.slice(0, 57)}…` : text}"`
}

function placeOf(specification: Specification, { lines }: ExtractedRequirement): Place {
  return wholeLine(specification, lines.start)
}

const MEASURE =
  /(?<![\p{L}\p{N}-])\p{N}|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twice|once|daily|weekly|monthly|half)\b/iu
const SEEN =
  /\b(?:is|are|be|gets?) (?:\w+ly |never |not |always )?(?:\w{2,}ed|sent|shown|kept|built|made|held|paid|written|hidden|drawn|found|given|taken|cut|set|put)\b|\b(?:no|never|every|each|only)\b|["“`]|\b(?:returns?|answers?|responds?|shows?|displays?|logs?|rejects?|refuses?|stores?|saves?|writes?|contains?|sends?|redirects?|creates?|deletes?|removes?|lists?|sees?|opens?|closes?|prints?|emits?|publishes|records?|exports?|imports?|downloads?|uploads?|receives?|names?|links?|starts?|ends?|stops?|keeps?|counts?|sorts?|filters?|searches|marks?|adds?|edits?|changes?|chooses?|selects?|signs?|pays?|cancels?|prevents?|blocks?|encrypts?|hash(?:es|ed)?|notif(?:y|ies)|call(?:s|ed)?)\b/i

/** Can be seen to hold without a criterion beside it. */
function provesItself(requirement: ExtractedRequirement): boolean {
  const text = requirement.text.replace(/\b[A-Z]{1,10}-?\d+\b/g, '')
  return requirement.form === 'gherkin' || MEASURE.test(text) || isStrictEars(requirement.text)
}

/** Requirements written alike: with labels of one family, or in one form. */
function familyOf({ label, form, section }: ExtractedRequirement): string {
  return label === undefined ? `${form} ${section.join('/')}` : label.replace(/[\d.]+.*$/, '')
}

/** Words of a requirement and its explanation, its criteria left out. */
function wordsOf({ prose }: Specification, { lines, criteria }: ExtractedRequirement): number {
  const inCriteria = new Set<number>()
  for (const criterion of criteria)
    for (let line = criterion.lines.start; line <= criterion.lines.end; line++) inCriteria.add(line)
  let words = 0
  for (let line = lines.start; line <= lines.end; line++)
    if (!inCriteria.has(line)) words += wordCount(prose[line - 1] ?? '')
  return words
}

const VERBS =
  'send|email|store|save|export|import|archive|notify|delete|remove|create|show|display|log|print|charge|refund|update|validate|calculate|publish|encrypt|compress|upload|download|schedule|assign|lock|unlock|sync|generate|record|redirect|call|post|write|render|sort|filter|translate|back up|reserve|release|ship|invoice'

const COMPOUND = new RegExp(
  [
    '\\b(?:shall|must|will)\\b[^.;\\n]{3,160}\\band (?:it |they )?(?:shall|must|will|also)\\b',
    `\\b(?:shall|must)\\b[^.;\\n]{3,160}\\b(?:and|,) (?:${VERBS})\\b[^.;\\n]{3,120}\\band (?:then )?(?:${VERBS})\\b`,
    `\\bas well as (?:${VERBS})(?:ing)?\\b`,
    '\\band/or\\b',
  ].join('|'),
  'gi',
)

export const requirementRules: readonly Rule[] = [
  {
    id: 'requirement.no-criteria',
    severity: 'warning',
    asks: 'A requirement has an acceptance criterion.',
    find(specification) {
      const families = Map.groupBy(specification.extraction.requirements, familyOf)
      return [...families.values()].flatMap((family) => {
        const withCriteria = family.filter(({ criteria }) => criteria.length > 0).length
        const habit = withCriteria * 4 >= family.length * 3 && withCriteria > 0
        return (
          family
            .filter((requirement) => requirement.criteria.length === 0)
            .filter((requirement) => (habit && family.length > 2) || !provesItself(requirement))
            // Items of a definition of done are checks themselves.
            .filter(({ section }) => !partsOf(section.at(-1) ?? '').includes('done'))
            .filter((requirement) => habit || !SEEN.test(requirement.text))
            .map((requirement) => ({
              place: placeOf(specification, requirement),
              message: `${nameOf(requirement)} has no acceptance criterion. Say how one sees that it is met, for example "Given …, when …, then …".`,
            }))
        )
      })
    },
  },
  {
    id: 'requirement.compound',
    severity: 'warning',
    asks: 'A requirement asks for one behaviour.',
    find: (specification) =>
      firstOfEach(search(specification.statements, COMPOUND)).map(({ place }) => ({
        place,
        message:
          'This asks for several behaviours at once; one can pass while another fails. Write one requirement each.',
      })),
  },
  {
    id: 'criterion.compound',
    severity: 'info',
    asks: 'A criterion has one outcome.',
    find: (specification) =>
      specification.passages
        .filter(({ isCriterion }) => isCriterion)
        .flatMap((passage) => {
          const then = /\bthen\b/i.exec(passage.text)
          const outcome = then === null ? '' : passage.text.slice(then.index)
          if ((outcome.match(/(?:,|,? and) (?:the|it|an?|no|they|its|all|every)\b/gi)?.length ?? 0) < 2) return []
          return [
            {
              place: whole(passage),
              message: 'This criterion has three outcomes or more; a failing test would not say which. Cut it.',
            },
          ]
        }),
  },
  {
    id: 'criterion.only-happy',
    severity: 'info',
    kinds: ['prd'],
    asks: 'Of several criteria one shows what happens when it goes wrong.',
    find: (specification) =>
      specification.extraction.requirements
        .filter(({ criteria }) => criteria.length >= 3)
        .filter(
          ({ criteria, text }) =>
            !speaksOfError(text) &&
            !criteria.some(
              (criterion) =>
                speaksOfError(criterion.text) ||
                /\b(?:no|not|never|only|at most|too|limit|duplicate|twice|second|another)\b/i.test(criterion.text),
            ),
        )
        .map((requirement) => ({
          place: placeOf(specification, requirement),
          message: `All ${requirement.criteria.length} criteria of ${nameOf(requirement)} end well. Add what happens with wrong input, a missing right or a failure.`,
        })),
  },
  {
    id: 'criterion.too-many',
    severity: 'warning',
    asks: `A requirement has at most ${MAX_CRITERIA} criteria.`,
    find: (specification) =>
      specification.extraction.requirements
        .filter(({ criteria }) => criteria.length > MAX_CRITERIA)
        .map((requirement) => ({
          place: placeOf(specification, requirement),
          message: `${nameOf(requirement)} has ${requirement.criteria.length} criteria: it is several requirements. Cut it along them.`,
        })),
  },
  {
    id: 'story.personas',
    severity: 'info',
    kinds: ['prd'],
    asks: 'A story has one persona.',
    find: (specification) =>
      search(
        specification.passages.filter(({ requirement }) => requirement !== undefined),
        /\bas (?:an?|the) [^.\n]{2,60}?(?: and | or | \/ ?|\/)(?:an? |the )?[^,.\n]{2,40}, ?i (?:want|need|can|would)\b/gi,
      ).map(({ place }) => ({
        place,
        message:
          'This story has several personas; what is enough for one may not be for the other. Write one story each.',
      })),
  },
  {
    id: 'priority.all-equal',
    severity: 'info',
    asks: 'Priorities differ.',
    find(specification) {
      const found = specification.passages
        .filter(({ requirement }) => requirement !== undefined)
        .flatMap((passage) => {
          const cell = passage.cells?.get('priority') ?? passage.cells?.get('prio') ?? passage.cells?.get('moscow')
          const word =
            cell ??
            /\bpriority\s*:[\s*]*(\w+)/i.exec(passage.raw)?.[1] ??
            /[([](P[0-4]|must|should|could)[)\]]/i.exec(passage.raw)?.[1]
          return word === undefined || word.trim() === '' ? [] : [{ passage, word: word.trim().toLowerCase() }]
        })
      const [first] = found
      if (first === undefined || found.length < 5 || new Set(found.map(({ word }) => word)).size > 1) return []
      return [
        {
          place: whole(first.passage),
          message: `All ${found.length} priorities are "${first.word}", so they say nothing. Say what can wait.`,
        },
      ]
    },
  },
  {
    id: 'size.requirement',
    severity: 'info',
    asks: `A requirement has at most ${MAX_WORDS} words.`,
    find: (specification) =>
      specification.extraction.requirements
        .map((requirement) => ({ ...requirement, words: wordsOf(specification, requirement) }))
        .filter(({ words }) => words > MAX_WORDS)
        .map((requirement) => ({
          place: placeOf(specification, requirement),
          message: `${nameOf(requirement)} has ${requirement.words} words. Cut it, or move the explanation behind it.`,
        })),
  },
  {
    id: 'duplicate.compared',
    severity: 'info',
    asks: `A text has at most ${COMPARED_WHOLE} requirements, so that each can be compared with each.`,
    find({ extraction: { requirements }, ...specification }) {
      const [first] = requirements
      if (first === undefined || requirements.length <= COMPARED_WHOLE) return []
      return [
        {
          place: wholeLine(specification, first.lines.start),
          message: `Of ${requirements.length} requirements each was compared with those alone that share its rarest words, to find what is there twice or contradicts. Split the text to have each compared with each.`,
        },
      ]
    },
  },
]
