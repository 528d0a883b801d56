import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSpecification } from '../../../src/spec/check/specification.ts'
import { type Cut, type CutText, cutSplit } from '../../../src/spec/split/cut.ts'
import { measureSize as measure } from '../../../src/spec/split/measure.ts'
import type { SplitProposal } from '../../../src/spec/split/proposal.ts'
import { proposeSplit } from '../../../src/spec/split/propose.ts'
import { runs } from '../../property-runs.ts'
import { plainRequirements, product } from './product.ts'

const measureSize = (text: string) => measure(readSpecification(text, 'prd'))
const keyOf = (place: number) => `PRD-${place + 2}`

/** Without what a split may change: targets of links to headings. */
function plain(line: string): string {
  return line.replace(/\]\([^)]*#[^)]*\)/g, '](#)')
}

/** Every source line exactly once, in order in each text, word for word. */
function expectWhole(text: string, { parent, children }: Cut): void {
  const source = text.split('\n')
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
      expect(plain(lines[index] ?? '')).toBe(plain(source[line - 1] ?? ''))
    }
  }
  expect(seen.slice(1).every((count) => count === 1)).toBe(true)
}

function linesOf({ body }: CutText): string[] {
  return body.split('\n')
}

describe('the size of a specification', () => {
  it.each(['prd', 'tech_spec', 'bug'])('is no reason to split the empty template of a %s', (kind) => {
    expect(measureSize(readFileSync(`templates/specs/${kind}.md`, 'utf8')).reasons).toEqual([])
  })

  it('is no reason to split seven headings with sixty words', () => {
    const headings = ['Problem', 'Goals', 'Payments', 'Search', 'Login', 'Reports', 'Chat']
    const text = `# P\n\n${headings.map((heading) => `## ${heading}\n\nThe clerk sees what is there and goes on with it.\n`).join('\n')}`
    expect(measureSize(text).oversized).toBe(false)
  })

  it('is no reason to split one capability with fifteen requirements', () => {
    expect(measureSize(plainRequirements(15)).oversized).toBe(false)
  })

  it('is a reason where capabilities have nothing in common', () => {
    const { oversized, reasons, capabilities } = measureSize(product())
    expect(oversized).toBe(true)
    expect(capabilities.map(({ title }) => title)).toEqual(['Payments', 'Recipe search', 'Kitchen printers'])
    expect(reasons[0]).toContain('3 capabilities')
  })

  it('is a reason with more than forty requirements of one thing', () => {
    expect(measureSize(plainRequirements(41)).reasons).toEqual(['41 requirements: more than 40 are no longer one plan'])
  })

  it('counts functional and non-functional requirements as one capability', () => {
    const text = product()
      .replace('### Payments', '### Functional requirements')
      .replace('### Recipe search', '### Non-functional requirements')
    expect(measureSize(text).capabilities.length).toBeLessThan(2)
  })

  it('joins sections that name each other’s requirements', () => {
    const text = product().replace(
      'The service shall find recipes by ingredient.',
      'The service shall find recipes by ingredient, as FR-001 says.',
    )
    expect(measureSize(text).capabilities.map(({ title }) => title)).toEqual([
      'Payments, Recipe search',
      'Kitchen printers',
    ])
  })
})

