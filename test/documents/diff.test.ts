import { applyPatch } from 'diff'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedLines, unifiedDiff } from '../../src/documents/diff.ts'
import { normalizeText } from '../../src/documents/text.ts'
import { processorTime } from '../processor-time.ts'
import { runs } from '../property-runs.ts'
import { unrelatedTexts } from './sample.ts'

const anyText = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '- x', '## H', '```', 'long line of words'), { maxLength: 40 })
  .map((lines) => lines.join('\n'))

describe('unified diff', () => {
  it('shows changed lines with three lines of context', () => {
    const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].join('\n')
    expect(unifiedDiff(before, before.replace('5', 'five'), ['PRD-1 revision 1', 'PRD-1 revision 2'])).toBe(
      '--- PRD-1 revision 1\n+++ PRD-1 revision 2\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    )
  })

  it('is empty for texts that differ in line ends only', () => {
    expect(unifiedDiff('a\r\nb', 'a\nb\n', ['x', 'y'])).toBe('')
    expect(changedLines('a\r\nb', 'a\nb\n')).toEqual({ added: 0, removed: 0 })
  })

  it('shows a text that came to be or ceased to be', () => {
    expect(unifiedDiff('', 'a\n', ['x', 'y'])).toBe('--- x\n+++ y\n@@ -0,0 +1,1 @@\n+a\n')
    expect(changedLines('a\nb\n', '')).toEqual({ added: 0, removed: 2 })
  })

  it('is a patch that leads from one text to the other', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        const patch = unifiedDiff(before, after, ['x', 'y'])
        const result = patch === '' ? normalizeText(before) : applyPatch(normalizeText(before), patch)
        expect(result).toBe(normalizeText(after))
      }),
      { numRuns: runs(500) },
    )
  })

  it('counts the lines it shows', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        const shown = unifiedDiff(before, after, ['x', 'y']).split('\n').slice(2)
        expect(changedLines(before, after)).toEqual({
          added: shown.filter((line) => line.startsWith('+')).length,
          removed: shown.filter((line) => line.startsWith('-')).length,
        })
      }),
    )
  })

  it.each(unrelatedTexts)('of two unrelated 1 MB texts (%s) is a right patch, soon', (_name, before, after) => {
    const { value: patch, ms } = processorTime(() => unifiedDiff(before, after, ['x', 'y']))
    expect(ms).toBeLessThan(10_000)
    expect(patch.startsWith('--- x\n+++ y\n@@')).toBe(true)
    const { added, removed } = changedLines(before, after)
    expect(added - removed).toBe(normalizeText(after).split('\n').length - normalizeText(before).split('\n').length)
  })

  it('stays fine-grained where a long text was edited in more places than are searched at once', () => {
    const lines = Array.from({ length: 6000 }, (_, index) => `Line ${index} of the text`)
    const edited = lines.map((line, index) => (index % 4 === 0 ? `${line}, edited` : line))
    expect(changedLines(lines.join('\n'), edited.join('\n'))).toEqual({ added: 1500, removed: 1500 })
  })
})
