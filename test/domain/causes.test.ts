import { describe, expect, test } from 'vitest'
import type { Principal } from '../../schemas/actor.ts'
import { keyNumber } from '../../schemas/key.ts'
import { listActivity } from '../../src/domain/activity.ts'
import { editPrd } from '../../src/domain/prd/edit.ts'
import type { Service } from '../../src/domain/service.ts'
import { changeTasks } from '../../src/domain/task/change.ts'
import { readTask } from '../../src/domain/task/read.ts'
import { agent, person, prdOf, submit, task, workspace } from './plan/workspace.ts'

const NOTES = '\n## Notes\n\nfoo\n'
const ASKED = `# Export\n\n## Requirements\n\n- FR-1: The api SHALL keep invoices for [NEEDS CLARIFICATION: how many days?] days.\n${NOTES}`

const edit = async (service: Service, base: number, old: string, replacement: string) =>
  await editPrd(service, agent, 1, base, { replacements: [{ old, new: replacement }] }, 'edit')
const read = async (service: Service, id = 1) => (await readTask(service, person, id)).task
const typesOf = async (service: Service, subject: string) =>
  (await listActivity(service, person, { subject, limit: 50, newestFirst: false })).map(({ type }) => type)

describe('a task that waits for an answer', () => {
  test('says which question, is freed by the answer, and its feed says so', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, ASKED, ['api'])
    await submit(service, prd, [task('A', { requirements: ['FR-1'] })])
    const { status, blockReason } = await read(service)
    expect(status).toBe('blocked')
    expect(blockReason).toMatch(/^open question, line 5: .*how many days\?/)
    const { requirements } = await edit(service, 1, '[NEEDS CLARIFICATION: how many days?]', '30')
    expect(requirements.answered).toEqual([1])
    const free = await read(service)
    expect([free.status, free.blockReason]).toEqual(['todo', undefined])
    expect(await typesOf(service, 'TASK-1')).toEqual(['task.created', 'task.stale', 'task.reopened'])
  })

  test('goes on waiting through an edit that answers nothing', async () => {
    const service = await workspace({ api: {} })
    await submit(service, await prdOf(service, ASKED, ['api']), [task('A', { requirements: ['FR-1'] })])
    await edit(service, 1, 'foo', 'bar')
    expect((await read(service)).status).toBe('blocked')
    expect(await typesOf(service, 'TASK-1')).toEqual(['task.created'])
  })

  test('waits for the next question when one of two is answered', async () => {
    const service = await workspace({ api: {} })
    const two = ASKED.replace(NOTES, `- FR-2: The api SHALL mail [NEEDS CLARIFICATION: whom?].\n${NOTES}`)
    await submit(service, await prdOf(service, two, ['api']), [task('A', { requirements: ['FR-1', 'FR-2'] })])
    await edit(service, 1, '[NEEDS CLARIFICATION: how many days?]', '30')
    const { status, blockReason } = await read(service)
    expect(status).toBe('blocked')
    expect(blockReason).toMatch(/whom\?/)
  })

  test('goes on when a plan takes from it what is asked', async () => {
    const service = await workspace({ api: {} })
    const two = ASKED.replace(NOTES, `- FR-2: The api SHALL mail its owner.\n${NOTES}`)
    const prd = await prdOf(service, two, ['api'])
    await submit(service, prd, [task('A', { requirements: ['FR-1', 'FR-2'] })])
    await submit(service, prd, [
      task('TASK-1', { requirements: ['FR-2'] }),
      task('B', { title: 'Keep them', requirements: ['FR-1'] }),
    ])
    expect((await read(service)).status).toBe('todo')
    expect((await read(service, 2)).status).toBe('blocked')
  })
})

describe('what somebody blocked stays blocked, whatever the words', () => {
  const reasons = [
    'open question to the legal team: may we export tax ids?',
    'open question',
    'open question, line 5: how many days?',
    'replaced by PLAN-7',
    'LOOP after 3 attempts: it went round',
  ]
  const callers: readonly (readonly [string, Principal])[] = [
    ['a person', person],
    ['an agent', agent],
  ]
  test.each(callers.flatMap(([who, caller]) => reasons.map((reason) => [who, reason, caller] as const)))(
    '%s: %s',
    async (_, reason, caller) => {
      const service = await workspace({ api: {} })
      const body = ASKED.replace('[NEEDS CLARIFICATION: how many days?]', '30')
      await submit(service, await prdOf(service, body, ['api']), [task('A', { requirements: ['FR-1'] })])
      const { id, revision } = await read(service)
      await changeTasks(service, caller, [{ id: keyNumber(id), revision }], { status: 'blocked', reason })
      await edit(service, 1, 'foo', 'bar')
      const kept = await read(service)
      expect([kept.status, kept.blockReason]).toEqual(['blocked', reason])
    },
  )
})
