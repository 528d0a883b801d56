import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { acceptOne, checkPrd, submitLenses } from '../../src/domain/check/check-prd.ts'
import { changeCheckSettings } from '../../src/domain/check/settings.ts'
import { techSpecPacket } from '../../src/domain/plan/tech-spec-packet.ts'
import { editPrd } from '../../src/domain/prd/edit.ts'
import { createPrd, updatePrdRecord } from '../../src/domain/prd/prd.ts'
import { readPrdBody } from '../../src/domain/prd/read.ts'
import { applySplit, previewSplit } from '../../src/domain/prd/split.ts'
import type { Service } from '../../src/domain/service.ts'
import { readStatus } from '../../src/domain/status.ts'
import { importFrom } from '../../src/exchange/import.ts'
import { readingApart } from '../../src/reading/read-apart.ts'
import { draft, person, prdOf, submit, task, workspace } from '../domain/plan/workspace.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { countReadings } from './count-readings.ts'

// Threads start from source, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 240_000 })

/** Few requirements and much prose, so that what is stored takes no time. */
function document(about: string, paragraphs = 400): string {
  const why = Array.from(
    { length: paragraphs },
    (_, at) => `${about} ${at}: ${'clerks lose hours over it. '.repeat(15)}`,
  )
  const requirements = Array.from({ length: 20 }, (_, at) => {
    return `### FR-${at + 1}: ${about} ${at + 1}\n\nThe api shall list ${about} ${at + 1} within ${at + 1} s.\n`
  })
  return `# ${about}\n\n## Problem\n\n${why.join('\n\n')}\n\n## Requirements\n\n${requirements.join('\n')}`
}

const ORDERS = document('orders')

/** How many texts some work gives to threads; while the first is read, another call is asked and answered. */
async function readingsApart(service: Service, work: () => Promise<unknown>): Promise<number> {
  const apart = countReadings()
  const order: string[] = []
  let other: Promise<unknown> | undefined
  const ask = (): void => {
    other ??= readStatus(service, person, {}).then(() => order.push('other'))
  }
  readingApart.subscribe(ask)
  await work()
  readingApart.unsubscribe(ask)
  order.push('work')
  await other
  expect(order).toEqual(['other', 'work'])
  return apart.end()
}

test('writing and reading a large text leaves the thread that answers calls', async () => {
  const service = await workspace({ api: {} })
  const body = ORDERS
  const create = async () =>
    await createPrd(service, person, { title: 'Orders', kind: 'prd', body, repositories: ['api'] })
  expect(await readingsApart(service, create)).toBe(1)

  const first = { section: 'Problem', text: document('returns').slice(10) }
  expect(await readingsApart(service, () => editPrd(service, person, 1, 1, { body: `${body}\nMore.\n` }, ''))).toBe(2)
  // On the revision before: both edits are merged.
  const second = { replacements: [{ old: '# orders\n', new: '# Orders\n' }] }
  expect(await readingsApart(service, () => editPrd(service, person, 1, 1, second, ''))).toBe(2)
  await expect(readingsApart(service, () => editPrd(service, person, 1, 1, first, ''))).resolves.toBe(2)

  expect(await readingsApart(service, () => readPrdBody(service, person, 1))).toBe(1)
  expect(await readingsApart(service, () => readPrdBody(service, person, 1, { section: 'requirements' }))).toBe(1)
})

test('so does its check, with all that depends on one', async () => {
  const service = await workspace({ api: {} })
  await prdOf(service, ORDERS, ['api'])
  expect(await readingsApart(service, () => checkPrd(service, person, 1))).toBe(1)
  const { findings } = await checkPrd(service, person, 1)
  const accepted = { finding: findings[0]?.id ?? '', reason: 'so be it' }
  expect(await readingsApart(service, () => acceptOne(service, person, 1, accepted))).toBe(1)
  const review = { revision: 1, lenses: ['completeness'], findings: [] } as const
  expect(await readingsApart(service, () => submitLenses(service, person, 1, review))).toBe(1)
  await changeCheckSettings(service, person, { gate: 'approve', on: true })
  const approve = async () => await updatePrdRecord(service, person, 1, undefined, { state: 'in_review' })
  await approve()
  const gate = async () =>
    await expect(updatePrdRecord(service, person, 1, undefined, { state: 'approved' })).rejects.toMatchObject({
      code: 'precondition_failed',
    })
  expect(await readingsApart(service, gate)).toBe(1)
})

test('so does its split', async () => {
  const service = await workspace({ api: {} })
  await prdOf(service, ORDERS, ['api'])
  let token = ''
  const preview = async () => {
    token = (await previewSplit(service, person, 1, true))?.confirm ?? ''
  }
  expect(await readingsApart(service, preview)).toBe(1)
  // The proposal, the cut, and the requirements of the parent, which keeps the prose.
  expect(await readingsApart(service, () => applySplit(service, person, 1, token))).toBe(3)
})

test('so does its plan', async () => {
  const service = await workspace({ api: {}, web: {} })
  const prd = await prdOf(service, ORDERS, ['api', 'web'])
  expect(await readingsApart(service, () => draft(service, prd))).toBe(1)
  const drafted = await draft(service, prd)
  expect(await readingsApart(service, () => techSpecPacket(service, person, drafted, ['FR-2']))).toBe(1)
  const tasks = drafted.requirements.map(({ label = '' }, at) =>
    task(`T${at}`, { title: `Build part ${at} of ${label}`, requirements: [label], description: 'x'.repeat(6000) }),
  )
  // The plan, and the questions of the text.
  expect(await readingsApart(service, () => submit(service, prd, tasks))).toBe(2)
})

test('so does an import', async () => {
  const service = await workspace({ api: {} })
  const project = await temporaryFolder()
  const write = async (name: string, text: string) => await writeFile(join(project, 'specs', name), text)
  await mkdir(join(project, 'specs'))
  for (const name of ['orders', 'returns', 'refunds']) await write(`${name}.md`, document(name))
  const order = { path: project, project, repository: 'api' }
  const signal = AbortSignal.timeout(600_000)
  let confirm: string | undefined
  const preview = async () => {
    confirm = (await importFrom(service, person, order, signal)).confirm
  }
  expect(await readingsApart(service, preview)).toBe(1)
  expect(await readingsApart(service, () => importFrom(service, person, { ...order, confirm }, signal))).toBe(4)

  // Changed on both sides, it is merged.
  await editPrd(service, person, 1, 1, { replacements: [{ old: 'FR-3:', new: 'FR-3: All' }] }, '')
  const files = ['orders', 'returns', 'refunds']
  for (const name of files) await write(`${name}.md`, `${document(name)}\nMore of it.\n`)
  expect(await readingsApart(service, preview)).toBeGreaterThanOrEqual(2)
})
