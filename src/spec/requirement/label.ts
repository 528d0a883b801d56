import { plain } from '../markdown/plain-text.ts'

export interface Labelled {
  /** As written: `FR-001`. */
  readonly label: string
  readonly rest: string
  /** What stands in brackets between the two: `FR-001` in `AC-3 (FR-001): …`. */
  readonly aside: string
  /** `requirement` families define one wherever they stand; `check` families are criteria, questions, risks, tasks; others are known by their place. */
  readonly family: 'requirement' | 'check' | 'other'
}

const REQUIREMENT_FAMILIES = new Set('FR NFR REQ R RQ US UR SR BR TR IR QR NF FUNC SRS PRD-R STORY TS SC'.split(' '))
const CHECK_FAMILIES = new Set(
  'AC ACS TC SCN SCENARIO Q OQ QUESTION RISK T TASK ADR D A G GOAL KPI M NG RFC ISO UTF HTTP SHA'.split(' '),
)
const CRITERION_FAMILIES = new Set('AC ACS SCN SCENARIO TC'.split(' '))

const ID = /[A-Z][A-Za-z]{0,9}(?:[-_.][A-Z][A-Z]{0,9}){0,3}[-_ ]?\d{1,6}(?:[.-]\d{1,4}){0,3}[a-z]?(?![\p{L}\p{N}_])/uy
// Most lines are prose; this spares them the rest.
const MIGHT_LABEL = /^\s*[*_`[(]{0,4}\s?(?:[A-Z][^\d]{0,50}\d|N?FR-[A-Z]\b|REQ-[A-Z]\b)/
/** `NFR-A` */
const LETTERED = /(?:N?FR|REQ)-[A-Z](?![\p{L}\p{N}_-])/uy
const ANOTHER_ID = /^(?:,|\/|&|\+|…|\.\.|[-–—]|and|or|to|through)?\s*[A-Z]{1,10}[-_]?\d/
const SEPARATOR = /^\s*(?:[:.)|：]|[-–—]{1,2}(?=\s)|→)\s*/
const ASIDE = /^\s*[([][^()[\]]{1,60}[)\]](?=\s*[:.)–—-]|\s*$|\s)/
const MULTI_LEVEL =
  /^(\d{1,4}(?:\.\d{1,4}){1,4})[.):]?\s+(?!(?:[KMGTP]i?B|[KMG]?Hz|V|W|EUR|USD|GBP)\b)(?=[\p{Lu}*_`["“])/u

const NONE: ReadonlySet<string> = new Set()

/** `CA` of `CA-12` */
export function prefixOf(label: string): string {
  return label.replace(/[-_. ]?\d.*$/, '').toUpperCase()
}

function familyOf(id: string, own: ReadonlySet<string>): Labelled['family'] {
  const family = knownFamilyOf(id)
  return family === 'other' && own.has(prefixOf(id)) ? 'requirement' : family
}

function knownFamilyOf(id: string): Labelled['family'] {
  const segments = id.toUpperCase().match(/[A-Z]+/g) ?? []
  const isUpper = /^[A-Z]+/.exec(id)?.[0].length === segments[0]?.length
  if (!isUpper && !/^(?:Req|Story|Func)/.test(id)) return 'check'
  if (
    segments.some(
      (segment) => CHECK_FAMILIES.has(segment) && (segments.length === 1 || CRITERION_FAMILIES.has(segment)),
    )
  )
    return 'check'
  return segments.some((segment) => REQUIREMENT_FAMILIES.has(segment)) ? 'requirement' : 'other'
}

export function isCriterionLabel(label: string): boolean {
  return (label.toUpperCase().match(/[A-Z]+/g) ?? []).some((segment) => CRITERION_FAMILIES.has(segment))
}

/**
 * A label that defines what follows it; a label that only mentions one (`FR-1, FR-2: done`, `FR-1 covers …`) gives
 * undefined. `own`: prefixes with which this text numbers its requirements.
 */
export function parseLabel(source: string, own: ReadonlySet<string> = NONE): Labelled | undefined {
  if (!MIGHT_LABEL.test(source)) return undefined
  const wrapped = /^\s*(?:\*\*|__|`|\[|\()/.test(source)
  const text = plain(source).replace(/^[`[(*_]{1,3}\s*/, '')
  ID.lastIndex = 0
  LETTERED.lastIndex = 0
  const label = ID.exec(text)?.[0] ?? LETTERED.exec(text)?.[0]
  if (label === undefined) return undefined
  const family = familyOf(label, own)
  if (label.includes(' ') && family !== 'requirement') return undefined
  let rest = text.slice(label.length).replace(/^[`\])*_]{1,3}/, '')
  const closed = wrapped && rest.length < text.length - label.length
  if (ANOTHER_ID.test(rest.trimStart())) return undefined
  const aside = ASIDE.exec(rest)?.[0]
  if (aside !== undefined) rest = rest.slice(aside.length)
  const separator = SEPARATOR.exec(rest)?.[0]
  if (separator !== undefined) rest = rest.slice(separator.length)
  const spaced = /^\s/.test(rest) || aside !== undefined
  const defines =
    separator !== undefined ||
    closed ||
    rest.trim() === '' ||
    (spaced && (wrapped || /^\s*[\p{Lu}"“'[(<≥≤\d]/u.test(rest)))
  if (!defines || ANOTHER_ID.test(rest.trimStart())) return undefined
  return { label, rest: rest.replace(/^[\s:*_–—-]+(?=\S)/, '').trim(), aside: aside ?? '', family }
}

/** `1.2 Text`, where the number is part of the text. */
export function parseOutlineNumber(source: string): { label: string; rest: string } | undefined {
  const text = plain(source)
  const match = MULTI_LEVEL.exec(text)
  return match?.[1] === undefined ? undefined : { label: match[1], rest: text.slice(match[0].length) }
}

/** Labels a text mentions, in capitals. */
export function mentionedLabels(text: string): readonly string[] {
  return [...text.matchAll(/\b[A-Z]{1,10}(?:-[A-Z]{1,10}){0,3}-?\d{1,6}(?:\.\d{1,4}){0,3}\b/g)].map((match) =>
    match[0].toUpperCase(),
  )
}
