import { similarPairs } from '../../requirement/similarity.ts'
import type { Passage } from '../passage.ts'
import { type Hit, type Rule, whole } from '../rule.ts'
import type { Specification } from '../specification.ts'
import { areOpposite, countCommon, isNegated, type Quantity, quantitiesOf, stemsOf } from '../statement.ts'

/** What the document binds itself to: each is one sentence of a passage. */
interface Statement {
  readonly passage: Passage
  readonly text: string
  readonly offset: number
}

const ASIDE = new Set([
  'non_goals',
  'problem',
  'questions',
  'glossary',
  'references',
  'aside',
  'actual',
  'steps',
  'personas',
])

const read = new WeakMap<Specification, readonly Statement[]>()

function statementsOf(specification: Specification): readonly Statement[] {
  const known = read.get(specification)
  if (known !== undefined) return known
  const statements = specification.passages
    .filter(({ parts, kind }) => parts.length > 0 && !parts.some((part) => ASIDE.has(part)) && kind !== 'row')
    .flatMap(sentencesOf)
  const rows = specification.passages
    .filter(({ kind, requirement }) => kind === 'row' && requirement !== undefined)
    .flatMap(sentencesOf)
  const all = [...statements, ...rows].sort((a, b) => a.passage.line - b.passage.line)
  read.set(specification, all)
  return all
}

