import { similarPairs } from '../../requirement/similarity.ts'
import type { Passage } from '../passage.ts'
import { type Hit, type Rule, whole } from '../rule.ts'
import type { Specification } from '../specification.ts'
import { areOpposite, countCommon, isNegated, outcomeOf, type Quantity, quantitiesOf, stemsOf } from '../statement.ts'

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
        const others = numbersOf(withoutQuantities(statement.text, quantities))
        return [{ statement, quantities: late, others, stems: withoutUnits(measured, late) }]
      })
      return pairsAlike(bearing).flatMap(([first, second]): Hit[] => {
        if (first.statement.passage.isCriterion && second.statement.passage.isCriterion) return []
        // `Tier 1 within 5 s` and `tier 2 within 10 s` are of two things.
        if (first.others !== '' && second.others !== '' && first.others !== second.others) return []
        // A statement has one quantity of a dimension.
        const dimensions = new Map(second.quantities.map((quantity) => [quantity.dimension, quantity]))
        const pair = first.quantities
          .map((a) => ({ a, b: dimensions.get(a.dimension) }))
          .find(({ a, b }) => b !== undefined && differ(a, b))
        if (pair?.b === undefined) return []
        const { a, b } = pair
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
      const exclusionOf = exclusionFinder(excluded.map(({ stems }) => stems))
      const required = specification.passages.filter(
        ({ requirement, isCriterion }) => requirement !== undefined && !isCriterion,
      )
      return required.flatMap((passage): Hit[] => {
        const stems = stemsOf(passage.text)
        if (/\b(?:not|no|never|without)\b/i.test(passage.text)) return []
        const against = excluded[exclusionOf(stems) ?? -1]
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
          const parts = triggerAndOutcome(passage.raw.slice(offset, offset + Math.min(text.length, MAX_STATEMENT)))
          if (parts === undefined) return []
          const { trigger, outcome } = parts
          // `Given a card` and `given no card` are the two cases of one thing.
          const kind = JSON.stringify([trigger === '', numbersOf(trigger), quotedIn(trigger), isNegated(trigger)])
          const stems = stemsOf(trigger === '' ? outcome : trigger)
          return [{ statement, trigger, outcome, kind, stems, result: outcomeOf(outcome), frame: frameOf(outcome) }]
        })
      const seen = new Set<Statement>()
      return pairsOf([...Map.groupBy(events, ({ kind }) => kind).values()], 0.7).flatMap(([first, second]): Hit[] => {
        if (first.trigger !== '' && !sameTrigger(first.stems, second.stems)) return []
        const differs = first.trigger !== '' && haveOneFrame(first.frame, second.frame)
        if (!differs && !areOpposite(first.result, second.result)) return []
        // Against the first it contradicts; the others say no more.
        if (seen.has(second.statement)) return []
        seen.add(second.statement)
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
      const lineOfPassage = new Map<number, Passage>()
      for (const passage of specification.passages)
        if (!lineOfPassage.has(passage.line)) lineOfPassage.set(passage.line, passage)
      const entries = requirements.map((requirement, index) => {
        const text = statements[index] ?? ''
        return { requirement, stems: stemsOf(text), numbers: numbersOf(text) }
      })
      const seen = new Set<object>()
      return pairsOf([...Map.groupBy(entries, ({ numbers }) => numbers).values()], 0.85).flatMap(
        ([one, other]): Hit[] => {
          const { requirement: first, stems: a } = one
          const { requirement: second, stems: b } = other
          if (Math.min(a.size, b.size) < 3 || !areOneApart(a, b) || seen.has(second)) return []
          seen.add(second)
          const passage = lineOfPassage.get(second.lines.start)
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
        },
      )
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

interface Comparable {
  readonly stems: ReadonlySet<string>
  /** Tells those of the same words apart. */
  readonly outcome?: string
}

/**
 * Pairs of the same group that share so much of their words, the earlier one first. Those of the very same words are
 * each paired with the first of them alone: a list made from one pattern has thousands of pairs.
 */
function pairsOf<T extends Comparable>(groups: readonly (readonly T[])[], share: number): readonly (readonly [T, T])[] {
  return groups.flatMap((group) => {
    const same = [
      ...Map.groupBy(group, ({ stems, outcome = '' }) => `${[...stems].sort().join(' ')}\n${outcome}`).values(),
    ]
    const firsts = same.flatMap((entries) => entries.slice(0, 1))
    const sets = firsts.map(({ stems }) => stems)
    const within = same.flatMap(([first, ...others]) =>
      first === undefined ? [] : others.map((other) => [first, other] as const),
    )
    const across = similarPairs(sets, sets, share).flatMap(({ left, right }) => {
      const first = firsts[left]
      const second = firsts[right]
      return left >= right || first === undefined || second === undefined ? [] : [[first, second] as const]
    })
    return [...within, ...across]
  })
}

/** Pairs that are about the same thing. */
function pairsAlike<T extends Comparable>(entries: readonly T[]): readonly (readonly [T, T])[] {
  return pairsOf([entries], 0.6).filter(
    ([{ stems: a }, { stems: b }]) => a.size >= 2 && (isSame(a, b) || areAboutTheSame(a, b)),
  )
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && countCommon(a, b) === a.size
}

/**
 * Finds the first exclusion that stems fall under: all of two, four fifths of more. Each is looked up by the rarest of
 * its stems of which one has to be there.
 */
function exclusionFinder(excluded: readonly ReadonlySet<string>[]): (stems: ReadonlySet<string>) => number | undefined {
  const frequency = new Map<string, number>()
  for (const stems of excluded) for (const stem of stems) frequency.set(stem, (frequency.get(stem) ?? 0) + 1)
  const index = new Map<string, number[]>()
  const seen = new Set<string>()
  const needed = excluded.map(({ size }) => (size > 2 ? Math.ceil(size * 0.8) : size))
  for (const [place, stems] of excluded.entries()) {
    const byRarity = [...stems].sort((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0) || (a < b ? -1 : 1))
    const key = byRarity.join(' ')
    if (seen.has(key)) continue
    seen.add(key)
    for (const stem of byRarity.slice(0, stems.size - (needed[place] ?? 0) + 1)) {
      const places = index.get(stem)
      if (places === undefined) index.set(stem, [place])
      else places.push(place)
    }
  }
  return (stems) => {
    let first: number | undefined
    for (const stem of stems)
      for (const place of index.get(stem) ?? []) {
        if (first !== undefined && place >= first) break
        if (countCommon(excluded[place] ?? new Set(), stems) >= (needed[place] ?? 0)) first = place
      }
    return first
  }
}

function withoutQuantities(text: string, quantities: readonly Quantity[]): string {
  const kept: string[] = []
  let from = 0
  for (const { index, written } of quantities) {
    kept.push(text.slice(from, index))
    from = index + written.length
  }
  return [...kept, text.slice(from)].join('')
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

interface Frame {
  readonly frame: string
  readonly value: string
}

function frameOf(outcome: string): Frame | undefined {
  const match = /^\W*(?:the|an?)\s+([\w' -]{3,40}?)\s+(is|answers|returns|reads|becomes)\s+(.+?)\W*$/i.exec(
    outcome.trim(),
  )
  return match === null
    ? undefined
    : { frame: `${match[1]} ${match[2]}`.toLowerCase(), value: (match[3] ?? '').toLowerCase() }
}

/** `the result is a refund` and `the result is expired`: one thing cannot be both. */
function haveOneFrame(a: Frame | undefined, b: Frame | undefined): boolean {
  return a !== undefined && b !== undefined && a.frame === b.frame && a.value !== b.value
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

/** Longer ones say more than a trigger and an outcome; their beginning is read. */
const MAX_STATEMENT = 2000

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
