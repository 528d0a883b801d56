import { remembering } from '../markdown/remembering.ts'

/** Statements as sets of stems, so that two that say the same in other words can be compared. */

const FILLER = new Set(
  'we our us i you your a an the and or of to in on at by for with from as is are be been being was were it its this that these those they their them he she his her who which what there here shall must will should can could may would do does did done has have had not no never nor only also then than so such into out up any each every all system service application app product user users able let lets allow allows able given when if while where once after before until within least most about more less than over under per'.split(
    ' ',
  ),
)
/** Left in: they change what is said. */
const QUALIFIERS = new Set('before after until without unless except while'.split(' '))

const IRREGULAR: Readonly<Record<string, string>> = {
  kept: 'keep',
  sent: 'send',
  shown: 'show',
  built: 'build',
  made: 'make',
  paid: 'pay',
  held: 'hold',
  lost: 'lose',
  found: 'find',
  written: 'write',
  read: 'read',
  chosen: 'choose',
  given: 'give',
  taken: 'take',
  stored: 'stor',
  left: 'leave',
  people: 'person',
  children: 'child',
  indices: 'index',
}

/** The word without its ending: crude, and the same for all forms of most words. Empty for words that say nothing. */
const stemOf = remembering((word) => {
  const lower = word.toLowerCase()
  return QUALIFIERS.has(lower) ? lower : FILLER.has(lower) ? '' : cutEnding(lower)
})

function cutEnding(lower: string): string {
  const irregular = IRREGULAR[lower]
  if (irregular !== undefined) return irregular
  if (lower.length < 4) return lower
  return lower
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/(?:sses)$/, 'ss')
    .replace(/(?<=[^s])s$/, '')
    .replace(/(?<=.{3})(?:ing|ed|es)$/, '')
    .replace(/(?<=.{3})e$/, '')
    .replace(/([bdfglmnprt])\1$/, '$1')
}

/** The letters of an id such as FR-12 are no word. */
const WORD = /\p{L}[\p{L}\p{N}'’]*(?![\p{L}\p{N}'’]|-\d)/gu
/** The same where there are no other letters, which is quicker. */
const ASCII_WORD = /[A-Za-z][A-Za-z0-9']*(?![A-Za-z0-9']|-\d)/g
const OTHER_LETTERS = /[^\x20-\x7e\s]/

/** Stems of what a statement is about; numbers and labels are left out. */
export function stemsOf(text: string): ReadonlySet<string> {
  const stems = new Set<string>()
  for (const word of text.match(OTHER_LETTERS.test(text) ? WORD : ASCII_WORD) ?? []) {
    const stem = stemOf(word)
    if (stem !== '') stems.add(stem)
  }
  return stems
}

export function countCommon(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0
  for (const stem of a) if (b.has(stem)) common++
  return common
}

/** How one statement bounds a number. */
type Bound = 'exact' | 'least' | 'most'

export interface Quantity {
  /** In the smallest unit of its dimension. */
  readonly value: number
  readonly dimension: string
  readonly bound: Bound
  readonly written: string
  readonly index: number
}

const UNITS: readonly (readonly [RegExp, string, number])[] = [
  [/^(?:ms|milliseconds?)$/, 'time', 1],
  [/^(?:s|secs?|seconds?)$/, 'time', 1000],
  [/^(?:mins?|minutes?)$/, 'time', 60_000],
  [/^(?:h|hrs?|hours?)$/, 'time', 3_600_000],
  [/^days?$/, 'time', 86_400_000],
  [/^weeks?$/, 'time', 604_800_000],
  [/^months?$/, 'time', 2_628_000_000],
  [/^years?$/, 'time', 31_536_000_000],
  [/^(?:%|percent|per ?cent)$/, 'share', 1],
  [/^(?:kb|kib|kilobytes?)$/, 'size', 1000],
  [/^(?:mb|mib|megabytes?)$/, 'size', 1_000_000],
  [/^(?:gb|gib|gigabytes?)$/, 'size', 1_000_000_000],
  [/^(?:€|\$|£|eur|euros?|usd|dollars?|gbp|pounds?)$/, 'money', 1],
]
const NUMBER_WORDS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

