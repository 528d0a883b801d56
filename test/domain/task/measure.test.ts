import { expect, test } from 'vitest'
import type { TaskChange } from '../../../src/domain/task/change.ts'
import { changeTasks } from '../../../src/domain/task/change.ts'
import { completeTask } from '../../../src/domain/task/complete.ts'
import { readTask } from '../../../src/domain/task/read.ts'
import { person } from '../plan/workspace.ts'
import { ada, bob, claim, planned, TREE, validate } from './workspace.ts'

const MEASURES: readonly [string, TaskChange][] = [
  ['its criteria taken away', { acceptanceCriteria: [] }],
  ['easier criteria', { acceptanceCriteria: ['It is there'] }],
  ['one criterion more', { acceptanceCriteria: ['It is there', 'It is fast'] }],
  ['other test cases', { testCases: ['none'] }],
  ['no requirement', { requirements: [] }],
  ['other named files', { context: { files: ['check.js'] } }],
]

test.each(MEASURES)('whoever holds a task does not give it %s', async (_, change) => {
  const service = await planned()
  const { lease } = await claim(service, ada)
  const before = await readTask(service, ada, 1)
  const target = { id: 1, token: lease.token }
  await expect(changeTasks(service, ada, [target], change)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(changeTasks(service, ada, [target], { ...change, note: 'x', priority: 3 })).rejects.toThrow(
    /measured by/,
  )
  expect((await readTask(service, ada, 1)).task).toEqual(before.task)
})

test.each(MEASURES)('nor does another agent, nor the same after it gave the task back: %s', async (_, change) => {
  const service = await planned()
  const { lease, task } = await claim(service, ada)
  await expect(changeTasks(service, bob, [{ id: 1, revision: task.revision }], change)).rejects.toThrow(/measured by/)
  await changeTasks(service, ada, [{ id: 1, token: lease.token }], { status: 'todo' })
  const { revision } = (await readTask(service, ada, 1)).task
  await expect(changeTasks(service, ada, [{ id: 1, revision }], change)).rejects.toThrow(/measured by/)
})

test('a holder still says how it is done, and what repeats the measure is no change', async () => {
  const service = await planned()
  const { lease, task } = await claim(service, ada)
  const target = { id: 1, token: lease.token }
  const { acceptanceCriteria, testCases } = task
  await changeTasks(service, ada, [target], {
    acceptanceCriteria,
    testCases,
    description: 'In two steps',
    complexity: 'high',
  })
  await changeTasks(service, ada, [target], { context: { notes: 'See the other repository' } })
  expect((await readTask(service, ada, 1)).task).toMatchObject({ acceptanceCriteria, description: 'In two steps' })
})

test('before anybody claimed it, agents who plan may word it anew, but take no criteria away', async () => {
  const service = await planned()
  const { revision } = (await readTask(service, ada, 1)).task
  await expect(changeTasks(service, ada, [{ id: 1, revision }], { acceptanceCriteria: [] })).rejects.toThrow(
    /measured by/,
  )
  await changeTasks(service, ada, [{ id: 1, revision }], { acceptanceCriteria: ['The answer is 201'] })
  expect((await readTask(service, ada, 1)).task.acceptanceCriteria).toEqual(['The answer is 201'])
})

test('a task that lost its criteria is not done, until a person gives it some', async () => {
  const service = await planned()
  const work = await claim(service, ada)
  const change = async (criteria: readonly string[]) => {
    const { revision } = (await readTask(service, person, 1)).task
    await changeTasks(service, person, [{ id: 1, revision }], { acceptanceCriteria: criteria })
  }
  await change([])
  await validate(service, work)
  const completion = { taskId: 1, token: work.lease.token, summary: 'done', treeHash: TREE }
  await expect(completeTask(service, ada, { ...completion, answers: [] })).rejects.toThrow(
    /lost its acceptance criteria/,
  )
  await change(['The answer is 201'])
  await completeTask(service, ada, { ...completion, answers: [{ criterion: 1, met: true, how: 'check.js' }] })
  expect((await readTask(service, person, 1)).task.status).toBe('done')
})
