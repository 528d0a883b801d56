import { expect, test, vi } from 'vitest'
import { SpekiError } from '../../src/errors.ts'
import { type ApartReading, untilRead, withReadings } from '../../src/reading/read-apart.ts'
import {
  check,
  cutting,
  editing,
  extraction,
  merging,
  planText,
  sections,
  splitting,
} from '../../src/reading/readings.ts'
import { step } from '../../src/step.ts'
import { countReadings } from './count-readings.ts'

// Threads start from source, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 240_000 })

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
  return `---\nrepository: api\n---\n# Orders\n\n## Requirements\n\n${items.join('\n')}\n\n## Constraints\n\n- At most 5 s.\n`
}

const LARGE = specification(1100)
const reading = step('prd_get', { prd: 'PRD-1' })

function same<Input, Result>({ ahead, read }: ApartReading<Input, Result>, input: Input): () => Promise<void> {
  return async () => {
    const apart = countReadings()
    expect(await ahead(input)).toEqual(read(input))
    expect(apart.end()).toBe(1)
  }
}

test.each([
  ['requirements', same(extraction, { text: LARGE })],
  ['check', same(check, { text: LARGE, kind: 'prd', settings, surroundings })],
  ['proposal of a split', same(splitting, { text: LARGE, kind: 'prd', always: true })],
  [
    'cut',
    same(cutting, {
      text: LARGE,
      title: 'Orders',
      proposal: splitting.read({ text: LARGE, kind: 'prd', always: true }) ?? { reason: '', children: [] },
      parentKey: 'PRD-1',
      childKeys: Array.from({ length: 8 }, (_, at) => `PRD-${at + 2}`),
    }),
  ],
  ['plan text', same(planText, { text: LARGE, kind: 'prd' })],
  ['sections', same(sections, { text: LARGE, section: 'constraints' })],
  [
    'edit',
    same(editing, { base: LARGE, edit: { section: 'Constraints', text: '- At most 6 s.' }, theirs: LARGE, reading }),
  ],
  ['merge', same(merging, { base: LARGE, mine: `${LARGE}\nMine.\n`, theirs: LARGE.replace('# Orders', '# All') })],
])('a large text is read in a thread of its own, and comes out the same: %s', async (_, compare) => {
  await compare()
})

test('a small text is read where it is', async () => {
  const apart = countReadings()
  const text = specification(10)
  expect(await extraction.ahead({ text })).toEqual(extraction.read({ text }))
  expect(apart.end()).toBe(0)
})

test('a text that is not too big is split only where that is asked for', async () => {
  const text = specification(30)
  expect(await splitting.ahead({ text, kind: 'prd', always: false })).toBeUndefined()
  expect(await splitting.ahead({ text, kind: 'prd', always: true })).toBeDefined()
})

test('a refusal comes out of the thread as it went in', async () => {
  const input = { text: LARGE, section: 'nowhere' }
  const refusal = await sections.ahead(input).catch((error: unknown) => error)
  if (!(refusal instanceof SpekiError)) throw refusal
  expect(() => sections.read(input)).toThrow(expect.objectContaining(refusal.asData()))
})

test('a large text is no longer read once nobody waits for it', async () => {
  const controller = new AbortController()
  const reason = new Error('the client is gone')
  await withReadings(controller.signal, async () => {
    const pending = extraction.ahead({ text: specification(8000) })
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    await expect(extraction.ahead({ text: '# T' })).rejects.toBe(reason)
  })
})

test('a transaction begins anew for each large text it needs, and finds all that were read before', async () => {
  const apart = countReadings()
  const texts = [LARGE, specification(1200), LARGE, specification(1300)]
  let begun = 0
  const counts = await untilRead(async () => {
    begun++
    return texts.map((text) => extraction.now({ text }).requirements.length)
  })
  expect(counts).toEqual(
    [1100, 1200, 1100, 1300].map((count) => count + extraction.read({ text: '' }).requirements.length),
  )
  expect([begun, apart.end()]).toEqual([4, 3])
})

test('what is expected is read at once, and kept until the call is over', async () => {
  const apart = countReadings()
  const inputs = [LARGE, specification(1200)].map((text) => ({ text }))
  let begun = 0
  const transaction = async () => {
    begun++
    extraction.expect(inputs)
    return inputs.map((input) => extraction.now(input).requirements.length)
  }
  await withReadings(undefined, async () => {
    await untilRead(transaction)
    await untilRead(transaction)
  })
  expect([begun, apart.end()]).toEqual([3, 2])
})

test('work that asks for another text each time comes to an end', async () => {
  const apart = countReadings()
  let begun = 0
  await untilRead(async () => {
    begun++
    return merging.now({ base: '', mine: `${'a\n'.repeat(50_000)}${begun}`, theirs: 'b' }).kind
  })
  expect(begun).toBe(8)
  expect(apart.end()).toBe(7)
})

test('a thread that has read reads again, and none but one is kept', async () => {
  let started = 0
  const starts = (): void => {
    started++
  }
  await extraction.ahead({ text: LARGE })
  process.on('worker', starts)
  try {
    await extraction.ahead({ text: specification(1200) })
    await sections.ahead({ text: LARGE, section: 'nowhere' }).catch(() => undefined)
    await check.ahead({ text: LARGE, kind: 'prd', settings, surroundings })
    expect(started).toBe(0)
    await Promise.all([1300, 1400].map((count) => extraction.ahead({ text: specification(count) })))
    expect(started).toBe(1)
    await extraction.ahead({ text: specification(1500) })
    expect(started).toBe(1)
  } finally {
    process.off('worker', starts)
  }
})

test('a thread that was stopped is not used again', async () => {
  const controller = new AbortController()
  await withReadings(controller.signal, async () => {
    const pending = extraction.ahead({ text: specification(8000) })
    controller.abort(new Error('the client is gone'))
    await expect(pending).rejects.toThrow('the client is gone')
  })
  expect((await extraction.ahead({ text: LARGE })).requirements).toHaveLength(
    extraction.read({ text: LARGE }).requirements.length,
  )
})
