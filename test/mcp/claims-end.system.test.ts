import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, connect, temporaryFolder } from './connect.ts'
import { type Claimed, git, makeRepository, makeTask } from './workspace.ts'

test.each<[string, (at: { readonly folder: string; readonly api: string }) => void, Record<string, unknown>]>([
  ['its branch is not there', () => {}, { default_branch: 'release' }],
  [
    'a file lies where worktrees go',
    ({ folder }) => {
      mkdirSync(join(folder, 'speki.db.execution'), { recursive: true })
      writeFileSync(join(folder, 'speki.db.execution', 'attempts'), 'mine\n')
    },
    {},
  ],
  ['the working copy is gone', ({ folder, api }) => renameSync(api, join(folder, 'moved')), {}],
  ['its git folder is gone', ({ folder, api }) => renameSync(join(api, '.git'), join(folder, 'moved')), {}],
])('a claim is refused with its worktree and leaves the task free, and its key unused: %s', async (_, spoil, more) => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const api = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: api, ...more })
  const task = await makeTask(agent, 'api', 'First')
  spoil({ folder, api })
  const claim = { task, worktree: true, idempotency_key: 'claim-1' }
  const refused = await agent.call('task_claim', claim)
  const again = await agent.call('task_claim', claim)
  const seen = await agent.ok<{ status: string; holder?: string }>('task_get', { task })

  expect(refused.isError).toBe(true)
  expect(again.text).toBe(refused.text)
  expect(seen).toMatchObject({ status: 'todo' })
  expect(seen.holder).toBeUndefined()
  expect((await agent.ok<{ in_progress: unknown[] }>('speki_status')).in_progress).toEqual([])
})

test('the task of a client whose process is gone is free at the next claim; that of a command, or of one that lives, is not', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const [one, two] = [await connect({ db, name: 'one' }), await connect({ db, name: 'two' })]
  await one.ok('repository_register', { path: makeRepository(folder, 'api') })
  const [lost, kept, typed] = [
    await makeTask(one, 'api', 'A'),
    await makeTask(one, 'api', 'B'),
    await makeTask(one, 'api', 'C'),
  ]
  const gone = await connect({ db, name: 'gone' })
  await gone.ok('task_claim', { task: lost, worktree: true })
  await two.ok('task_claim', { task: kept })
  execFileSync(process.execPath, [CLI, 'task', 'claim', typed, '--db', db], { stdio: 'ignore' })
  process.kill(gone.pid, 'SIGKILL')
  await expect.poll(() => isThere(gone.pid)).toBe(false)

  const claim = await one.ok<Claimed>('task_claim')
  const { events } = await one.ok<{ events: { details?: string }[] }>('activity_list', { type: 'task.lease_expired' })
  expect(claim.task.id).toBe(lost)
  expect(events).toMatchObject([{ details: expect.stringContaining('"gone":true') }])
  for (const task of [kept, typed]) expect((await one.call('task_claim', { task })).text).toMatch(/is held by/)
  expect(git(claim.task.path, 'status', '--porcelain')).toBe('')
})

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
