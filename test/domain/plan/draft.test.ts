import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draftPlan } from '../../../src/domain/plan/draft.ts'
import { runs } from '../../property-runs.ts'
import { bodyOf, draft, person, prdOf, submit, workspace } from './workspace.ts'

describe('a draft', () => {
  test('puts requirements where their text points, and asks where nothing does', async () => {
    const service = await workspace({
      api: { package: '@x/api' },
      web: { package: '@x/web', uses: ['@x/api'] },
      docs: {},
    })
    const body = `---
repositories:
  docs: [FR-005]
---
# A PRD

## Requirements

### FR-001: Tagged [repo: web]

The page shall show 1.

### FR-002: Named

The api shall answer 2.

### FR-003: By package

A call into \`@x/web\` shall return 3.

### FR-004: By symbol

\`placeOrder\` shall return 4.

### FR-005: By front matter

The text shall have 5 pages.

### FR-006: Nowhere

Somebody shall do 6 things.

### FR-007: Two [repo: api, web]

The order shall have 7 lines.
`
    const prd = await prdOf(service, body, ['api', 'web', 'docs'])
    const map = { paths: [], symbols: [{ name: 'placeOrder', file: 'src/orders.ts' }] }
    const { placements, questions, tasks } = await draftPlan(service, person, {
      prd,
      mapOf: (name) => (name === 'api' ? map : undefined),
    })

    const placed = Object.groupBy(placements, (placement) => placement.requirement)
    const where = Object.fromEntries(
      Object.entries(placed).map(([name, list]) => [name, list?.map((placement) => placement.repository).sort()]),
    )
    expect(where).toEqual({
      'FR-001': ['web'],
      'FR-002': ['api'],
      'FR-003': ['web'],
      'FR-004': ['api'],
      'FR-005': ['docs'],
      'FR-007': ['api', 'web'],
    })
    expect(placements.every((placement) => placement.reason !== '' && placement.confidence >= 0.5)).toBe(true)
    expect(questions).toEqual([expect.stringContaining('In which repository does FR-006 belong')])
    const two = tasks.filter((entry) => entry.requirements.includes('FR-007'))
    expect(two.map((entry) => entry.repository)).toEqual(['api', 'web'])
    expect(two[1]?.depends_on).toEqual([two[0]?.ref])
  })

  test('puts what is used before its users, whatever their names', async () => {
    const service = await workspace({ alpha: { package: 'alpha', uses: ['zeta'] }, zeta: { package: 'zeta' } })
    const prd = await prdOf(
      service,
      bodyOf(2, (index) => (index === 0 ? ' [repo: alpha]' : ' [repo: zeta]')),
      ['alpha', 'zeta'],
    )
    const { tasks } = await draft(service, prd)
    expect(tasks.map((entry) => [entry.repository, entry.depends_on])).toEqual([
      ['zeta', []],
      ['alpha', ['US-001']],
    ])
  })

  test('of a bug begins with a regression test', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'], 'bug')
    const { tasks } = await draft(service, prd)
    expect(tasks).toMatchObject([
      { ref: 'BUG-001', title: 'Regression test: Part 1' },
      { ref: 'BUG-002', depends_on: ['BUG-001'] },
    ])
    await submit(service, prd, tasks)
  })

  test('asks what open questions and vague criteria mean', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(
      service,
      '# X\n\n## Requirements\n\n- FR-001: The system shall fail gracefully.\n\n## Open questions\n\n- Who pays?\n',
      ['api'],
    )
    const { questions } = await draft(service, prd)
    expect(questions).toEqual([expect.stringContaining('Who pays?'), expect.stringContaining('"gracefully"')])
  })

  test('cuts a requirement with too many criteria in parts that follow each other', async () => {
    const service = await workspace({ api: {} })
    const criteria = Array.from({ length: 23 }, (_, index) => `- The answer to ${index} is ${index}.`).join('\n')
    const prd = await prdOf(
      service,
      `# X\n\n## Requirements\n\n### FR-001: Many\n\nThe system shall answer.\n\nAcceptance criteria:\n${criteria}\n`,
      ['api'],
    )
    const { tasks } = await draft(service, prd)
    expect(tasks.map((entry) => [entry.acceptance_criteria.length, entry.depends_on])).toEqual([
      [10, []],
      [10, ['US-001']],
      [3, ['US-002']],
    ])
    await submit(service, prd, tasks)
  })

  test('is the same each time', async () => {
    const service = await workspace({ api: { package: 'a' }, web: { package: 'w', uses: ['a'] } })
    const prd = await prdOf(
      service,
      bodyOf(12, (index) => (index % 2 === 0 ? ' [repo: api]' : ' [repo: web]')),
      ['api', 'web'],
    )
    expect(await draft(service, prd)).toEqual(await draft(service, prd))
  })

  test('that is submitted is accepted as it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('api', 'web', 'core'), { minLength: 1, maxLength: 15 }),
        fc.boolean(),
        async (places, mutual) => {
          const service = await workspace({
            core: { package: 'core', uses: mutual ? ['api'] : [] },
            api: { package: 'api', uses: ['core'] },
            web: { package: 'web', uses: ['api', 'core'] },
          })
          const prd = await prdOf(
            service,
            bodyOf(places.length, (index) => ` [repo: ${places[index]}]`),
            ['core', 'api', 'web'],
          )
          const { tasks, questions } = await draft(service, prd)
          expect(questions).toEqual([])
          const { created } = await submit(service, prd, tasks)
          expect(created).toHaveLength(places.length)
        },
      ),
      { numRuns: runs(15) },
    )
  })
})
