import type { Part } from '../part.ts'
import type { Passage } from '../passage.ts'
import { type Hit, type Rule, sentenceAt } from '../rule.ts'
import { search } from '../search.ts'
import type { Specification } from '../specification.ts'

/** Where every word counts: from here tasks and tests are made. */
const BINDING: readonly Part[] = [
  'requirements',
  'goals',
  'constraints',
  'failures',
  'metrics',
  'done',
  'flows',
  'expected',
]
/** Talk about something else. */
const UNBOUND: readonly Part[] = [
  'non_goals',
  'problem',
  'questions',
  'glossary',
  'references',
  'aside',
  'actual',
  'steps',
]

const bindingOf = new WeakMap<Specification, readonly Passage[]>()

function binding(specification: Specification): readonly Passage[] {
  const known = bindingOf.get(specification)
  if (known !== undefined) return known
  const passages = specification.passages.filter(
    ({ parts }) => parts.some((part) => BINDING.includes(part)) && !parts.some((part) => UNBOUND.includes(part)),
  )
  bindingOf.set(specification, passages)
  return passages
}

/** Words that a list of them finds in binding passages. */
interface WordRule {
  readonly id: string
  readonly severity: Rule['severity']
  readonly asks: string
  readonly pattern: RegExp
  /** A rule of its own judges words there. */
  readonly spares?: Part
  /** Also outside what binds. */
  readonly everywhere?: true
  readonly unless?: (sentence: string, word: string) => boolean
  readonly says: (word: string) => string
}

const NUMBER =
  /(?<![\p{L}\p{N}-])\p{N}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|zero|no more than)\b/iu

const LISTS: readonly WordRule[] = [
  {
    id: 'wording.vision',
    severity: 'warning',
    asks: 'No vision, no praise: what remains can be built.',
    everywhere: true,
    pattern: words(
      'world[- ]class|best[- ]in[- ]class|cutting[- ]edge|state[- ]of[- ]the[- ]art|revolutionary|revolutioni[sz]e[sd]?|game[- ]chang(?:er|ing)|delight(?:s|ed|ful)?|next[- ]gen(?:eration)?|disruptive|synerg(?:y|ies|istic)|paradigm shift|unparalleled|(?:industry|market)[- ]leading|transformative|magical|blazing(?:ly)?(?: fast)?|amazing|awesome|our vision|we (?:envision|dream|aspire|strive|believe)|wow factor|frictionless|unleash(?:es)?|supercharge[sd]?',
    ),
    says: (word) => `"${word}" cannot be built or tested. Say what a person can do afterwards, or delete it.`,
  },
  {
    id: 'wording.quality',
    severity: 'warning',
    asks: 'A quality has a limit that can be measured.',
    spares: 'done',
    pattern: words(
      'scalable|robust(?:ly)?|flexible|flexibly|powerful|enterprise[- ]grade|user[- ]friendly|intuitive(?:ly)?|seamless(?:ly)?|performant|lightweight|high[- ]performance|high[- ]quality|modern|elegant(?:ly)?|responsive|easy[- ]to[- ](?:use|understand|learn)|(?:very|really|highly) (?:fast|secure|available|reliable|simple)|quickly|fast|rapid(?:ly)?|efficient(?:ly)?|(?<=(?:be|is|are|and|stay|remain|,) )(?:reliable|simple|secure|easy)|reliably|easily|smooth(?:ly)?|simple to use|simple (?:interface|ui|design|way)',
    ),
    unless: (sentence, word) =>
      NUMBER.test(sentence.replace(LABEL, '')) || (/^responsive$/i.test(word) && /layout|breakpoint/i.test(sentence)),
    says: (word) => `"${word}" means something else to everybody. Give the limit: a time, a number, a size, a share.`,
  },
  {
    id: 'wording.vague-quantity',
    severity: 'warning',
    asks: 'Quantities are numbers or lists.',
    pattern: words(
      'some(?! other\\b)|(?<!(?:how|as|so|too|that) )(?:few|many)(?!-| as\\b)|several|various|numerous|a (?:number|lot|couple|variety|range|handful) of|lots of|plenty of|most of the|etc\\.?|and so on|and so forth|and more(?=[.,;]|$)|a bit|approximately|roughly|around(?= \\d)|or so(?=[.,;]|$)|occasional(?:ly)?|frequent(?:ly)?|often|sometimes|usually|generally|typically',
    ),
    says: (word) => `"${word}" leaves the amount open. Give the number, the limits, or the whole list.`,
  },
  {
    id: 'wording.as-usual',
    severity: 'warning',
    asks: 'Nothing relies on what is usual or appropriate.',
    pattern: words(
      'as (?:usual|expected|appropriate|needed|necessary|applicable|desired|intended)|(?:if|when|where|whenever|wherever) (?:necessary|needed|appropriate|applicable|possible|feasible|practical)|as soon as possible|to the extent possible|in the usual way|like before|same as today|by default settings|and the like|best effort',
    ),
    says: (word) => `"${word}" asks the reader to guess. Say the condition and what happens.`,
  },
  {
    id: 'wording.untestable',
    severity: 'warning',
    asks: 'Every statement can be seen to hold or not.',
    pattern: words(
      'graceful(?:ly)?|appropriate(?:ly)?|properly|correctly (?:handle|process|work|behave|display|respond|show|store)\\w*|(?:handle[sd]?|works?|working|functions?|behaves?|processe[sd]|displayed|shown|responds?) (?:\\w+ ){0,3}(?:well|correctly|nicely|fine|smoothly|sensibly|reasonably|right)|in a (?:timely|reasonable|sensible|suitable|meaningful) (?:manner|way|time|fashion)|adequate(?:ly)?|suitabl[ey]|reasonabl[ey]|meaningful|sufficient(?:ly)?|satisfactor(?:y|ily)|acceptable|optimal(?:ly)?|sane|sensible|good enough|user experience is good',
    ),
    unless: (sentence) => /\bmeans\b|\bthat is\b|, i\.e\./i.test(sentence),
    says: (word) => `"${word}" lets any outcome pass. Say what is seen: a value, a status, a message, a state.`,
  },
]

