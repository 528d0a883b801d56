import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import type { ExtractedRequirement } from '../../../schemas/requirement.ts'
import { readSpecification } from '../../../src/spec/check/specification.ts'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { type Cut, cutSplit } from '../../../src/spec/split/cut.ts'
import { measureSize, type SizeMeasure } from '../../../src/spec/split/measure.ts'
import type { SplitProposal } from '../../../src/spec/split/proposal.ts'
import { proposeSplit } from '../../../src/spec/split/propose.ts'
import { labelledDocuments } from '../requirement/measure.ts'
import { kiro, OVERSIZED, TITLES, thorough } from './documents.ts'

function sizeOf(text: string): SizeMeasure {
  return measureSize(readSpecification(text, 'prd'))
}

const keyOf = (place: number) => `PRD-${place + 2}`

function proposed(text: string): { readonly proposal: SplitProposal; readonly cut: Cut } {
  const proposal = proposeSplit(text)
  if (proposal === undefined) throw new Error('no proposal')
  return { proposal, cut: cutSplit(text, 'Depot', proposal, keyOf) }
}

/** Everything a plan takes from a requirement, but where links lead. */
function saying(requirements: readonly ExtractedRequirement[]): string[] {
  return requirements
    .map(({ label, form, text, section, criteria }) =>
      JSON.stringify([label, form, text, section.slice(1), criteria.map((criterion) => criterion.text)]),
    )
    .map((row) => row.replace(/\]\([^)\s]*#[^)]*\)/g, ']'))
    .sort()
}

function requirementsOf({ parent, children }: Cut): ExtractedRequirement[] {
  return [parent, ...children].flatMap(({ body }) => extractRequirements(body).requirements)
}

describe.each(Object.entries(OVERSIZED))('%s', (_, text) => {
  it('are too much for one document', () => {
    const { oversized, capabilities, reasons } = sizeOf(text)
    expect(oversized).toBe(true)
    expect(reasons[0]).toContain('4 capabilities')
    expect(capabilities.map(({ requirements }) => requirements.length)).toEqual([6, 6, 6, 6])
  })

  it('become a document for each thing, with the requirements read as before', () => {
    const { proposal, cut } = proposed(text)
    expect(proposal.children.map(({ title }) => title.replace('Epic: ', ''))).toEqual(TITLES)
    expect(saying(requirementsOf(cut))).toEqual(saying(extractRequirements(text).requirements))
    for (const child of cut.children) expect(extractRequirements(child.body).requirements).toHaveLength(6)
  })

  it('leave what they share in the parent', () => {
    const { cut } = proposed(text)
    expect(cut.parent.body).toContain('Dispatchers lose 3 hours a day.')
    expect(extractRequirements(cut.parent.body).questions).toEqual(
      extractRequirements(text).questions.map((question) => expect.objectContaining({ text: question.text })),
    )
  })
})

describe('a child', () => {
  const { cut } = proposed(OVERSIZED['a top-level section for each thing, beside security'] ?? '')
  const [checkout] = cut.children

  it('begins with what its requirements need of the rest, marked as added', () => {
    const lines = checkout?.body.split('\n') ?? []
    const added = lines.filter((_, index) => checkout?.sourceLines[index] === undefined && lines[index] !== '')
    expect(added).toEqual([
      '---',
      'repositories:',
      '  FR-1: shop',
      '  FR-7: fleet',
      '---',
      '# Depot: Checkout',
      'Part of PRD-1, Depot.',
      '[carrier]: PRD-4#staff-rota',
    ])
  })

  it('keeps code as it is', () => {
    expect(checkout?.body).toContain('```md\n# no heading\n[x](#checkout)\n```')
    expect(cut.parent.body).toContain('[the fleet](PRD-3#fleet-tracking "vans"), `[code](#checkout)` is not.')
    expect(cut.parent.body).toContain('[carrier]: PRD-4#staff-rota')
  })
})

describe('requirements of one thing', () => {
  it('are cut by size, each with its criteria', () => {
    const text = kiro(44)
    expect(sizeOf(text)).toMatchObject({ oversized: true, reasons: [expect.stringContaining('44 requirements')] })
    const { proposal, cut } = proposed(text)
    expect(proposal.children.map(({ requirements }) => requirements)).toEqual([15, 15, 14])
    expect(saying(requirementsOf(cut))).toEqual(saying(extractRequirements(text).requirements))
    expect(
      cut.children.map(({ body }) => extractRequirements(body).requirements.every((r) => r.criteria.length > 0)),
    ).toEqual([true, true, true])
  })

  it('stay whole where a sentence introduces them all, or a fence holds them', () => {
    const items = Array.from({ length: 44 }, (_, index) => `- FR-${index}: The page shall list order ${index}.`)
    expect(proposeSplit(`# T\n\n## Requirements\n\nEach of these within 2 s:\n${items.join('\n')}\n`)).toBeUndefined()
    const scenarios = items.map((_, index) => `Scenario: ${index}\n  Given a page\n  When ${index}\n  Then it opens\n`)
    expect(proposeSplit(`# T\n\n\`\`\`gherkin\n${scenarios.join('\n')}\n\`\`\`\n`)).toBeUndefined()
  })

  it('take along their criteria that a section lists for all', () => {
    const numbers = Array.from({ length: 44 }, (_, index) => index + 1)
    const list = numbers.map((number) => `- FR-${number}: The page shall list order ${number}.`).join('\n')
    const criterion = (number: number) => `Order ${number} is there within ${number} s.`
    const items = numbers.map((number) => `- AC-${number} (FR-${number}): ${criterion(number)}`).join('\n')
    const text = `# T\n\n## Requirements\n\n${list}\n\n## Acceptance criteria\n\n${items}\n\n## Notes\n\nNone.\n`
    const { proposal, cut } = proposed(text)
    expect(proposal.children.map(({ lines }) => lines.length)).toEqual([2, 2, 2])
    expect(saying(requirementsOf(cut))).toEqual(saying(extractRequirements(text).requirements))
    expect(extractRequirements(cut.children[2]?.body ?? '').requirements.at(-1)?.criteria).toHaveLength(1)
  })

  it('never become a single child', () => {
    for (let count = 0; count < 48; count++) expect(proposeSplit(kiro(count))?.children.length ?? 2).toBeGreaterThan(1)
  })
})

describe('a document of ordinary size', () => {
  it('is not too big with 1,500 words on one thing', () => {
    const size = sizeOf(thorough())
    expect(size.words).toBeGreaterThan(1400)
    expect(size).toMatchObject({ requirements: 15, criteria: 45, oversized: false, reasons: [] })
  })

  it('says which journeys and repositories it names', () => {
    const text = `---\nrepositories: [shop, web]\n---\n# T\n\n## User journeys\n\n### Buy\n\n1. Pay.\n\n### Return\n\n1. Send.\n\n## Requirements\n\n- FR-1: The till shall pay. [repo: till]\n`
    expect(sizeOf(text)).toMatchObject({ journeys: 2, repositories: ['shop', 'web', 'till'] })
  })

  test('is not too big with fewer than twenty requirements, in whatever shape', () => {
    const small = labelledDocuments().filter(({ text }) => extractRequirements(text).requirements.length < 20)
    expect(small.length).toBeGreaterThan(20)
    for (const { file, text } of small) expect({ file, reasons: sizeOf(text).reasons }).toEqual({ file, reasons: [] })
  })

  test('loses no requirement of a labelled document that can be cut at all', () => {
    let cuts = 0
    for (const { text } of labelledDocuments()) {
      const proposal = proposeSplit(text)
      if (proposal === undefined) continue
      cuts += 1
      expect(saying(requirementsOf(cutSplit(text, 'T', proposal, keyOf)))).toEqual(
        saying(extractRequirements(text).requirements),
      )
    }
    expect(cuts).toBeGreaterThan(5)
  })

  it.each(['prd', 'tech_spec', 'bug'])('has no proposal when it is the template of a %s', (kind) => {
    expect(proposeSplit(readFileSync(`templates/specs/${kind}.md`, 'utf8'))).toBeUndefined()
  })
})
