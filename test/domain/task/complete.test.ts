import { describe, expect, test } from 'vitest'
import { readPrd } from '../../../src/domain/prd/read.ts'
import { LEASE_MS } from '../../../src/domain/service.ts'
import { changeTasks } from '../../../src/domain/task/change.ts'
import { type Completion, completeTask, overrideCompletion } from '../../../src/domain/task/complete.ts'
import { readTask } from '../../../src/domain/task/read.ts'
import { person } from '../plan/workspace.ts'
import { ada, bob, claim, planned, TREE, typesOf, validate } from './workspace.ts'

async function claimed() {
  const service = await planned()
  const work = await claim(service, ada)
  const answers = work.task.acceptanceCriteria.map((_, index) => ({ criterion: index + 1, met: true, how: 'test 1' }))
  const complete = async (change: Partial<Completion> = {}) =>
    await completeTask(service, ada, {
      taskId: 1,
      token: work.lease.token,
      summary: 'did it',
      answers,
      treeHash: TREE,
      ...change,
    })
  return { service, work, complete, answers }
}

describe('a task is not done', () => {
  test('without checks under this claim', async () => {
    const { complete } = await claimed()
    await expect(complete()).rejects.toThrow(/No checks ran under this claim/)
  })

  test.each([
    [
      'red',
      { checks: [{ status: 'failed' as const, firstError: 'not ok' }] },
      /test check \(npm test\) failed: not ok/,
    ],
    ['out of time', { checks: [{ status: 'timed_out' as const }] }, /timed out/],
    ['green, but not all of them', { complete: false }, /Only some of the checks ran/],
    ['none at all', { checks: [] }, /no check commands, so nothing can be proven/],
    ['green on other files', { treeHash: 'b'.repeat(40) }, /Files changed while or after the checks ran/],
  ])('where its checks were %s', async (_, outcome, message) => {
    const { service, work, complete } = await claimed()
    await validate(service, work, outcome)
    await expect(complete()).rejects.toThrow(message)
    expect((await readTask(service, ada, 1)).task).toMatchObject({ status: 'in_progress', holder: 'ada' })
  })

  test('where its files cannot be read now', async () => {
    const { service, work, complete } = await claimed()
    await validate(service, work)
    await expect(complete({ treeHash: undefined })).rejects.toThrow(/worktree \/somewhere cannot be read/)
  })

  test.each([
    ['unanswered', [], /Criterion 1 .* has no answer/],
    ['not met', [{ criterion: 1, met: false, how: 'x' }], /Criterion 1 .* is answered as not met/],
    ['another', [{ criterion: 7, met: true, how: 'x' }], /There is no criterion 7/],
  ])('with a criterion that is %s', async (_, answers, message) => {
    const { service, work, complete } = await claimed()
    await validate(service, work)
    await expect(complete({ answers })).rejects.toThrow(message)
  })

  test('by checks of an earlier claim', async () => {
    const { service, work } = await claimed()
    await validate(service, work)
    await changeTasks(service, ada, [{ id: 1, token: work.lease.token }], { status: 'todo' })
    const again = await claim(service, ada)
    const completion = { taskId: 1, token: again.lease.token, summary: 'x', answers: [], treeHash: TREE }
    await expect(completeTask(service, ada, completion)).rejects.toThrow(/No checks ran under this claim/)
  })

  test('for whoever has no lease, or had one', async () => {
    const { service, work, complete } = await claimed()
    await validate(service, work)
    await expect(complete({ token: 'guess' })).rejects.toThrow(/ada holds it now/)
    service.wait(LEASE_MS + 1)
    await expect(complete()).rejects.toThrow(/that lease is over/)
    await claim(service, bob)
    await expect(complete()).rejects.toThrow(/bob holds it now/)
  })
})

test('proven, it is done with its evidence, and what waited for it is ready; the last one completes the PRD', async () => {
  const { service, work, complete, answers } = await claimed()
  await validate(service, work)
  const done = await complete()
  expect(done).toMatchObject({
    evidence: { by: { name: 'ada' }, summary: 'did it', answers, validation: { treeHash: TREE, passed: true } },
    readied: { total: 1, tasks: ['TASK-2'] },
  })
  await expect(complete()).rejects.toThrow(/TASK-1 is done; nobody holds it/)

  const last = await claim(service, ada)
  await validate(service, last)
  await completeTask(service, ada, { taskId: 2, token: last.lease.token, summary: 'too', answers, treeHash: TREE })
  expect((await readPrd(service, ada, 1)).prd.state).toBe('completed')
})

test('red tests that are red on the base, too, are excused', async () => {
  const { service, work, complete } = await claimed()
  await validate(service, work, { checks: [{ status: 'failed', excused: 'red on the base' }] })
  expect(await complete()).toMatchObject({ readied: { total: 1 } })
})

test('a person closes a task without proof, with a reason that stays; an agent does not', async () => {
  const { service } = await claimed()
  await expect(overrideCompletion(service, ada, 1, 'trust me')).rejects.toMatchObject({ code: 'forbidden' })
  expect(await overrideCompletion(service, person, 1, 'seen by eye')).toMatchObject({
    evidence: { override: { by: 'tester', reason: 'seen by eye' } },
  })
  expect(await typesOf(service, 'TASK-1')).toContain('task.overridden')
  await expect(overrideCompletion(service, person, 1, 'again')).rejects.toThrow(/TASK-1 is already done/)
})
