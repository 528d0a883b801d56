import { expect, test } from 'vitest'
import { readLanes } from '../../src/commands/board/lanes.ts'
import { changeTasks } from '../../src/domain/task/change.ts'
import { claimTask } from '../../src/domain/task/claim.ts'
import { createTask } from '../../src/domain/task/create.ts'
import { agent, person, workspace } from '../domain/plan/workspace.ts'

test('each task that is not cancelled stands in one lane of the board, and a lane counts what it holds', async () => {
  const service = await workspace({ api: {} })
  const made = async (title: string, dependsOn: readonly number[] = []) =>
    await createTask(service, agent, {
      ...{ title, description: '', repository: 'api', requirements: [], dependsOn },
      ...{ acceptanceCriteria: [], testCases: [], complexity: 'low', priority: 50, context: {} },
    })
  await made('held')
  await claimTask(service, agent, { task: 1 })
  await made('ready')
  await made('waits', [2])
  await made('blocked')
  await changeTasks(service, person, [{ id: 4, revision: 1 }], { status: 'blocked', reason: 'keys' })
  await made('failed')
  const claim = await claimTask(service, agent, { task: 5 })
  await changeTasks(service, agent, [{ id: 5, token: claim?.lease.token }], { status: 'failed', reason: 'no' })
  await made('cancelled')
  await changeTasks(service, person, [{ id: 6, revision: 1 }], { status: 'cancelled', reason: 'no' })

  const lanes = await readLanes(service, person, {})
  expect(lanes.map(({ name, total, tasks }) => [name, total, tasks.map(({ id }) => id)])).toEqual([
    ['Ready', 1, ['TASK-2']],
    ['Waiting', 1, ['TASK-3']],
    ['In progress', 1, ['TASK-1']],
    ['In review', 0, []],
    ['Stuck', 2, ['TASK-5', 'TASK-4']],
    ['Done', 0, []],
  ])
})
