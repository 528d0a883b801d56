import { expect, test } from 'vitest'
import type { Edit } from '../../../src/documents/edit-text.ts'
import { editPrd } from '../../../src/domain/prd/edit.ts'
import { updatePrdRecord } from '../../../src/domain/prd/prd.ts'
import { readPrdBody, readPrdHistory, readRequirements } from '../../../src/domain/prd/read.ts'
import { person } from '../plan/workspace.ts'
import { ada, bob, planned } from '../task/workspace.ts'

async function edited() {
  const service = await planned()
  const edit = async (base: number, change: Edit, caller = ada) =>
    await editPrd(service, caller, 1, base, change, 'because')
  const swap = (old: string, next: string): Edit => ({ replacements: [{ old, new: next }] })
  return { service, edit, swap, text: async () => (await readPrdBody(service, ada, 1)).body }
}

test('edits of one revision that touch different lines are merged, and each task of a changed requirement is stale', async () => {
  const { edit, swap, text } = await edited()
  expect(await edit(1, swap('answer 201.\n\nAcceptance', 'answer 201 at once.\n\nAcceptance'))).toMatchObject({
    revision: 2,
    merged: false,
    requirements: { staleTasks: [1] },
  })
  expect(await edit(1, swap('2 seconds.\n\nAcceptance', '1 second.\n\nAcceptance'), bob)).toMatchObject({
    revision: 3,
    merged: true,
    requirements: { staleTasks: [2] },
  })
  expect(await text()).toContain('answer 201 at once.')
  expect(await text()).toContain('within 1 second.')
})

test('edits of one passage are a conflict with base, mine and theirs, and nothing is written', async () => {
  const { edit, swap, text } = await edited()
  await edit(1, swap('answer 201.\n\nAcceptance', 'answer 202.\n\nAcceptance'))
  await expect(edit(1, swap('answer 201.\n\nAcceptance', 'answer 204.\n\nAcceptance'), bob)).rejects.toMatchObject({
    code: 'conflict',
    details: {
      current_revision: 2,
      conflicts: [
        {
          base: expect.stringContaining('201'),
          mine: expect.stringContaining('204'),
          theirs: expect.stringContaining('202'),
        },
      ],
    },
  })
  expect(await text()).toContain('answer 202.')
})

test('the same text again is no revision, and a revision that is not there no base', async () => {
  const { service, edit } = await edited()
  expect(await edit(1, { body: service.body })).toMatchObject({ revision: 1, changed: false, merged: false })
  await expect(edit(9, { body: 'x' })).rejects.toThrow(/PRD-1 has no revision 9; it is at 1/)
  expect(await readPrdHistory(service, ada, 1, 10)).toHaveLength(1)
})

test('requirements keep their keys through an edit; a new one gets a new key', async () => {
  const { service, edit, swap } = await edited()
  const before = await readRequirements(service, ada, 1)
  await edit(
    1,
    swap(
      '### FR-002',
      '### FR-003: Cancel an order [repo: api]\n\nThe system shall answer 204 to a cancellation.\n\n### FR-002',
    ),
  )
  const after = await readRequirements(service, ada, 1)
  expect(after).toHaveLength(3)
  for (const { id, label } of before) expect(after).toContainEqual(expect.objectContaining({ id, label }))
})

test('only a person approves, and a change on an old version is refused', async () => {
  const { service } = await edited()
  const change = async (caller = ada, version?: number) =>
    await updatePrdRecord(service, caller, 1, version, { state: 'approved' })
  await updatePrdRecord(service, ada, 1, undefined, { state: 'draft' })
  await expect(change()).rejects.toMatchObject({ code: 'forbidden' })
  await expect(change(person, 99)).rejects.toThrow(/is at version \d+, you read 99/)
  expect(await change(person)).toMatchObject({ state: 'approved' })
})
