import { createHash } from 'node:crypto'
import type { CheckSettings, Finding, Fix, Severity, Verdict } from '../../../schemas/finding.ts'
import type { PrdKind } from '../../../schemas/prd.ts'
import { measureSize, type SizeMeasure } from '../split/measure.ts'
import type { Hit, Rule, Surroundings } from './rule.ts'
import { rules } from './rules/index.ts'
import { readSpecification, type Specification } from './specification.ts'

export interface TextCheck {
  readonly findings: readonly Finding[]
  /** Findings beyond what a text of this length is asked about at once; errors are always shown. */
  readonly withheld: number
  readonly requirements: number
  readonly size: SizeMeasure
}

export interface TextToCheck {
  readonly text: string
  readonly kind: PrdKind
  readonly surroundings: Surroundings
  readonly settings: CheckSettings
}

/** Reads a text by every rule that is on. Pure: the same input gives the same findings, in order of place. */
export function checkText({ text, kind, surroundings, settings }: TextToCheck): TextCheck {
  const specification = readSpecification(text, kind)
  const { words } = specification
  const found = rules
    .filter((rule) => (rule.kinds ?? [kind]).includes(kind) && words >= (rule.fromWords ?? 0))
    .flatMap((rule) => {
      const severity = severityOf(rule, settings)
      if (severity === 'off') return []
      return rule.find(specification, surroundings).map((hit) => ({ rule: rule.id, severity, hit }))
    })
  const ranked = found
    .map((entry, order) => ({ ...entry, order }))
    .sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.order - b.order)
  const errors = ranked.filter(({ severity }) => severity === 'error').length
  const shown = ranked.slice(0, Math.max(errors, allowance(words)))
  const seen = new Map<string, number>()
  const findFix = fixFinder(specification)
  const findings = shown
    .sort((a, b) => a.hit.place.line - b.hit.place.line || a.hit.place.column - b.hit.place.column || a.order - b.order)
    .map(({ rule, severity, hit }): Finding => {
      const fix = findFix(hit)
      return {
        id: idOf(specification, rule, hit, seen),
        rule,
        severity,
        place: hit.place,
        message: hit.message,
        ...(fix !== undefined && { fix }),
      }
    })
  return {
    findings,
    withheld: found.length - shown.length,
    requirements: specification.extraction.requirements.length,
    size: measureSize(specification),
  }
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

/** A short text gets few findings; nobody reads a list longer than what it is about. */
function allowance(words: number): number {
  return words < 250 ? 6 : words < 1000 ? 15 : Math.ceil(words / 50)
}

function severityOf(rule: Rule, { severities }: CheckSettings): Severity | 'off' {
  return severities[rule.id] ?? severities[rule.id.slice(0, rule.id.indexOf('.'))] ?? rule.severity
}

export function verdictOf(findings: readonly Finding[], oversized: boolean): Verdict {
  if (oversized) return 'split_recommended'
  return findings.some(({ severity, accepted }) => severity !== 'info' && accepted === undefined)
    ? 'needs_work'
    : 'ready'
}

/** Rule and passage, so that it stays while lines move and goes when the passage changes. */
function idOf({ lines }: Specification, rule: string, { place }: Hit, seen: Map<string, number>): string {
  const passage = lines
    .slice(place.line - 1, place.endLine)
    .join('\n')
    .trim()
  const hash = createHash('sha256')
    .update(`${rule}\n${passage}\n${place.column === 1 ? '' : place.endColumn - place.column}`)
    .digest('hex')
    .slice(0, 10)
  const count = (seen.get(hash) ?? 0) + 1
  seen.set(hash, count)
  return count === 1 ? hash : `${hash}-${count}`
}

/** Characters looked through to see that a passage occurs once: for all fixes of a text together, and at least. */
const EFFORT_PER_CHARACTER = 64
const LEAST_EFFORT = 16_000_000
/** An edit that needs more around it is quicker made by hand. */
const MAX_AROUND = 400

/**
 * Gives the edit of a hit, with as many of the characters around as it takes to occur once. A text with thousands of
 * the same slip gets the edits of the first; the others are told in words, and get theirs when those are mended.
 */
function fixFinder({ lines, text }: Specification): (hit: Hit) => Fix | undefined {
  const starts: number[] = []
  let length = 0
  for (const line of lines) {
    starts.push(length)
    length += line.length + 1
  }
  let effort = Math.max(LEAST_EFFORT, text.length * EFFORT_PER_CHARACTER)
  return ({ place, instead }) => {
    if (instead === undefined || place.line !== place.endLine) return undefined
    const start = starts[place.line - 1] ?? 0
    const from = start + place.column - 1
    const to = start + place.endColumn - 1
    for (let around = 0; around <= MAX_AROUND && effort > 0; around += 12) {
      const left = Math.max(0, from - around)
      const right = Math.min(text.length, to + around)
      const old = text.slice(left, right)
      const first = text.indexOf(old)
      const last = text.lastIndexOf(old)
      effort -= first + text.length - last
      if (first === last) return { old, new: text.slice(left, from) + instead + text.slice(to, right) }
    }
    return undefined
  }
}
