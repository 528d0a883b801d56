import { expect, test } from 'vitest'
import { keyNumber } from '../../../schemas/key.ts'
import { LEASE_MS, renewSession } from '../../../src/domain/service.ts'
import { changeTasks } from '../../../src/domain/task/change.ts'
import { claimTask } from '../../../src/domain/task/claim.ts'
import { keepLease } from '../../../src/domain/task/complete.ts'
import { readTask } from '../../../src/domain/task/read.ts'
import { ada, bob, claim, planned, typesOf } from './workspace.ts'

test('what waits for nothing is given first, and nothing twice', async () => {
  const service = await planned()
  const first = await claim(service, ada)
  expect(first.task).toMatchObject({ id: 'TASK-1', status: 'in_progress', holder: 'ada' })
  expect(await claimTask(service, bob, {})).toBeUndefined()
  expect(await claimTask(service, ada, {})).toBeUndefined()
})

test.each([
  ['held by another', 1, /TASK-1 is held by ada/],
  ['that waits', 2, /TASK-2 waits for TASK-1 \(in_progress\)/],
  ['that is not there', 99, /There is no TASK-99/],
])('a task %s is refused by name', async (_, task, message) => {
  const service = await planned()
  await claim(service, ada)
  await expect(claimTask(service, bob, { task })).rejects.toThrow(message)
})

test('a filter is kept: no other repository, no other PRD', async () => {
  const service = await planned()
  expect(await claimTask(service, ada, { repository: 'web' })).toBeUndefined()
  expect(await claimTask(service, ada, { prd: keyNumber(service.prd) + 1 })).toBeUndefined()
  expect((await claim(service, ada, { repository: 'api', prd: keyNumber(service.prd) })).task.id).toBe('TASK-1')
})

test('a lease that ran out frees its task, and its holder comes too late', async () => {
  const service = await planned()
  const late = await claim(service, ada)
  service.wait(LEASE_MS + 1)
  const next = await claim(service, bob)

  expect(next.task).toMatchObject({ id: 'TASK-1', holder: 'bob', fence: late.task.fence + 1 })
  await expect(keepLease(service, ada, 1, late.lease.token)).rejects.toThrow(
    /That lease of TASK-1 is over: bob holds it/,
  )
  await expect(
    changeTasks(service, ada, [{ id: 1, token: late.lease.token }], { status: 'blocked', reason: 'x' }),
  ).rejects.toThrow(/bob holds it now/)
  expect(await typesOf(service, 'TASK-1')).toEqual(
    expect.arrayContaining(['task.claimed', 'task.lease_expired', 'task.claimed']),
  )
})

test.each([
  [
    'a call with its token',
    async (service: Awaited<ReturnType<typeof planned>>, token: string) => await keepLease(service, bob, 1, token),
  ],
  [
    'any call of its session',
    async (service: Awaited<ReturnType<typeof planned>>) => await renewSession(service, ada.session),
  ],
])('%s keeps a lease', async (_, renew) => {
  const service = await planned()
  const { lease } = await claim(service, ada)
  service.wait(LEASE_MS - 1)
  await renew(service, lease.token)
  service.wait(LEASE_MS - 1)
  expect(await claimTask(service, bob, {})).toBeUndefined()
  expect((await readTask(service, bob, 1)).task).toMatchObject({ holder: 'ada' })
})