const MIGHT_COUNT = /\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/i
const QUANTITY =
  /(?<![\p{L}\p{N}.,#-])([€$£])?(\d{1,3}(?:[ ,]\d{3})+|\d+(?:\.\d+)?|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)\s?(%|\p{L}+)?/giu

/** After these a number is a name: `tier 1 customers` are not one customer. */
const NAMES =
  /\b(?:tier|level|phase|stage|step|part|version|class|type|zone|gate|line|page|priority|option|plan|section|chapter|layer|slot|room|floor|group|wave|port|number|no\.|table|figure)\s*$/i

/** So far in front of a number stands what bounds it. */
const MAX_BEFORE = 200

/** Quantities of a statement that has at most one of each dimension; of "from 4 % to 2 %" neither can be compared. */
export function quantitiesOf(text: string): readonly Quantity[] {
  if (!MIGHT_COUNT.test(text)) return []
  const found: Quantity[] = []
  for (const match of text.matchAll(QUANTITY)) {
    const [written, currency, digits = '', unit = ''] = match
    const word = NUMBER_WORDS.indexOf(digits.toLowerCase())
    const number = word === -1 ? Number(digits.replace(/[ ,]/g, '')) : word
    const key = currency ?? unit.toLowerCase()
    const known = UNITS.find(([pattern]) => pattern.test(key))
    if (known === undefined && (unit.length < 3 || FILLER.has(unit.toLowerCase()))) continue
    const before = text.slice(Math.max(0, match.index - MAX_BEFORE), match.index)
    if (known === undefined && NAMES.test(before)) continue
    found.push({
      value: number * (known?.[2] ?? 1),
      dimension: known?.[1] ?? stemOf(unit),
      bound: boundOf(before),
      written: written.trim(),
      index: match.index,
    })
  }
  const dimensions = new Map<string, number>()
  for (const { dimension } of found) dimensions.set(dimension, (dimensions.get(dimension) ?? 0) + 1)
  return found.filter(({ dimension }) => dimensions.get(dimension) === 1)
}

/** What is refused from a number on is allowed up to it. */
const REFUSES = /\b(?:refus|reject|den(?:y|i)|block|forbid|prevent|not (?:accept|allow|permit))\w*\b[^.;,]*$/i

function boundOf(before: string): Bound {
  const bound = writtenBound(before)
  if (bound === 'exact' || !REFUSES.test(before)) return bound
  return bound === 'least' ? 'most' : 'least'
}

function writtenBound(before: string): Bound {
  if (/\b(?:at least|no (?:fewer|less) than|minimum(?: of)?|min\.?|more than|over)\s*$/i.test(before)) return 'least'
  if (
    /\b(?:at most|no more than|up to|maximum(?: of)?|max\.?|less than|fewer than|under|below|within|not exceed(?:ing)?)\s*$/i.test(
      before,
    )
  )
    return 'most'
  return 'exact'
}

const OPPOSITES: readonly (readonly [string, string])[] =
  'accept reject|accept refus|accept declin|allow deny|allow refus|allow forbid|allow block|allow prevent|permit deny|permit forbid|grant deny|grant refus|enabl disabl|show hid|show hide|keep delet|keep discard|keep remov|stor delet|stor discard|retain delet|open clos|lock unlock|includ exclud|succ fail|start stop|add remov|send suppress|charg refund|charg waiv|approv reject|continu stop|continu abort|encrypt decrypt|visibl hidden|activ inactiv|requir optional|mandatory optional|public privat'
    .split('|')
    .map((pair) => {
      const [a = '', b = ''] = pair.split(' ')
      return [a, b]
    })

/** What a statement says comes about. */
export interface Outcome {
  readonly stems: ReadonlySet<string>
  readonly negated: boolean
}

export function outcomeOf(text: string): Outcome {
  return { stems: stemsOf(text), negated: isNegated(text) }
}

/** Whether two outcomes of the same trigger cannot both hold. */
export function areOpposite({ stems: left, negated: a }: Outcome, { stems: right, negated: b }: Outcome): boolean {
  const negated = a !== b
  const pair = OPPOSITES.some(
    ([x, y]) =>
      (left.has(x) && right.has(y) && !left.has(y) && !right.has(x)) ||
      (left.has(y) && right.has(x) && !left.has(x) && !right.has(y)),
  )
  if (pair === negated) return false
  const smaller = Math.min(left.size, right.size)
  const common = countCommon(left, right)
  return smaller > 0 && (pair ? common >= Math.max(1, smaller - 2) : common >= Math.max(1, Math.ceil(smaller * 0.75)))
}

export function isNegated(text: string): boolean {
  return /\b(?:not|never|no|none|nothing|nobody|neither|without|cannot|can't|doesn't|isn't|aren't|won't)\b/i.test(text)
}
