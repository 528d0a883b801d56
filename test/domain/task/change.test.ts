import { expect, test } from 'vitest'
import { changeTasks, type TaskChange } from '../../../src/domain/task/change.ts'
import { claimTask } from '../../../src/domain/task/claim.ts'
import { readTask } from '../../../src/domain/task/read.ts'
import { person } from '../plan/workspace.ts'
import { ada, bob, claim, planned, typesOf } from './workspace.ts'

async function started() {
  const service = await planned()
  const { lease } = await claim(service, ada)
  const change = async (fields: TaskChange, caller = bob, token?: string) => {
    const { task } = await readTask(service, caller, 1)
    const [changed] = await changeTasks(service, caller, [{ id: 1, revision: task.revision, token }], fields)
    return changed
  }
  return { service, token: lease.token, change }
}

test('work in progress is given up by who holds it, or by a person', async () => {
  const { service, token, change } = await started()
  await expect(change({ status: 'todo' })).rejects.toThrow(/only the holder gives it up/)
  await expect(change({ status: 'todo' }, bob, 'guess')).rejects.toThrow(/ada holds it now/)
  expect(await change({ status: 'todo' }, ada, token)).toMatchObject({ status: 'todo' })
  await claim(service, bob)
  expect(await change({ status: 'todo' }, person)).toMatchObject({ status: 'todo' })
})

test('it is released, blocked, failed, cancelled and reopened, and history stays', async () => {
  const { service, token, change } = await started()
  await change({ status: 'todo', note: 'giving up' }, ada, token)
  await change({ status: 'blocked', reason: 'waiting for keys' })
  await expect(claimTask(service, ada, { task: 1 })).rejects.toThrow(/blocked \(waiting for keys\)/)
  await change({ status: 'todo' })
  const again = await claim(service, ada, { task: 1 })
  await change({ status: 'failed', reason: 'no idea' }, ada, again.lease.token)
  await change({ status: 'todo' })
  await change({ status: 'cancelled', reason: 'not needed' })
  await change({ status: 'todo' })
  expect((await typesOf(service, 'TASK-1')).filter((type) => type !== 'task.created')).toEqual([
    'task.claimed',
    'task.released',
    'task.blocked',
    'task.reopened',
    'task.claimed',
    'task.failed',
    'task.reopened',
    'task.cancelled',
    'task.reopened',
  ])
})

test.each([
  ['done', /becomes done by proof/],
  ['in_progress', /becomes in_progress by a claim/],
  ['failed', /it cannot become failed/],
] as const)('no request makes a task to do %s', async (status, message) => {
  const { token, change } = await started()
  await change({ status: 'todo' }, ada, token)
  await expect(change({ status })).rejects.toThrow(message)
})

test('a change on an old revision is refused, and so is everything that was asked with it', async () => {
  const { service } = await started()
  const { task } = await readTask(service, bob, 2)
  const stale = [
    { id: 2, revision: task.revision },
    { id: 1, revision: 99 },
  ]
  await expect(changeTasks(service, bob, stale, { title: 'Both' })).rejects.toThrow(/is at revision \d+, you read 99/)
  expect((await readTask(service, bob, 2)).task).toMatchObject({ title: task.title, revision: task.revision })
})
