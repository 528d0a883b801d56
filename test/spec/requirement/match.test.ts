import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchRequirements, type PreviousRequirement } from '../../../src/domain/requirement/match.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { processorTime } from '../../processor-time.ts'
import { runs } from '../../property-runs.ts'
import { labelledFixtures, readFixture } from './labelled-fixtures.ts'

function identified(text: string): PreviousRequirement[] {
  return extractRequirements(text).requirements.map(({ label, text: statement, section }, index) => ({
    id: `REQ-${index + 1}`,
    label,
    text: statement,
    section,
  }))
}

/** Ids of the new text in its order; `new` where there was none. */
function follow(before: string, after: string): { ids: string[]; removed: string[] } {
  const next = extractRequirements(after).requirements
  const match = matchRequirements(identified(before), next)
  expect([...match.kept.keys(), ...match.added].sort((a, b) => a - b)).toEqual(next.map((_, index) => index))
  return { ids: next.map((_, index) => match.kept.get(index) ?? 'new'), removed: match.removed }
}

function list(...items: readonly string[]): string {
  return ['# P', '## Requirements', ...items.map((item) => `- ${item}`)].join('\n')
}

describe('requirement identity', () => {
  it('stays when nothing changes', () => {
    expect(follow(list('FR-1: a', 'b', 'b'), list('FR-1: a', 'b', 'b'))).toEqual({
      ids: ['REQ-1', 'REQ-2', 'REQ-3'],
      removed: [],
    })
  })

  it('survives a complete rewording under a kept label', () => {
    expect(
      follow(list('FR-1: Export as CSV', 'FR-2: Import'), list('FR-1: People get a spreadsheet', 'FR-2: Import')).ids,
    ).toEqual(['REQ-1', 'REQ-2'])
  })

  it('survives renumbering by an insertion, and a rewording at the same time', () => {
    const before = list(
      'FR-001: Export every report as CSV',
      'FR-002: Print every report on paper',
      'FR-003: Mail a report to the owner',
    )
    const after = list(
      'FR-001: Export every report as CSV',
      'FR-002: Delete old drafts',
      'FR-003: Print every report on paper',
      'FR-004: Mail each report to the owner',
    )
    expect(follow(before, after)).toEqual({ ids: ['REQ-1', 'new', 'REQ-2', 'REQ-3'], removed: [] })
  })

  it('survives a move to another section', () => {
    const before = '# P\n## Requirements\n### A\n- one thing\n### B\n- other thing'
    const after = '# P\n## Requirements\n### B\n- other thing\n- one thing'
    expect(follow(before, after).ids).toEqual(['REQ-2', 'REQ-1'])
  })

  it('goes by the section between equal texts', () => {
    const before = '# P\n## Requirements\n### A\n- is fast\n### B\n- is fast'
    const after = '# P\n## Requirements\n### B\n- is fast'
    expect(follow(before, after)).toEqual({ ids: ['REQ-2'], removed: ['REQ-1'] })
  })

  it('survives a rewording without a label', () => {
    const before = list('The export writes one file for each report', 'Old reports are deleted after a year')
    const after = list('Old reports are deleted after a year', 'The export writes exactly one file for each report')
    expect(follow(before, after).ids).toEqual(['REQ-2', 'REQ-1'])
  })

  it('is not guessed between two equally similar ones', () => {
    const before = list('Export the weekly report as a PDF file')
    const after = list('Export the daily report as a PDF file', 'Export the yearly report as a PDF file')
    expect(follow(before, after)).toEqual({ ids: ['new', 'new'], removed: ['REQ-1'] })
  })

  it('ends with the requirement', () => {
    expect(follow(list('Export reports', 'Import addresses'), list('Paint the wall'))).toEqual({
      ids: ['new'],
      removed: ['REQ-1', 'REQ-2'],
    })
  })

  it('does not pass to another text through a label that occurs twice', () => {
    expect(follow(list('FR-1: Export reports', 'FR-1: Import addresses'), list('FR-1: Paint the wall'))).toEqual({
      ids: ['new'],
      removed: ['REQ-1', 'REQ-2'],
    })
  })

  it('of thousands is found in seconds, even when every text changed', () => {
    const item = (index: number, word: string) => ({
      text: `The system ${word} item ${index} of kind ${index % 7} within ${index % 90} seconds`,
      section: [],
    })
    const previous = Array.from({ length: 4000 }, (_, index) => ({ id: `REQ-${index}`, ...item(index, 'must export') }))
    const next = Array.from({ length: 4000 }, (_, index) => item(index, 'must always export'))
    const { value, ms } = processorTime(() => matchRequirements(previous, next))
    const { kept } = value
    expect(ms).toBeLessThan(10_000)
    for (const [index, id] of kept) expect(id).toBe(`REQ-${index}`)
    // A handful have the very same set of words as another and stay undecided.
    expect(kept.size).toBeGreaterThan(3980)
  })
})

