import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { git, planned } from '../mcp/workspace.ts'
import { startPostgres } from '../store/postgres-server.ts'
import { until, untilStill } from './progress.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

let postgres: Awaited<ReturnType<typeof startPostgres>>
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => await postgres.stop())

test('on PostgreSQL a run goes through too: retried, killed in the middle, taken over, tested together, delivered', {
  timeout: 900_000,
}, async () => {
  const folder = await temporaryFolder()
  const env = { SPEKI_DATABASE_URL: await postgres.createDatabase(), SPEKI_HOME: join(folder, 'home') }
  const agent = await connect({ env })
  const gate = join(folder, 'go')
  const { api, web, prd } = await planned(agent, folder)
  const command = scriptedAgent(folder, {
    Place: [
      { write: { 'index.js': 'export const ok = false\n' }, say: answer(1) },
      { append: { 'index.js': 'export const more = 1\n' }, say: answer(1) },
    ],
    // The worker is killed while this one waits.
    TASK: [{ append: { 'index.js': 'export const more = 1\n' }, waitFor: gate, say: answer(1) }],
  })
  const startWorker = (...args: string[]) => {
    const worker = spawn(process.execPath, [CLI, 'worker', ...args], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    })
    onTestFinished(() => void worker.kill('SIGKILL'))
    return worker
  }
  const first = startWorker()
  const { run, change_set } = await agent.ok<{ run: string; change_set: string }>('run_start', {
    prd,
    agent: 'command',
    command,
    attempts: 2,
    deliver: 'merge',
  })
  await until(agent, run, ({ tasks }) => tasks.some(({ id, working }) => id === 'TASK-2' && working !== undefined))
  first.kill('SIGKILL')
  await once(first, 'exit')
  writeFileSync(gate, '')
  startWorker('--until-idle')
  const { run: last, tasks } = await untilStill(agent, run)
  expect([last.state, last.reason]).toEqual(['succeeded', undefined])
  expect(tasks.map(({ status, attempts }) => [status, attempts])).toEqual([
    ['done', 2],
    ['done', 2],
  ])
  expect(await agent.ok('changeset_get', { id: change_set })).toMatchObject({ state: 'delivered' })
  for (const repository of [api, web]) {
    expect(git(repository, 'show', 'main:index.js')).toContain('more')
    expect(git(repository, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  }
  const attempts = join(env.SPEKI_HOME, 'execution', 'attempts')
  expect(existsSync(attempts) ? readdirSync(attempts) : []).toEqual([])
})
