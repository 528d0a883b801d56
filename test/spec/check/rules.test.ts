import { describe, expect, it } from 'vitest'
import { applyReplacements } from '../../../src/documents/replacements.ts'
import { checkText } from '../../../src/spec/check/check-text.ts'
import { rules } from '../../../src/spec/check/rules/index.ts'
import { coherenceExamples, referenceExamples } from './examples/coherence.ts'
import { contentExamples } from './examples/content.ts'
import { padding, type RuleExamples, requirements } from './examples/example.ts'
import { assignedExamples, planningExamples } from './examples/planning.ts'
import { structureExamples } from './examples/structure.ts'
import { wordingExamples } from './examples/wording.ts'

const examples: readonly RuleExamples[] = [
  ...structureExamples,
  ...planningExamples,
  assignedExamples,
  ...coherenceExamples,
  ...referenceExamples,
  ...contentExamples,
  ...wordingExamples,
]

/** Only this rule is on. */
function findings({ rule, kind, words = 0, around }: RuleExamples, text: string) {
  const others = Object.fromEntries(rules.filter(({ id }) => id !== rule).map(({ id }) => [id, 'off' as const]))
  return checkText({
    text: `${text}${padding(words)}`,
    kind: kind ?? rules.find(({ id }) => id === rule)?.kinds?.[0] ?? 'prd',
    surroundings: {
      repositories: new Set(),
      assigned: ['api'],
      banned: [],
      hasParent: false,
      hasChildren: false,
      ...around,
    },
    settings: { severities: others, banned: [], gates: [], lenses: false },
  }).findings
}

describe('rules of the check', () => {
  it('each have at least three examples that break them and three that do not', () => {
    const count = (id: string, what: 'finds' | 'passes') =>
      examples.filter(({ rule }) => rule === id).reduce((sum, example) => sum + example[what].length, 0)
    const lacking = rules.filter(({ id }) => count(id, 'finds') < 3 || count(id, 'passes') < 3).map(({ id }) => id)
    expect(lacking).toEqual([])
  })

  for (const example of examples) {
    for (const [index, text] of example.finds.entries()) {
      it(`${example.rule} finds example ${index + 1}`, () => {
        const found = findings(example, text)
        expect(found.map(({ rule }) => rule)).toContain(example.rule)
        for (const { place } of found) {
          const line = text.split('\n')[place.line - 1] ?? ''
          expect(place.column).toBeGreaterThan(0)
          expect(place.endColumn).toBeLessThanOrEqual((text.split('\n')[place.endLine - 1] ?? '').length + 1)
          if (place.line === place.endLine)
            expect(line.slice(place.column - 1, place.endColumn - 1)).not.toMatch(/^\s|\s$/)
        }
      })
    }
    for (const [index, text] of example.passes.entries()) {
      it(`${example.rule} passes example ${index + 1}`, () => {
        expect(findings(example, text)).toEqual([])
      })
    }
  }
})

describe('a fix', () => {
  const check = (text: string) =>
    checkText({
      text,
      kind: 'prd',
      surroundings: { repositories: new Set(), assigned: ['api'], banned: [], hasParent: false, hasChildren: false },
      settings: { severities: {}, banned: [], gates: [], lenses: false },
    }).findings

  it.each([
    [
      'wording.should',
      requirements(
        '- A: The page shall open.',
        '- B: The page shall close.',
        '- C: The page shall print.',
        '- D: The page should save.',
      ),
    ],
    ['reference.label', requirements('- FR-12: The page lists orders.', '- FR-3: As FR-21, on paper.')],
    ['reference.section', '# Title\n\n## Limits of orders\n\nSee [the limits](#limits-of-order).\n'],
  ])('of %s is one of the replacements of an edit, and the finding is gone', (rule, text) => {
    const fix = check(text).find((finding) => finding.rule === rule)?.fix
    if (fix === undefined) throw new Error('no fix')
    const mended = applyReplacements(text, [fix])
    expect(mended).not.toBe(text)
    expect(check(mended).map((finding) => finding.rule)).not.toContain(rule)
  })

  it('writes what was meant', () => {
    const mended = (text: string) =>
      applyReplacements(
        text,
        check(text).flatMap(({ fix }) => fix ?? []),
      )
    expect(mended('# Title\n\n## Limits of orders\n\nSee [the limits](#limits-of-order).\n')).toContain(
      '[the limits](#limits-of-orders).',
    )
    expect(mended(requirements('- FR-12: The page lists orders.', '- FR-3: As FR-21, on paper.'))).toContain(
      'As FR-12, on paper',
    )
  })

  it('occurs once, however often the passage does', () => {
    const line = '- D: The page should save.'
    const text = requirements(
      '- A: The page shall open.',
      '- B: The page shall close.',
      '- C: The page shall print.',
      '- E: The page shall end.',
      line,
      line.replace('D', 'F'),
    )
    const fixes = check(text)
      .filter(({ rule }) => rule === 'wording.should')
      .map(({ fix }) => fix)
    expect(fixes).toHaveLength(2)
    for (const fix of fixes) expect(text.split(fix?.old ?? '')).toHaveLength(2)
  })
})
