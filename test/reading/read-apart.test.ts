import { expect, test, vi } from 'vitest'
import { check, extraction, splitting } from '../../src/reading/read-apart.ts'
import { checkText } from '../../src/spec/check/check-text.ts'
import { extractRequirements } from '../../src/spec/requirement/extract.ts'
import { proposeSplit } from '../../src/spec/split/propose.ts'

// Three threads start from source, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 })

const settings = { severities: {}, banned: ['simple'], gates: [], lenses: false }
const surroundings = {
  repositories: new Set(['api']),
  assigned: ['api'],
  banned: ['simple'],
  hasParent: false,
  hasChildren: false,
}

function specification(requirements: number): string {
  const items = Array.from(
    { length: requirements },
    (_, at) => `- FR-${at}: The api shall list the orders of shop ${at} within ${at} s [repo: api]; it stays simple.`,
  )
  return `---\nrepository: api\n---\n# Orders\n\n## Requirements\n\n${items.join('\n')}\n`
}

test.each([10, 1100])('%i requirements are read as they are, in whichever thread', async (requirements) => {
  const text = specification(requirements)
  const input = { text, kind: 'prd', settings, surroundings } as const
  expect(await extraction.ahead({ text })).toEqual(extractRequirements(text))
  expect(await check.ahead(input)).toEqual(checkText(input))
  expect(await splitting.ahead({ text, kind: 'prd', always: true })).toEqual(proposeSplit(text))
})

test('a text that is not too big is split only where that is asked for', async () => {
  const text = specification(30)
  expect(await splitting.ahead({ text, kind: 'prd', always: false })).toBeUndefined()
  expect(await splitting.ahead({ text, kind: 'prd', always: true })).toBeDefined()
})

test('a large text is no longer read once nobody waits for it', async () => {
  const controller = new AbortController()
  const reading = extraction.ahead({ text: specification(8000) }, controller.signal)
  const reason = new Error('the client is gone')
  controller.abort(reason)
  await expect(reading).rejects.toBe(reason)
  await expect(extraction.ahead({ text: '# T' }, controller.signal)).rejects.toBe(reason)
})