const LABEL = /\b[A-Z]{1,10}(?:-[A-Z]{1,10})*-?\d+(?:\.\d+)*\b/g

function words(list: string): RegExp {
  // ASCII classes: with Unicode ones these few searches take a third of the check.
  return new RegExp(`(?<![\\w-])(?:${list})(?![\\w-])`, 'gi')
}

/** `Fast Lane` and `Simple Mail` are names; so is what stands in capitals. */
function isName(passage: Passage, index: number, word: string): boolean {
  if (!/^\p{Lu}/u.test(word)) return false
  let before = index - 1
  while (before >= 0 && /\s/.test(passage.text[before] ?? '')) before--
  return before >= 0 && !/[.!?:;*_|\])-]/.test(passage.text[before] ?? '')
}

const lists: readonly Rule[] = LISTS.map((list) => ({
  id: list.id,
  severity: list.severity,
  asks: list.asks,
  find(specification) {
    const passages = list.everywhere
      ? specification.passages.filter(({ parts }) => !parts.some((part) => part === 'non_goals' || part === 'aside'))
      : binding(specification)
    return search(passages, list.pattern)
      .filter(({ passage }) => list.spares === undefined || !passage.parts.includes(list.spares))
      .filter(({ passage, text, index }) => !isName(passage, index, text))
      .filter(({ passage, text, index }) => list.unless?.(sentenceAt(passage.text, index), text) !== true)
      .map(({ text, place }): Hit => ({ place, message: list.says(text) }))
  },
}))

export const wordingRules: readonly Rule[] = [
  ...lists,
  {
    id: 'wording.hidden-actor',
    severity: 'info',
    asks: 'A requirement says who acts.',
    find: (specification) =>
      search(
        specification.statements,
        /\b(?:must|shall|should|has to|have to|needs? to) (?:not )?(?:also )?be (?:\w+ly )?(?:\w{3,}ed|sent|built|made|kept|set|shown|written|paid|held|given|found|told|taken|done|hidden|drawn|chosen)\b/gi,
      )
        .filter(({ passage, index }) => !/\b(?:by|through|via)\b/i.test(sentenceAt(passage.text, index)))
        .map(
          ({ text, place }): Hit => ({
            place,
            message: `"${text}" does not say who does it. Name the actor: the service, the page, the person.`,
          }),
        ),
  },
  {
    id: 'wording.should',
    severity: 'info',
    asks: 'One word binds: must or shall, not should.',
    find(specification) {
      const all = specification.statements
      const joined = all.map(({ text }) => text).join('\n')
      const must = joined.match(/\bmust\b/gi)?.length ?? 0
      const shall = joined.match(/\bshall\b/gi)?.length ?? 0
      // `Priority: Should` ranks, it does not ask.
      const hits = search(all, /\b(?:should|might|could(?! not)|ideally|preferably|probably|hopefully)\b/gi).filter(
        ({ passage, text, index }) =>
          !(index > 0 && /^(?:Should|Could)$/.test(text)) &&
          !/priority\W*$/i.test(passage.text.slice(Math.max(0, index - 40), index)),
      )
      if (must + shall < 3 || must + shall < 2 * hits.length) return []
      const word = must > shall ? 'must' : 'shall'
      return hits.map(({ text, place }) => ({
        place,
        message: `"${text}" stands beside ${must + shall} statements with "${must > shall ? 'must' : 'shall'}": is it binding? Write "${word}", or move it out of the requirements.`,
        ...(/^should$/i.test(text) && { instead: word }),
      }))
    },
  },
  {
    id: 'wording.todo',
    severity: 'error',
    asks: 'Nothing is left to be written.',
    find(specification) {
      const asked = new Set(specification.extraction.questions.map(({ lines }) => lines.start))
      return search(specification.passages, /\b(?:TODO|FIXME|XXX|TBD|TBC|TBA)\b|\?{3,}/g)
        .filter(({ passage }) => !asked.has(passage.line))
        .map(({ text, place }) => ({
          place,
          message: `"${text}": this is not written yet. Write it, or make it an open question.`,
        }))
    },
  },
  {
    id: 'wording.banned',
    severity: 'warning',
    asks: 'No word that this workspace has banned.',
    find(specification, { banned }) {
      if (banned.length === 0) return []
      const pattern = words(
        banned.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '[ \\t]+')).join('|'),
      )
      return search(specification.passages, pattern).map(({ text, place }) => ({
        place,
        message: `"${text}" is banned in this workspace. Say it in other words.`,
      }))
    },
  },
]