describe('a proposed split', () => {
  const text = product()
  const proposal = proposeSplit(text)
  if (proposal === undefined) throw new Error('no proposal')
  const cut = cutSplit(text, 'Kitchen', proposal, keyOf)

  it('gives each capability a document and says why', () => {
    expect(proposal.children.map(({ title, requirements }) => [title, requirements])).toEqual([
      ['Payments', 8],
      ['Recipe search', 8],
      ['Kitchen printers', 8],
    ])
    expect(proposal.reason).toContain('neither words nor ids')
    expectWhole(text, cut)
  })

  it('leaves what is shared in the parent, with the way to the parts', () => {
    expect(linesOf(cut.parent)).toEqual(
      expect.arrayContaining([
        '## Problem',
        '## Non-goals',
        '- PRD-2: Payments',
        '- PRD-3: Recipe search',
        '- PRD-4: Kitchen printers',
      ]),
    )
  })

  it('takes along sections elsewhere that are about one capability alone', () => {
    expect(cut.children[0]?.body).toContain('### When the card is declined')
    expect(cut.parent.body).not.toContain('### When the card is declined')
    expect(cut.parent.body).toContain('### When everything is down')
  })

  it('turns links to headings that moved', () => {
    expect(cut.parent.body).toContain('[payments](PRD-2#payments)')
    expect(cut.children[1]?.body).toContain('[the printers](PRD-4#kitchen-printers)')
    expect(cut.children[1]?.body).toContain('[the problem](PRD-1#problem)')
    expect(cut.children[1]?.body).toContain('[above](#recipe-search)')
  })

  it('makes children whose requirements are found again', () => {
    expect(cut.children.map(({ body }) => measureSize(body).requirements)).toEqual([8, 8, 8])
    expect(measureSize(cut.parent.body).requirements).toBe(0)
  })

  it('cuts one long list of one thing in its order', () => {
    const long = plainRequirements(50)
    const parts = proposeSplit(long)
    if (parts === undefined) throw new Error('no proposal')
    expect(parts.children.map(({ requirements }) => requirements)).toEqual([15, 15, 15, 5])
    const done = cutSplit(long, 'Long', parts, keyOf)
    expectWhole(long, done)
    expect(done.children.map(({ body }) => measureSize(body).requirements)).toEqual([15, 15, 15, 5])
  })

  it('never cuts a table', () => {
    const rows = Array.from({ length: 45 }, (_, index) => `| FR-${index + 1} | The page shows row ${index + 1}. |`)
    expect(
      proposeSplit(`# T\n\n## Requirements\n\n| ID | Requirement |\n| --- | --- |\n${rows.join('\n')}\n`),
    ).toBeUndefined()
  })

  it('is not there for a small text', () => {
    expect(proposeSplit(plainRequirements(5))).toBeUndefined()
    expect(proposeSplit('')).toBeUndefined()
  })
})

const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      '',
      '## Requirements',
      '### FR-7: Pay',
      '# Title',
      '## Search',
      '```',
      '~~~',
      '---',
      '<!--',
      '-->',
      '| a | b |',
      '| --- | --- |',
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .nat(60)
      .map((number) => `- FR-${number}: The service shall answer ${number} with [a](#requirements).`),
  },
  { weight: 2, arbitrary: fc.nat(30).map((number) => `### Section ${number}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ' ')) },
)
const documents = fc.array(line, { maxLength: 120 }).map((lines) => lines.join('\n'))

describe('for any text', () => {
  it('what is proposed holds every line exactly once', () => {
    fc.assert(
      fc.property(documents, (text) => {
        const proposal = proposeSplit(text)
        expect(proposeSplit(text)).toEqual(proposal)
        if (proposal !== undefined) expectWhole(text, cutSplit(text, 'T', proposal, keyOf))
      }),
      { numRuns: runs(300) },
    )
  })

  it('any valid proposal holds every line exactly once', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.tuple(fc.nat(130), fc.nat(20)), { maxLength: 8 }), (text, ranges) => {
        const last = text.split('\n').length
        let from = 1
        const parts: SplitProposal['children'][number][] = []
        for (const [start, length] of ranges.toSorted((a, b) => a[0] - b[0])) {
          const first = Math.max(from, start)
          const end = Math.min(last, first + length)
          if (first > last) break
          parts.push({ title: `Part ${parts.length}`, reason: '', lines: [{ start: first, end }], requirements: 0 })
          from = end + 1
        }
        expectWhole(text, cutSplit(text, 'T', { reason: '', children: parts }, keyOf))
      }),
      { numRuns: runs(300) },
    )
  })
})
