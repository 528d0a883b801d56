import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSpecification } from '../../../src/spec/check/specification.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { type Cut, cutSplit } from '../../../src/spec/split/cut.ts'
import { measureSize } from '../../../src/spec/split/measure.ts'
import type { SplitProposal } from '../../../src/spec/split/proposal.ts'
import { proposeSplit } from '../../../src/spec/split/propose.ts'
import { runs } from '../../property-runs.ts'

const keyOf = (place: number) => `PRD-${place + 2}`

const word = fc.constantFrom(
  ...'order van rota ticket pay scan plot swap rank close Zürich 你好 naïve 🚚 `code` [x](#requirements)'.split(' '),
)
const words = fc.array(word, { minLength: 2, maxLength: 7 }).map((all) => all.join(' '))

/** Blocks that have to stay whole, as lines. */
const block: fc.Arbitrary<readonly string[]> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 2, max: 4 }), words)
      .map(([level, title]) => [`${'#'.repeat(level)} ${title}`]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ['## Requirements'],
      ['## Functional requirements'],
      ['## Non-goals'],
      ['---'],
      ['Underlined', '---'],
    ),
  },
  { weight: 2, arbitrary: words.map((text) => [`${text}.`, `More of ${text}.`]) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(200), words)
      .map(([number, text]) =>
        [
          `- FR-${number}: The system shall ${text}.`,
          `  - Given ${text}, when it ends, then it is shown.`,
          '',
          '  ```',
          '# no heading',
          '  - FR-999: nothing',
          '  ```',
        ].map((line) => (line === '# no heading' ? '  # no heading' : line)),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(200), words)
      .map(([number, text]) => [
        `#### FR-${number}: ${text}`,
        '',
        `The system shall ${text}.`,
        '',
        'Acceptance criteria:',
        `- Given ${text}, when it ends, then it is shown.`,
      ]),
  },
  { weight: 3, arbitrary: words.map((text) => [`- The system shall ${text}.`]) },
  {
    weight: 2,
    arbitrary: fc
      .array(words, { minLength: 1, maxLength: 8 })
      .map((rows) => [
        '| ID | Requirement |',
        '| --- | --- |',
        ...rows.map((text, index) => `| R-${index} | The system shall ${text}. |`),
      ]),
  },
  { weight: 1, arbitrary: words.map((text) => ['```json', '## no heading', '', `- FR-1: ${text}`, '```']) },
  {
    weight: 1,
    arbitrary: words.map((text) => [
      '```gherkin',
      `Scenario: ${text}`,
      '  Given a',
      '  When b',
      '  Then c',
      '',
      'Scenario: other',
      '  Given a',
      '  When b',
      '  Then d',
      '```',
    ]),
  },
  { weight: 1, arbitrary: words.map((text) => ['<!--', '## no heading', '', `- FR-2: ${text}`, '-->']) },
)

interface Document {
  readonly text: string
  /** Lines of each block, counted from 1. */
  readonly blocks: readonly { readonly start: number; readonly end: number }[]
}

const documents: fc.Arbitrary<Document> = fc
  .tuple(
    fc.constantFrom<readonly string[]>([], ['---', 'owner: ops', '# no heading', '---']),
    fc.array(fc.tuple(block, fc.integer({ min: 1, max: 3 })), { minLength: 20, maxLength: 110 }),
  )
  .map(([front, blocks]) => {
    const lines: string[] = [...front, ...(front.length > 0 ? [''] : []), '# Title', '']
    const places = front.length > 0 ? [{ start: 1, end: front.length }] : []
    for (const [own, blanks] of blocks) {
      places.push({ start: lines.length + 1, end: lines.length + own.length })
      lines.push(...own, ...new Array<string>(blanks).fill(''))
    }
    return { text: lines.join('\n'), blocks: places }
  })

/** Every source line exactly once, in order in each text, word for word but where links lead. */
function expectWhole(text: string, { parent, children }: Cut): void {
  const source = text.split(/\r\n|\n|\r/)
  const seen = new Array<number>(source.length + 1).fill(0)
  for (const { body, sourceLines } of [parent, ...children]) {
    const lines = body.split('\n')
    expect(lines).toHaveLength(sourceLines.length)
    let before = 0
    for (const [index, line] of sourceLines.entries()) {
      if (line === undefined) continue
      expect(line).toBeGreaterThan(before)
      before = line
      seen[line] = (seen[line] ?? 0) + 1
      expect(withoutTargets(lines[index] ?? '')).toBe(withoutTargets(source[line - 1] ?? ''))
    }
  }
  expect(seen.slice(1).filter((count) => count !== 1)).toEqual([])
}

function withoutTargets(line: string): string {
  return line.replace(/\]\([^)]*#[^)]*\)/g, ']').replace(/\]:\s+<?[^\s#]*#\S+/g, ']:')
}

