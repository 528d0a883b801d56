import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { queueJob, updateJob } from '../../src/store/jobs.ts'
import { openDatabase } from '../../src/store/open.ts'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'

test('what needs a person in the background is told by status and doctor until it is settled', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args, '--db', db, '--json'], {
      cwd: folder,
    })
    return JSON.parse(stdout)
  }
  const background = async () => {
    const { findings } = (await json('doctor')) as { findings: { subject: string; state: string; detail: string }[] }
    return findings.filter(({ subject }) => subject === 'background')
  }
  const agent = await connect({ db })
  expect(await agent.ok('speki_status')).not.toHaveProperty('background')
  expect(await background()).toEqual([
    { subject: 'background', state: 'ok', detail: expect.stringContaining('jobs not done: 0') },
  ])

  const database = await openDatabase({ file: db })
  await database.write(async (tx) => {
    const id = await queueJob(tx, { name: 'notify', dueAt: 0 }, 0)
    await updateJob(tx, id, { state: 'dead', attempts: 3, error: 'no answer' })
  })
  await database.close()
  const trouble = 'Job 1 (notify) failed 3 times: no answer. Repeat it: speki job retry 1'
  expect(await agent.ok('speki_status')).toMatchObject({ background: [trouble] })
  expect(await background()).toEqual([{ subject: 'background', state: 'warning', detail: trouble }])

  expect(await json('job', 'retry', '1')).toEqual({ job: 1, name: 'notify', state: 'queued' })
  expect(await agent.ok('speki_status')).not.toHaveProperty('background')
  expect(await json('job', 'list')).toMatchObject({ jobs: [{ job: 1, name: 'notify', state: 'queued' }], problems: [] })
  expect(await json('follower', 'list')).toEqual({ followers: [] })
  expect(await json('retention', '--jobs', '3')).toEqual({ jobs: 3, attempts: 30 })
  expect(await json('retention')).toEqual({ jobs: 3, attempts: 30 })
})
