import { expect, test } from 'vitest'
import type { LensFinding, LensName } from '../../../schemas/lens.ts'
import { acceptOne, checkPrd, submitLenses } from '../../../src/domain/check/check-prd.ts'
import { editPrd } from '../../../src/domain/prd/edit.ts'
import { agent, person, prdOf, workspace } from '../plan/workspace.ts'

const BODY = `# Orders

## Problem

Clerks lose 2 hours a day, because they see one order at a time.

## Goals

- A clerk closes 20 orders an hour.

## Requirements

### FR-001: List open orders

The page shall list open orders fast.

Acceptance criteria:
- Given 2 open orders, when the page opens, then it lists 2 rows.
- Given no order, when the page opens, then it says "nothing to do".
`
const ALL: LensName[] = ['completeness', 'clarity', 'testability', 'scope', 'flow']
const FINDING: LensFinding = {
  lens: 'clarity',
  severity: 'warning',
  line: 15,
  quote: 'open orders',
  message: 'Open since when is not said here.',
}

async function prepared() {
  const service = await workspace({ web: {} })
  await prdOf(service, BODY, ['web'])
  let revision = 1
  return {
    service,
    check: async () => await checkPrd(service, agent, 1),
    edit: async (old: string, next: string) => {
      revision = (await editPrd(service, agent, 1, revision, { replacements: [{ old, new: next }] }, 'x')).revision
    },
    submit: async (lenses: LensName[], findings: LensFinding[], read = revision) =>
      await submitLenses(service, agent, 1, { revision: read, lenses, findings }),
  }
}

test('a finding stands with a reason until its passage changes, wherever it moves', async () => {
  const { service, check, edit } = await prepared()
  const [finding] = (await check()).findings
  expect(finding).toMatchObject({ rule: 'wording.quality', severity: 'warning' })
  await acceptOne(service, agent, 1, { finding: finding?.id ?? '', reason: 'a word of the board' })
  expect((await check()).verdict).toBe('ready')
  await edit('# Orders', '# Open orders')
  await edit('## Goals', 'It is so since 2020.\n\n## Goals')
  expect((await check()).verdict).toBe('ready')
  await edit('orders fast', 'orders very fast')
  expect((await check()).verdict).toBe('needs_work')
})

test('an error is accepted by a person alone, and what is no finding by nobody', async () => {
  const { service, check, edit } = await prepared()
  await edit(' fast', ' within 2 s TODO')
  const error = (await check()).findings.find(({ severity }) => severity === 'error')?.id ?? ''
  await expect(acceptOne(service, agent, 1, { finding: error, reason: 'later' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(acceptOne(service, person, 1, { finding: 'none', reason: 'x' })).rejects.toThrow(/has no finding none/)
  await acceptOne(service, person, 1, { finding: error, reason: 'known' })
  expect((await check()).verdict).toBe('ready')
})

test('a review whose words do not stand where it says is refused whole', async () => {
  const { check, submit } = await prepared()
  const wrong = [
    FINDING,
    { ...FINDING, line: 5 },
    { ...FINDING, quote: 'closed orders' },
    { ...FINDING, lens: 'scope' as const },
  ]
  await expect(submit(['clarity'], wrong)).rejects.toThrow(
    /finding 2 .*it is in line 13.*finding 3 .*nor anywhere.*finding 4 .*not among the lenses/s,
  )
  expect((await check()).lenses).toEqual({ done: [], missing: ALL })
})

test('a review is kept, without what is said twice, for the text it was made of', async () => {
  const { check, edit, submit } = await prepared()
  await submit(ALL, [FINDING, { ...FINDING, lens: 'flow', severity: 'info', message: 'Open since when is not said.' }])
  const { lenses, findings } = await check()
  expect(lenses).toEqual({ done: ALL, missing: [] })
  expect(findings.map(({ rule }) => rule).sort()).toEqual(['lens.clarity', 'wording.quality'])
  await edit(' fast', ' within 2 s')
  expect(await check()).toMatchObject({ verdict: 'ready', lenses: { done: [], missing: ALL } })
  await expect(submit(ALL, [], 1)).rejects.toThrow(/at revision 2/)
})

test('a lens that is read again replaces what it said', async () => {
  const { check, submit } = await prepared()
  await submit(['clarity'], [FINDING])
  await submit(['clarity'], [])
  expect((await check()).findings.map(({ rule }) => rule)).toEqual(['wording.quality'])
})
