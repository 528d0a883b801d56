import { existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { changeRetention, readRetention } from '../../src/domain/retention.ts'
import type { ExecutionContext } from '../../src/execution/context.ts'
import { retentionJob } from '../../src/execution/retention.ts'
import { hostJobs } from '../../src/jobs/queue.ts'
import { queueJob } from '../../src/store/jobs.ts'
import { openDatabase } from '../../src/store/open.ts'
import { ADA, clock, hostUntilIdle, serviceOf } from '../jobs/hosting.ts'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

const DAY_MS = 24 * 3_600_000
/** What this job never calls. */
const notHere = async () => {
  throw new Error('not part of this test')
}

test('what is old goes: answers, jobs that are done, files of settled attempts; what is young, foreign, failed or an event stays', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const root = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: root })
  const tasks = [await makeTask(agent, 'api', 'Settled'), await makeTask(agent, 'api', 'Young')]
  tasks.push(await makeTask(agent, 'api', 'Failed'))
  const good = (name: string) => ({ write: { [`${name}.js`]: 'export const more = 1\n' }, say: answer(1) })
  const command = scriptedAgent(folder, {
    Settled: [good('settled')],
    Young: [good('young')],
    Failed: [{ say: answer(1) }],
  })
  const { run } = await agent.ok<{ run: string }>('run_start', {
    tasks,
    agent: 'command',
    command,
    attempts: 1,
    idempotency_key: 'the-run-0001',
  })
  const ended = (await untilStill(agent, run)).tasks.map(({ id, status }) => `${id} ${status}`)
  expect(ended.toSorted()).toEqual(['TASK-1 done', 'TASK-2 done', 'TASK-3 failed'])
  await agent.close()

  const execution = `${db}.execution`
  const evidence = (name: string) => join(execution, 'evidence', name)
  const later = Date.now() + 40 * DAY_MS
  utimesSync(evidence('TASK-2-1'), later / 1000, later / 1000)
  // What others put there: a folder of another name, one of an attempt nobody knows, a file, a link.
  for (const name of ['notes', 'TASK-99-1']) {
    mkdirSync(evidence(name))
    writeFileSync(join(evidence(name), 'mine.txt'), 'mine')
  }
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'mine.txt'), 'mine')
  symlinkSync(elsewhere, evidence('TASK-1-2'))
  // A worktree that stayed behind of the settled attempt, and one of a person.
  const left = join(execution, 'attempts', 'TASK-1-1', 'api')
  git(root, 'worktree', 'add', '--quiet', '-b', 'speki/task-1-1', left, 'main')
  const own = join(folder, 'own')
  git(root, 'worktree', 'add', '--quiet', '-b', 'own', own, 'main')

  const database = await openDatabase({ file: db })
  onTestFinished(async () => await database.close())
  const time = clock(Date.now())
  const service = serviceOf(database, time.now)
  const context: ExecutionContext = {
    service,
    folder: execution,
    createAgent: () => {
      throw new Error('not part of this test')
    },
    variables: () => ({}),
    codeHostOf: notHere,
    ownPlaces: { hidden: [], readable: [] },
    server: { name: 'speki', command: 'none', args: [], env: {} },
  }
  const work = [
    hostJobs([{ name: 'short', concurrency: 1, attempts: 1, run: async () => {} }, retentionJob(context)], () => 0),
  ]
  const count = async (table: 'event' | 'idempotency' | 'job') =>
    (await database.read(({ sql }) => sql.selectFrom(table).selectAll().execute())).length
  await database.write(async (tx) => void (await queueJob(tx, { name: 'short', dueAt: 0 }, time.now())))
  await hostUntilIdle(service, work)
  const before = { events: await count('event'), answers: await count('idempotency'), jobs: await count('job') }
  expect(before).toMatchObject({ answers: 1, jobs: 2 })

  // A day later it runs, and nothing is old enough.
  time.forward(DAY_MS)
  await hostUntilIdle(service, work)
  expect([existsSync(evidence('TASK-1-1')), existsSync(left)]).toEqual([true, true])

  time.forward(39 * DAY_MS)
  await hostUntilIdle(service, work)
  expect([existsSync(evidence('TASK-1-1')), existsSync(left)]).toEqual([false, false])
  expect(git(root, 'branch', '--list', 'speki/task-1-1')).toBe('')
  expect(await count('idempotency')).toBe(0)
  // Its own last occurrence, and the next.
  const jobs = await database.read(({ sql }) => sql.selectFrom('job').select(['name', 'state']).orderBy('id').execute())
  expect(jobs).toEqual([
    { name: 'retention', state: 'done' },
    { name: 'retention', state: 'queued' },
  ])
  for (const name of ['TASK-2-1', 'TASK-3-1', 'notes/mine.txt', 'TASK-99-1/mine.txt', 'TASK-1-2/mine.txt'])
    expect(existsSync(evidence(name)), name).toBe(true)
  expect(existsSync(join(own, 'index.js'))).toBe(true)
  expect(await count('event')).toBeGreaterThanOrEqual(before.events)
  expect(git(root, 'rev-parse', 'speki/cs-1')).not.toBe('')

  // Less time is kept: the one that was young goes, once nobody used its folder for so long.
  await changeRetention(service, ADA, { attempts: 1 })
  expect(await readRetention(service, ADA)).toEqual({ jobs: 14, attempts: 1 })
  time.forward(3 * DAY_MS)
  await hostUntilIdle(service, work)
  expect([existsSync(evidence('TASK-2-1')), existsSync(evidence('TASK-3-1'))]).toEqual([false, true])
  await expect(changeRetention(service, ADA, { jobs: 0 })).rejects.toThrow()
})
