import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { findMarked } from '../../src/process/marked.ts'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { type Progress, until, untilStill } from './progress.ts'
import { answer, type Behaviour, scriptedAgent } from './scripted-agent.ts'

/** One repository, two independent tasks, and a run over them that takes one at a time. */
async function begin(script: Readonly<Record<string, readonly Behaviour[]>>) {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const root = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: root })
  const tasks = [await makeTask(agent, 'api', 'First'), await makeTask(agent, 'api', 'Second')]
  const command = scriptedAgent(folder, script)
  const start = async () =>
    (await agent.ok<{ run: string }>('run_start', { tasks, agent: 'command', command, attempts: 1, parallel: 1 })).run
  return { folder, db, agent, root, start }
}

const ALSO: Behaviour = { append: { 'index.js': 'export const also = 1\n' }, say: answer(1) }
const GOOD: Behaviour = { append: { 'index.js': 'export const more = 1\n' }, say: answer(1) }

test('pause lets what works finish and begins nothing; resume goes on', async () => {
  const folder = await temporaryFolder()
  const gate = join(folder, 'go')
  const { agent, start } = await begin({ First: [{ ...GOOD, waitFor: gate }], Second: [ALSO] })
  const id = await start()
  await until(agent, id, ({ tasks }) => tasks.some(({ working }) => working !== undefined))
  expect(await agent.ok('run_control', { id, action: 'pause' })).toMatchObject({ wanted: 'pause' })
  writeFileSync(gate, '')
  const paused = await until(agent, id, ({ run }) => run.state === 'paused')
  expect(paused.tasks.map(({ status }) => status).sort()).toEqual(['done', 'todo'])
  await agent.ok('run_control', { id, action: 'resume' })
  expect((await untilStill(agent, id)).run.state).toBe('succeeded')
})

test('cancel ends the session, with everything it started, and takes its work back', async () => {
  const { agent, start, root, folder, db } = await begin({
    TASK: [{ write: { 'half.js': 'x\n' }, orphan: 'noise.txt', waitFor: '/nowhere/ever' }],
  })
  const id = await start()
  await until(agent, id, ({ tasks }) => tasks.some(({ working }) => working !== undefined))
  const noise = join(`${db}.execution`, 'attempts')
  await expect.poll(() => existsSync(join(noise, 'TASK-1-1', 'api', 'noise.txt'))).toBe(true)
  await agent.ok('run_control', { id, action: 'cancel' })
  const { run, tasks } = await until(agent, id, ({ run: { state } }) => state === 'cancelled')
  expect(run.reason).toBe('cancelled by request')
  expect(tasks.map(({ status }) => status)).toEqual(['todo', 'todo'])
  const sql = new DatabaseSync(db, { readOnly: true })
  for (const { mark } of sql.prepare('SELECT mark FROM attempt').all())
    expect(await findMarked(String(mark))).toEqual([])
  sql.close()
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(git(root, 'show', 'refs/speki/discarded/task-1-1:half.js')).toBe('x\n')
  expect(existsSync(join(folder, 'api', 'half.js'))).toBe(false)
  expect((await agent.call('run_control', { id, action: 'pause' })).text).toMatch(
    /RUN-1 is cancelled; there is nothing to pause/,
  )
})

test("what is nobody's fault uses up no attempt and holds the run, which goes on when it is mended", async () => {
  const { agent, start, folder } = await begin({ First: [{ exitCode: 3 }], Second: [ALSO] })
  const id = await start()
  const held = await until(agent, id, ({ run }) => run.state === 'paused')
  expect(held.run.reason).toMatch(/crashed.*exit code 3/)
  expect(held.tasks.map(({ status }) => status)).toEqual(['todo', 'todo'])
  scriptedAgent(folder, { First: [GOOD], Second: [ALSO] })
  await agent.ok('run_control', { id, action: 'resume' })
  expect((await untilStill(agent, id)).run.state).toBe('succeeded')
})

test('a worker that is told to stop gives back what it has, and another goes on', async () => {
  const folder = await temporaryFolder()
  const gate = join(folder, 'go')
  const { agent, start, db, root } = await begin({ First: [{ ...GOOD, waitFor: gate }], Second: [ALSO] })
  // A child lives for as long as the work: the library that ends such children listens to signals beside the worker.
  for (const name of ['systemd-inhibit', 'caffeinate'])
    writeFileSync(join(folder, name), '#!/bin/sh\nexec sleep 120\n', { mode: 0o755 })
  // Ours is there first, so the tool starts none.
  const worker = spawn(process.execPath, [CLI, 'worker', '--db', db], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
  })
  onTestFinished(() => void worker.kill('SIGKILL'))
  let log = ''
  worker.stderr.on('data', (chunk) => {
    log += chunk
  })
  const workers = () => {
    const sql = new DatabaseSync(db, { readOnly: true })
    const [row] = sql.prepare('SELECT count(*) AS n FROM worker WHERE ended_at IS NULL').all()
    sql.close()
    return Number(row?.['n'])
  }
  await expect.poll(workers).toBe(1)
  const id = await start()
  await until(agent, id, ({ tasks }) => tasks.some(({ working }) => working !== undefined))
  await expect.poll(() => log).toContain('command begins')
  worker.kill('SIGTERM')
  const [code, signal] = await once(worker, 'exit')
  expect([code, signal], log).toEqual([0, null])
  const { tasks } = await agent.ok<Progress>('run_status', { id })
  expect(tasks.map(({ status, working }) => [status, working])).toEqual([
    ['todo', undefined],
    ['todo', undefined],
  ])
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  writeFileSync(gate, '')
  const next = spawn(process.execPath, [CLI, 'worker', '--until-idle', '--db', db], { stdio: 'ignore' })
  await once(next, 'exit')
  const { run: last } = await agent.ok<Progress>('run_status', { id })
  expect([last.state, last.reason]).toEqual(['succeeded', undefined])
  expect(readFileSync(join(root, 'index.js'), 'utf8')).toBe('export const ok = true\n')
})
