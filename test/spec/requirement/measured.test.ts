import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchRequirements } from '../../../src/domain/requirement/match.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { runs } from '../../property-runs.ts'
import { labelledDocuments, scoreOf, sumOf } from './measure.ts'

const documents = labelledDocuments()

describe('extraction from labelled documents', () => {
  it.each([
    ['all', documents],
    ['those of readers who had not seen it', documents.filter(({ file }) => /^[a-e]\//.test(file))],
  ])('of %s has recall and precision of at least 0.97', (which, chosen) => {
    const score = sumOf(chosen.map(scoreOf))
    expect(chosen.length).toBeGreaterThanOrEqual(which === 'all' ? 60 : 30)
    expect(score.expected).toBeGreaterThanOrEqual(which === 'all' ? 800 : 500)
    const summary = score.misses.join('\n')
    expect(score.right / score.expected, summary).toBeGreaterThanOrEqual(0.97)
    expect(score.right / score.found, summary).toBeGreaterThanOrEqual(0.97)
    expect(score.sameCriteria / score.right, summary).toBeGreaterThanOrEqual(0.97)
    expect(score.questionsRight / score.questionsExpected, summary).toBeGreaterThanOrEqual(0.97)
    expect(score.questionsRight / score.questionsFound, summary).toBeGreaterThanOrEqual(0.97)
  })
})

/** Lines on which something can be put or taken away without touching a requirement, its list or its table. */
function freeLines(text: string): readonly number[] {
  const lines = text.split('\n')
  const { requirements, questions } = extractRequirements(text)
  const taken = new Set([...requirements, ...questions].flatMap((entry) => rangeOf(entry.lines)))
  let fenced = false
  return lines.flatMap((line, index) => {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced
    const blank = line.trim() === '' && (lines[index - 1] ?? '').trim() !== ''
    const between = taken.has(index + 1) || (taken.has(index) && taken.has(index + 2))
    return blank && !fenced && !between && index > 4 ? [index] : []
  })
}

function rangeOf({ start, end }: { readonly start: number; readonly end: number }): readonly number[] {
  return Array.from({ length: end - start + 1 }, (_, index) => start + index)
}

const SENTENCES = [
  'The clerk in Graz had tea.',
  'Nobody minds the rain, as a rule.',
  'This was said before.',
  'See the drawing on the wall.',
]

describe('ids of requirements', () => {
  it('stay through many edits elsewhere', () => {
    let edits = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.array(
          fc.record({
            place: fc.nat(1000),
            sentence: fc.constantFrom(...SENTENCES),
            times: fc.integer({ min: 1, max: 3 }),
          }),
          { minLength: 8, maxLength: 8 },
        ),
        ({ text }, changes) => {
          let before = text
          let known = extractRequirements(before).requirements.map((requirement, index) => ({
            ...requirement,
            id: `REQ-${index + 1}`,
          }))
          for (const { place, sentence, times } of changes) {
            const free = freeLines(before)
            const at = free[place % Math.max(1, free.length)]
            if (at === undefined) continue
            const lines = before.split('\n')
            const after = [
              ...lines.slice(0, at + 1),
              ...Array.from({ length: times }, () => sentence),
              '',
              ...lines.slice(at + 1),
            ].join('\n')
            const next = extractRequirements(after).requirements
            const match = matchRequirements(known, next)
            // A sentence under "Expected behaviour" is a requirement itself; all others keep their ids and places.
            expect(match.removed).toEqual([])
            expect(next.flatMap((_, index) => match.kept.get(index) ?? [])).toEqual(known.map(({ id }) => id))
            known = next.map((requirement, index) => ({ ...requirement, id: match.kept.get(index) ?? `new ${edits}` }))
            before = after
            edits += 1
          }
        },
      ),
      { numRuns: runs(130) },
    )
    expect(edits).toBeGreaterThanOrEqual(runs(130) * 7.5)
  })
})
