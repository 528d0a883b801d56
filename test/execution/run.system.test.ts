import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask, planned } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

const GOOD = { append: { 'index.js': 'export const more = 1\n' }, say: answer(1) }

test('a run over two repositories lands each task in the change set and leaves nothing behind', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { api, web, prd } = await planned(agent, folder)
  const before = [git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]
  const command = scriptedAgent(folder, { TASK: [GOOD] })
  const started = await agent.ok<{ run: string; started: boolean; preflight: unknown[] }>('run_start', {
    prd,
    agent: 'command',
    command,
  })
  expect(started).toMatchObject({ started: true, run: 'RUN-1', change_set: 'CS-1', tasks: 2 })
  const { run, tasks } = await untilStill(agent, started.run)
  expect([run.state, run.reason, ...tasks.map(({ status }) => status)]).toEqual([
    'succeeded',
    undefined,
    'done',
    'done',
  ])
  for (const repository of [api, web]) {
    expect(git(repository, 'show', 'speki/cs-1:index.js')).toContain('more')
    expect(git(repository, 'log', '-1', '--format=%B', 'speki/cs-1')).toMatch(
      /Speki-Task: TASK-\d\nSpeki-Attempt: TASK-\d-1\nSpeki-Change-Set: CS-1/,
    )
    expect(git(repository, 'status', '--porcelain')).toBe('')
    expect(git(repository, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
    expect(git(repository, 'branch', '--list', 'speki/task-*')).toBe('')
  }
  expect([git(api, 'rev-parse', 'main'), git(web, 'rev-parse', 'main')]).toEqual(before)
  const page = JSON.stringify(await agent.client.readResource({ uri: 'speki://changeset/CS-1' }))
  for (const told of ['## api:', 'speki/cs-1 goes to main; `git diff', 'TASK-2 builds on TASK-1', 'changeset.'])
    expect(page).toContain(told)
  const { resources } = await agent.client.listResources()
  expect(resources.map(({ uri }) => uri)).toContain('speki://changeset/CS-1')
  const left = join(folder, 'speki.db.execution')
  expect(existsSync(join(left, 'attempts')) ? readdirSync(join(left, 'attempts')) : []).toEqual([])
})

test('a red try is taken back with a report, and the next one is told what failed', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { api, prd } = await planned(agent, folder)
  const RED = { write: { 'index.js': 'export const ok = false\n' }, say: answer(1) }
  const command = scriptedAgent(folder, { Place: [RED, GOOD], TASK: [GOOD] })
  const { run: id } = await agent.ok<{ run: string }>('run_start', { prd, agent: 'command', command, attempts: 2 })
  const { run, tasks } = await untilStill(agent, id)
  expect(run.state).toBe('succeeded')
  expect(tasks.map(({ attempts }) => attempts)).toEqual([2, 1])
  expect(git(api, 'show', 'speki/cs-1:index.js')).toBe('export const ok = true\nexport const more = 1\n')
  expect(git(api, 'show', 'refs/speki/discarded/task-1-1:index.js')).toBe('export const ok = false\n')
})

test('a task that fails every try is for a person, who is told why; what depends on it waits', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { prd } = await planned(agent, folder)
  const command = scriptedAgent(folder, { TASK: [{ say: answer(1) }] })
  const { run: id } = await agent.ok<{ run: string }>('run_start', { prd, agent: 'command', command, attempts: 2 })
  const { run, tasks } = await untilStill(agent, id)
  expect(run.state).toBe('failed')
  expect(tasks[0]).toMatchObject({ status: 'failed', attempts: 2, failure: 'NO_CHANGE' })
  expect(tasks[1]).toMatchObject({ status: 'todo', attempts: 0 })
})

test('test-first: red tests are frozen, then the code makes them green; tests that show nothing, or change later, are refused', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'calc', {
    files: { 'package.json': '{"name":"calc","type":"module","scripts":{"test":"node --test"}}\n', 'check.js': '' },
  })
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'calc', 'Double', { criterion: 'double(2) is 4' })
  const head =
    "import { test } from 'node:test'\nimport assert from 'node:assert'\nimport * as calc from '../index.js'\n"
  const tests = { 'test/double.test.js': `${head}test('doubles', () => assert.equal(calc.double(2), 4))\n` }
  const code = { append: { 'index.js': 'export const double = (x) => x * 2\n' }, say: answer(1) }
  const idle = { 'test/double.test.js': `${head}test('is there', () => assert.ok(calc))\n` }
  const cheats = { write: idle, append: { 'index.js': 'export const double = 1\n' }, say: answer(1) }
  const command = scriptedAgent(folder, {
    Double: [
      { write: idle, afterTests: code },
      { write: tests, afterTests: cheats },
      { write: tests, afterTests: code },
    ],
  })
  const { run: id } = await agent.ok<{ run: string }>('run_start', {
    tasks: [task],
    agent: 'command',
    command,
    test_first: true,
  })
  const { run, tasks } = await untilStill(agent, id)
  const report = await agent.client.readResource({ uri: `speki://run/${id}/report` })
  const text = JSON.stringify(report)
  expect([run.state, tasks[0]?.attempts], text).toEqual(['succeeded', 3])
  expect(text).toMatch(/green without any code, so they show nothing/)
  expect(text).toMatch(/test\/double\.test\.js was written first and is frozen/)
  expect(git(root, 'show', 'speki/cs-1:index.js')).toContain('x * 2')
})