describe('requirement identity under random edits elsewhere', () => {
  const documents = labelledFixtures.map(({ file }) => readFixture(file))
  const prose = fc.constantFrom(
    'Some more words.',
    'We talked about it in May.',
    'A note, and another.',
    'See the wiki.',
  )

  /** Lines outside of all requirements and of the front matter, before which something can be put. */
  function gaps(text: string): number[] {
    const { requirements } = extractRequirements(text)
    const lines = text.split('\n')
    const front = lines[0] === '---' ? lines.indexOf('---', 1) : -1
    return lines.flatMap((line, index) => {
      const inside = requirements.some(({ lines: { start, end } }) => index + 1 > start && index + 1 <= end + 1)
      return index > front && !inside && line.startsWith('#') ? [index] : []
    })
  }

  it('keeps every id, 1,000 times', () => {
    const edit = fc.record({
      place: fc.nat(),
      kind: fc.constantFrom('prose', 'comment', 'fence', 'blank', 'section'),
      text: prose,
    })
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.array(edit, { minLength: 1, maxLength: 6 }), (before, edits) => {
        let after = before
        for (const { place, kind, text } of edits) {
          const places = gaps(after)
          const at = places[place % Math.max(1, places.length)]
          if (at === undefined) continue
          const lines = after.split('\n')
          const inserted = {
            prose: [text, ''],
            comment: [`<!-- ${text} -->`, ''],
            fence: ['```', `FR-1: ${text}`, '```', ''],
            blank: ['', ''],
            section: [`${/^#+/.exec(lines[at] ?? '')?.[0] ?? '##'} Background`, '', text, ''],
          }[kind]
          // A new section right before a deeper heading would move what follows under it; that is no edit elsewhere.
          lines.splice(at, 0, ...(kind === 'section' && lines[at]?.startsWith('###') ? [text, ''] : inserted))
          after = lines.join('\n')
        }
        const ids = identified(before).map((requirement) => requirement.id)
        const result = follow(before, after)
        expect(result.removed).toEqual([])
        expect(result.ids.filter((id) => id !== 'new')).toEqual(ids)
      }),
      { numRuns: runs(1000) },
    )
  })

  it('keeps every other id when one requirement is reworded, removed or added', () => {
    const words = fc.stringMatching(/^[a-z]{4,9}$/)
    const item = fc.array(words, { minLength: 3, maxLength: 9 }).map((parts) => `${parts.join(' ')}.`)
    const items = fc.uniqueArray(item, { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(
        items,
        fc.nat(),
        item,
        fc.constantFrom('reword', 'remove', 'add'),
        fc.boolean(),
        (before, at, text, kind, labelled) => {
          const place = at % before.length
          const after = [...before]
          after.splice(place, kind === 'add' ? 0 : 1, ...(kind === 'remove' ? [] : [text]))
          fc.pre(!before.includes(text))
          const write = (entries: readonly string[]) =>
            list(...entries.map((entry, index) => (labelled ? `FR-${index + 1}: ${entry}` : entry)))
          const { ids } = follow(write(before), write(after))
          for (const [index, entry] of before.entries()) {
            const now = after.indexOf(entry)
            if (now !== -1) expect(ids[now]).toBe(`REQ-${index + 1}`)
          }
        },
      ),
      { numRuns: runs(500) },
    )
  })
})