function sentencesOf(passage: Passage): readonly Statement[] {
  if (!/[.;!?]\s/.test(passage.text)) return [{ passage, text: passage.text, offset: 0 }]
  let offset = 0
  return passage.text.split(/(?<=[.;!?])\s+(?=[\p{Lu}*_[`-])/u).map((text) => {
    const at = passage.text.indexOf(text, offset)
    offset = at + text.length
    return { passage, text, offset: at }
  })
}

function lineOf({ passage }: Statement): string {
  return `line ${passage.line}`
}

function placeOf({ passage, offset, text }: Statement) {
  return passage.at(offset, offset + text.length)
}

export const coherenceRules: readonly Rule[] = [
  {
    id: 'conflict.quantity',
    severity: 'error',
    asks: 'The same quantity has the same value everywhere.',
    find(specification) {
      const bearing = statementsOf(specification).flatMap((statement) => {
        const quantities = quantitiesOf(statement.text)
        if (quantities.length === 0) return []
        // What a scenario starts from does not change what it measures.
        const then = statement.passage.isCriterion ? /\bthen\b/i.exec(statement.text) : null
        const late = then === null ? quantities : quantities.filter(({ index }) => index > then.index)
        if (late.length === 0) return []
        const measured = stemsOf(then === null ? statement.text : statement.text.slice(then.index))
        const others = numbersOf(quantities.reduce((text, { written }) => text.replace(written, ''), statement.text))
        return [{ statement, quantities: late, others, stems: withoutUnits(measured, late) }]
      })
      return pairsAlike(bearing).flatMap(([first, second]): Hit[] => {
        if (first.statement.passage.isCriterion && second.statement.passage.isCriterion) return []
        // `Tier 1 within 5 s` and `tier 2 within 10 s` are of two things.
        if (first.others !== '' && second.others !== '' && first.others !== second.others) return []
        const pair = first.quantities
          .flatMap((a) => second.quantities.filter((b) => differ(a, b)).map((b) => [a, b] as const))
          .at(0)
        if (pair === undefined) return []
        const [a, b] = pair
        const at = second.statement.offset + b.index
        return [
          {
            place: second.statement.passage.at(at, at + b.written.length),
            message: `Here it is ${b.written}, in ${lineOf(first.statement)} ${a.written}: one of them is wrong. Decide, and write the value in one place.`,
          },
        ]
      })
    },
  },
  {
    id: 'conflict.scope',
    severity: 'error',
    kinds: ['prd', 'tech_spec'],
    asks: 'What is excluded is not required.',
    find(specification) {
      const excluded = specification
        .of('non_goals')
        .flatMap((passage) =>
          passage.kind === 'paragraph'
            ? sentencesOf(passage).filter(({ text }) => isNegated(text))
            : sentencesOf(passage).slice(0, 1),
        )
        .map(({ passage, text }) => ({
          passage,
          stems: stemsOf(text.split(/[,;.:(–—]|\s-\s|\b(?:because|since|as it|stays?|remains?)\b/)[0] ?? ''),
        }))
        .filter(({ stems }) => stems.size >= 2)
      if (excluded.length === 0) return []
      const required = specification.passages.filter(
        ({ requirement, isCriterion }) => requirement !== undefined && !isCriterion,
      )
      return required.flatMap((passage): Hit[] => {
        const stems = stemsOf(passage.text)
        if (/\b(?:not|no|never|without)\b/i.test(passage.text)) return []
        const against = excluded.find(
          (entry) =>
            countCommon(entry.stems, stems) >= Math.ceil(entry.stems.size * 0.8) &&
            (entry.stems.size > 2 || countCommon(entry.stems, stems) === entry.stems.size),
        )
        return against === undefined
          ? []
          : [
              {
                place: whole(passage),
                message: `This is required here and excluded in line ${against.passage.line}. Take out one of the two.`,
              },
            ]
      })
    },
  },
  {
    id: 'conflict.outcome',
    severity: 'error',
    asks: 'The same trigger has one outcome.',
    find(specification) {
      const events = statementsOf(specification)
        .filter(
          ({ passage }) =>
            passage.requirement !== undefined ||
            passage.parts.includes('constraints') ||
            passage.parts.includes('failures'),
        )
        .flatMap((statement) => {
          // Quoted words tell two triggers apart as well as others do.
          const { passage, offset, text } = statement
          const parts = triggerAndOutcome(passage.raw.slice(offset, offset + text.length))
          return parts === undefined
            ? []
            : [{ statement, ...parts, key: stemsOf(parts.trigger === '' ? parts.outcome : parts.trigger) }]
        })
      const sets = events.map(({ key }) => key)
      return similarPairs(sets, sets, 0.7).flatMap(({ left, right }): Hit[] => {
        const first = events[left]
        const second = events[right]
        if (left >= right || first === undefined || second === undefined) return []
        if ((first.trigger === '') !== (second.trigger === '')) return []
        if (first.trigger !== '' && !sameTrigger(first.key, second.key)) return []
        if (numbersOf(first.trigger) !== numbersOf(second.trigger)) return []
        if (quotedIn(first.trigger) !== quotedIn(second.trigger)) return []
        // `Given a card` and `given no card` are the two cases of one thing.
        if (isNegated(first.trigger) !== isNegated(second.trigger)) return []
        const differs = first.trigger !== '' && sameFrame(first.outcome, second.outcome)
        if (!differs && !areOpposite(first.outcome, second.outcome)) return []
        return [
          {
            place: placeOf(second.statement),
            message: `${first.trigger === '' ? 'This' : 'The same trigger'} has another outcome in ${lineOf(first.statement)}. Decide which holds, or say what tells the two cases apart.`,
          },
        ]
      })
    },
  },
  {
    id: 'duplicate.requirement',
    severity: 'warning',
    asks: 'A requirement is there once.',
    find(specification) {
      const { requirements } = specification.extraction
      // The title of a heading says it once more in other words.
      const statements = requirements.map(({ text }) => /^[^:.]{3,80}: (?=\p{Lu})(.+)$/su.exec(text)?.[1] ?? text)
      const sets = statements.map(stemsOf)
      return similarPairs(sets, sets, 0.85).flatMap(({ left, right }): Hit[] => {
        const first = requirements[left]
        const second = requirements[right]
        const a = sets[left]
        const b = sets[right]
        if (left >= right || first === undefined || second === undefined || a === undefined || b === undefined)
          return []
        if (
          Math.min(a.size, b.size) < 3 ||
          numbersOf(statements[left] ?? '') !== numbersOf(statements[right] ?? '') ||
          !areOneApart(a, b)
        )
          return []
        const passage = specification.passages.find(({ line }) => line === second.lines.start)
        const { start } = second.lines
        const place =
          passage === undefined
            ? { line: start, column: 1, endLine: start, endColumn: (specification.lines[start - 1]?.length ?? 0) + 1 }
            : whole(passage)
        return [
          {
            place,
            message: `This asks for the same as ${first.label ?? 'the requirement'} in line ${first.lines.start}. Keep one.`,
          },
        ]
      })
    },
  },
  {
    id: 'duplicate.label',
    severity: 'error',
    asks: 'An id stands for one requirement.',
    find(specification) {
      const seen = new Map<string, number>()
      return specification.extraction.requirements.flatMap(({ label, lines }): Hit[] => {
        if (label === undefined) return []
        const key = label.toUpperCase()
        const before = seen.get(key)
        if (before === undefined) {
          seen.set(key, lines.start)
          return []
        }
        const source = specification.lines[lines.start - 1] ?? ''
        const column = Math.max(0, source.indexOf(label)) + 1
        return [
          {
            place: { line: lines.start, column, endLine: lines.start, endColumn: column + label.length },
            message: `${label} is already the requirement in line ${before}. Give this one an id of its own.`,
          },
        ]
      })
    },
  },
]

/**
 * Pairs that are about the same thing, the earlier one first. Those of the very same words are each paired with the
 * first of them alone: a list made from one pattern has thousands of pairs.
 */
function pairsAlike<T extends { readonly stems: ReadonlySet<string> }>(
  entries: readonly T[],
): readonly (readonly [T, T])[] {
  const groups = [...Map.groupBy(entries, ({ stems }) => [...stems].sort().join(' ')).values()]
  const firsts = groups.flatMap((group) => group.slice(0, 1))
  const sets = firsts.map(({ stems }) => stems)
  const within = groups.flatMap(([first, ...others]) =>
    first === undefined || first.stems.size < 2 ? [] : others.map((other) => [first, other] as const),
  )
  const across = similarPairs(sets, sets, 0.6).flatMap(({ left, right }) => {
    const first = firsts[left]
    const second = firsts[right]
    if (left >= right || first === undefined || second === undefined) return []
    return areAboutTheSame(first.stems, second.stems) ? [[first, second] as const] : []
  })
  return [...within, ...across]
}

/** What is measured does not tell what it is measured of. */
function withoutUnits(stems: ReadonlySet<string>, quantities: readonly Quantity[]): ReadonlySet<string> {
  const units = new Set(quantities.flatMap(({ written, dimension }) => [dimension, ...stemsOf(written)]))
  return new Set([...stems].filter((stem) => !units.has(stem)))
}

function areAboutTheSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const common = countCommon(a, b)
  return common >= 2 && a.size - common <= 1 && b.size - common <= 1 && common > Math.max(a.size, b.size) - common
}

/** The same, or one says a word more. */
function areOneApart(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const common = countCommon(a, b)
  const smaller = Math.min(a.size, b.size)
  return common === smaller && Math.max(a.size, b.size) - smaller <= (smaller >= 6 ? 1 : 0)
}

function sameTrigger(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const common = countCommon(a, b)
  return common >= 1 && a.size - common <= 0 && b.size - common <= 0
}

/** `the result is a refund` and `the result is expired`: one thing cannot be both. */
function sameFrame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((outcome) =>
    /^\W*(?:the|an?)\s+([\w' -]{3,40}?)\s+(is|answers|returns|reads|becomes)\s+(.+?)\W*$/i.exec(outcome.trim()),
  )
  if (left == null || right == null) return false
  const same = (index: number) => left[index]?.toLowerCase() === right[index]?.toLowerCase()
  return same(1) && same(2) && !same(3)
}

function differ(a: Quantity, b: Quantity): boolean {
  return (
    a.dimension === b.dimension &&
    a.value !== b.value &&
    (a.bound === b.bound || a.bound === 'exact' || b.bound === 'exact') &&
    !(a.bound === 'exact' && b.bound === 'exact' && a.dimension === 'money')
  )
}

/** Values as they are written: `http:` and `https:` have one stem. */
function quotedIn(text: string): string {
  return (text.match(/`[^`]+`|"[^"]+"/g) ?? []).sort().join(' ')
}

function numbersOf(text: string): string {
  return (text.replace(/\b[A-Z]{1,10}-?\d+\b/g, '').match(/\d+(?:\.\d+)?/g) ?? []).join(' ')
}

/** `When x, y`, `If x, then y`, `Given a, when x, then y`, `y when x`; a bare statement has no trigger. */
function triggerAndOutcome(text: string): { readonly trigger: string; readonly outcome: string } | undefined {
  const plain = text.replace(/\*\*/g, '')
  const steps = /\b(given\b.*?)?\bwhen\b(.+?)\bthen\b(.+)$/i.exec(plain)
  if (steps !== null) return { trigger: `${steps[1] ?? ''} ${steps[2]}`, outcome: steps[3] ?? '' }
  const leading = /^\W*(?:[A-Z]+-\d+\W+)?(?:when|if|while|once|whenever)\b(.+?),\s*(?:then\s+)?(.+)$/i.exec(plain)
  if (leading !== null) return { trigger: leading[1] ?? '', outcome: leading[2] ?? '' }
  const trailing = /^(.+?\b(?:shall|must|will)\b.+?)\b(?:when|if|once)\b(.+)$/i.exec(plain)
  if (trailing !== null) return { trigger: trailing[2] ?? '', outcome: trailing[1] ?? '' }
  return /\b(?:shall|must|can|may)\b/i.test(plain) ? { trigger: '', outcome: plain } : undefined
}
