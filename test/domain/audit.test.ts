import { expect, test } from 'vitest'
import { knownEvent } from '../../schemas/event.ts'
import { listActivity } from '../../src/domain/activity.ts'
import { openDatabase } from '../../src/store/open.ts'
import { updatePrd } from '../../src/store/prd/prd-rows.ts'
import { findPrd } from '../../src/store/prd/prds.ts'
import { updateTask } from '../../src/store/task/task-rows.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { expectTold } from './audit.ts'
import { person, prdOf, submit, task, workspace } from './plan/workspace.ts'

test('a change that nobody tells of is found', async () => {
  const service = await workspace({ api: {} })
  await submit(service, await prdOf(service, '# A\n\n- FR-1: The api SHALL add.\n', ['api']), [
    task('A', { requirements: ['FR-1'] }),
  ])
  const { database } = service
  await expectTold(database)
  class Undo extends Error {}
  const planted = async (work: Parameters<typeof database.write>[0]) =>
    await database
      .write(async (tx) => {
        await work(tx)
        await expectTold({ ...database, read: async (look) => await look(tx) }).then(
          () => Promise.reject(new Error('it was not found')),
          () => Promise.reject(new Undo()),
        )
      })
      .catch((error: unknown) => expect(error).toBeInstanceOf(Undo))
  await planted(async (tx) => await updateTask(tx, 1, { priority: 1 }, 1))
  await planted(async (tx) => {
    const prd = await findPrd(tx, 1)
    if (prd !== undefined) await updatePrd(tx, 1, { ...prd, version: prd.version + 1 })
  })
  await expectTold(database)
})

test('what older versions wrote is read as it is, and known where it still means the same', async () => {
  const database = await openDatabase({ file: `${await temporaryFolder()}/speki.db` })
  const actor = JSON.stringify({ kind: 'person', name: 'a' })
  const rows = [
    ['task.claimed', 'TASK-1', { fence: 1, title: 'Add' }, true],
    ['task.lease_expired', 'TASK-1', { holder: 'a', fence: 1, expiredAt: 5 }, true],
    ['task.blocked', 'TASK-1', { from: 'todo', to: 'blocked', reason: 'x', criteria: ['y'] }, true],
    ['run.started', 'RUN-1', {}, true],
    [
      'prd.edited',
      'PRD-1',
      {
        reason: 'r',
        base: 1,
        merged: false,
        requirements: { added: [], changed: [], removed: [], staleTasks: [], answered: [] },
      },
      true,
    ],
    ['task.imported', 'PRD-1', { from: 'Beads', count: 2, first: 'TASK-1', last: 'TASK-2' }, false],
    ['team.joined', 'workspace', { who: 'b' }, false],
  ] as const
  await database.write(async (tx) => {
    for (const [type, subject, payload] of rows) {
      const row = { at: 1, type, subject, prd_id: null, repository_id: null, actor, revision: null }
      await tx.sql
        .insertInto('event')
        .values({ ...row, payload: JSON.stringify(payload), previous_hash: '', hash: '' })
        .execute()
    }
  })
  const found = await listActivity({ database, now: () => 1 }, person, { limit: 50, newestFirst: false })
  expect(found.map(({ type, payload }) => [type, payload])).toEqual(rows.map(([type, , payload]) => [type, payload]))
  expect(found.map((logged) => knownEvent(logged) !== undefined)).toEqual(rows.map(([, , , known]) => known))
  await database.close()
})
