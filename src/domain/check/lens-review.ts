import { createHash } from 'node:crypto'
import type { Finding } from '../../../schemas/finding.ts'
import type { LensFinding, LensName } from '../../../schemas/lens.ts'
import type { PrdKind } from '../../../schemas/prd.ts'
import { SpekiError } from '../../errors.ts'
import { lensesFor } from '../../spec/check/lenses.ts'
import { diceOf, wordsOf } from '../../spec/requirement/similarity.ts'
import type { LensReviewRecord } from '../../store/prd/findings.ts'

export interface LensStatus {
  /** Lenses under which the text as it is now was read. */
  readonly done: readonly LensName[]
  /** Lenses that are still to be looked through; while there is one, the review has not passed. */
  readonly missing: readonly LensName[]
}

/** Reviews count only for the text they were made of. */
export function lensStatus(kind: PrdKind, textHash: string, reviews: readonly LensReviewRecord[]): LensStatus {
  const names = lensesFor(kind).map(({ name }) => name)
  const current = new Set(reviews.filter((review) => review.textHash === textHash).map(({ lens }) => lens))
  return { done: names.filter((name) => current.has(name)), missing: names.filter((name) => !current.has(name)) }
}

/** Throws with every finding that does not hold: a lens that was not read, lines or words that are not in the text. */
export function checkSubmission(
  body: string,
  kind: PrdKind,
  submitted: { readonly lenses: readonly LensName[]; readonly findings: readonly LensFinding[] },
): void {
  const lines = body.split('\n')
  const known = new Set(lensesFor(kind).map(({ name }) => name))
  const read = new Set(submitted.lenses)
  const problems = [
    ...submitted.lenses
      .filter((lens) => !known.has(lens))
      .map((lens) => `"${lens}" is no lens for this kind of document`),
    ...submitted.findings.flatMap((finding, index) => {
      const which = `finding ${index + 1} (${finding.lens}, line ${finding.line})`
      if (!read.has(finding.lens)) return [`${which}: its lens is not among the lenses you read`]
      const end = finding.end_line ?? finding.line
      if (end < finding.line || end > lines.length) return [`${which}: the text has ${lines.length} lines`]
      const passage = squeeze(lines.slice(finding.line - 1, end).join(' '))
      if (passage.includes(squeeze(finding.quote))) return []
      const where = lines.findIndex((line) => squeeze(line).includes(squeeze(finding.quote)))
      return [
        `${which}: its quote is not there${where === -1 ? ' nor anywhere in the text' : `; it is in line ${where + 1}`}`,
      ]
    }),
  ]
  if (problems.length === 0) return
  throw new SpekiError('invalid_input', `The review was not stored: ${problems.slice(0, 10).join('; ')}.`, {
    hint: 'Quote words of the named lines exactly as the numbered text has them, and submit the whole review again.',
    details: { problems },
  })
}

/** Without what says the same about the same lines twice, or what a rule has said there; the graver one stays. */
export function withoutRepeats(findings: readonly LensFinding[], byRule: readonly Finding[]): readonly LensFinding[] {
  const rank = { error: 0, warning: 1, info: 2 }
  const kept: LensFinding[] = []
  for (const finding of findings.toSorted((a, b) => rank[a.severity] - rank[b.severity] || a.line - b.line)) {
    const words = wordsOf(finding.message)
    const end = finding.end_line ?? finding.line
    const repeats =
      kept.some(
        (other) =>
          overlaps(finding.line, end, other.line, other.end_line ?? other.line) &&
          diceOf(words, wordsOf(other.message)) >= SAME,
      ) ||
      byRule.some(
        ({ place, message }) =>
          overlaps(finding.line, end, place.line, place.endLine) && diceOf(words, wordsOf(message)) >= SAME,
      )
    if (!repeats) kept.push(finding)
  }
  return kept.sort((a, b) => a.line - b.line)
}

const SAME = 0.6

/** As a finding among those of the rules. */
export function presentLensFinding(body: string, finding: LensFinding): Finding {
  const lines = body.split('\n')
  const end = finding.end_line ?? finding.line
  const first = lines[finding.line - 1] ?? ''
  const column = Math.max(0, first.indexOf(finding.quote)) + 1
  const id = createHash('sha256')
    .update(`${finding.lens}\n${squeeze(finding.quote)}\n${finding.message}`)
    .digest('hex')
    .slice(0, 10)
  return {
    id,
    rule: `lens.${finding.lens}`,
    severity: finding.severity,
    place: {
      line: finding.line,
      column,
      endLine: end,
      endColumn:
        end === finding.line && first.includes(finding.quote)
          ? column + finding.quote.length
          : (lines[end - 1]?.length ?? 0) + 1,
    },
    message: finding.suggestion === undefined ? finding.message : `${finding.message} Suggested: ${finding.suggestion}`,
  }
}

function overlaps(start: number, end: number, otherStart: number, otherEnd: number): boolean {
  return start <= otherEnd && otherStart <= end
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