function ownerOf({ children }: SplitProposal, line: number): number {
  return children.findIndex(({ lines }) => lines.some(({ start, end }) => start <= line && line <= end))
}

describe('a proposal for any document', () => {
  it('cuts no block and no requirement, keeps all lines, and has children worth having', () => {
    let proposals = 0
    fc.assert(
      fc.property(documents, ({ text, blocks }) => {
        const proposal = proposeSplit(text)
        expect(proposeSplit(text)).toEqual(proposal)
        if (proposal === undefined) return
        proposals += 1
        const { requirements } = extractRequirements(text)
        for (const { start, end } of [...blocks, ...requirements.map(({ lines }) => lines)])
          for (let line = start; line <= end; line++) expect(ownerOf(proposal, line)).toBe(ownerOf(proposal, start))
        const { children } = proposal
        expect(children.length).toBeGreaterThan(1)
        expect(children.length).toBeLessThan(9)
        const ranges = children.flatMap(({ lines }) => lines).toSorted((a, b) => a.start - b.start)
        for (const [index, { start, end }] of ranges.entries()) {
          expect(end).toBeGreaterThanOrEqual(start)
          expect(start).toBeGreaterThan(ranges[index - 1]?.end ?? 0)
        }
        const cut = cutSplit(text, 'T', proposal, keyOf)
        expectWhole(text, cut)
        expect(cutSplit(text, 'T', proposal, keyOf)).toEqual(cut)
        for (const [index, { title, requirements: count }] of children.entries()) {
          expect(title.trim()).not.toBe('')
          expect(count).toBeGreaterThan(0)
          const own = requirements.filter(({ lines }) => ownerOf(proposal, lines.start) === index)
          expect(extractRequirements(cut.children[index]?.body ?? '').requirements.length).toBeGreaterThanOrEqual(
            own.length,
          )
        }
      }),
      { numRuns: runs(400) },
    )
    expect(proposals).toBeGreaterThan(runs(400) / 8)
  })

  it('is found or not, and never an error, whatever the text', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc
        .array(
          fc.constantFrom(
            '#',
            '-',
            '|',
            '`',
            '```',
            '<!--',
            '-->',
            '[',
            '](#',
            ']:',
            '\r',
            '\n',
            '\r\n',
            '\t',
            '  ',
            '---',
            'FR-1:',
            '🚚',
            '\0',
            '\uFEFF',
            'shall',
          ),
          { maxLength: 300 },
        )
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(noise, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), (text, starts) => {
        measureSize(readSpecification(text, 'prd'))
        proposeSplit(text)
        const last = text.split(/\r\n|\n|\r/).length
        const lines = [...new Set(starts)].filter((line) => line <= last).sort((a, b) => a - b)
        const children = lines.map((line) => ({
          title: `Line ${line}`,
          reason: '',
          lines: [{ start: line, end: line }],
          requirements: 0,
        }))
        expectWhole(text.replace(/^\uFEFF/, ''), cutSplit(text, 'T', { reason: '', children }, keyOf))
      }),
      { numRuns: runs(500) },
    )
  })
})

describe('200 KB', () => {
  const long = Array.from({ length: 105 }, (_, area) => {
    const items = Array.from({ length: 8 }, (_, index) => {
      const number = area * 8 + index
      return `- FR-${number}: The unit ${area.toString(36)}x shall send part ${number} within ${index} s of the event, see [area](#area-${area}) and FR-${(number * 7) % 840}.\n  - Given part ${number} in the store, when the gate of the hall opens, then it is on the belt within ${index} s.\n  It is there for those who wait.\n`
    })
    return `### Area ${area}\n\nThe area has units that send what the gate asks for, and none of them waits for another.\n\n${items.join('')}\n`
  })
  const text = `# Long\n\n## Requirements\n\n${long.join('\n')}`

  it('is measured, proposed and cut in time that grows with the text', { timeout: 60_000 }, () => {
    expect(text.length).toBeGreaterThan(190_000)
    const timeOf = (source: string): number => {
      const from = process.cpuUsage()
      measureSize(readSpecification(source, 'prd'))
      const proposal = proposeSplit(source)
      if (proposal !== undefined) cutSplit(source, 'T', proposal, keyOf)
      const { user, system } = process.cpuUsage(from)
      return user + system
    }
    // Time of the processor, by turns, because other work runs beside it; the bench says how long it takes.
    const halves: number[] = []
    const wholes: number[] = []
    for (let turn = 0; turn < 7; turn += 1) {
      halves.push(timeOf(text.slice(0, text.length / 2)))
      wholes.push(timeOf(text))
    }
    expect(Math.min(...wholes) / Math.min(...halves)).toBeLessThan(4)
  })
})
