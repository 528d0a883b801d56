import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { type Progress, until, untilStill } from './progress.ts'
import { answer, type Behaviour, scriptedAgent } from './scripted-agent.ts'

const RED: Behaviour = { write: { 'index.js': 'export const ok = false\n' }, say: answer(1) }
const SMALL: Behaviour = { append: { 'index.js': 'export const more = 1\n' }, say: answer(1) }
const LARGE: Behaviour = { append: { 'index.js': 'export const more = 1\nexport const most = 2\n' }, say: answer(1) }

/** A run whose agent fails, and whose last attempt goes to two setups of these behaviours. */
async function begin(one: Behaviour, two: Behaviour) {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'api', 'More')
  const command = scriptedAgent(folder, { 'with-one': [one], 'with-two': [two], More: [RED] })
  const { run } = await agent.ok<{ run: string }>('run_start', {
    tasks: [task],
    agent: 'command',
    command,
    attempts: 2,
    fallback: ['command:with-one', 'command:with-two'],
  })
  const report = async () => JSON.stringify(await agent.client.readResource({ uri: `speki://run/${run}/report` }))
  return { folder, agent, root, run, report }
}

const bothAtWork = ({ tasks: [task] }: Progress) => task?.working === 'command:with-one, command:with-two'

function nothingLeft(folder: string, root: string) {
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(git(root, 'branch', '--list', 'speki/task-*')).toBe('')
  expect(readdirSync(join(folder, 'speki.db.execution', 'attempts'))).toEqual([])
}

test('of two that are proven the one with the smaller difference lands, the other is kept', async () => {
  const { folder, agent, root, run, report } = await begin(LARGE, SMALL)
  const { run: ended, tasks } = await untilStill(agent, run)
  const text = await report()
  expect([ended.state, tasks[0]?.attempts], text).toEqual(['succeeded', 3])
  expect(text).toMatch(/Attempt 2 by command:with-one: released.*OUTDONE.*Attempt 3 by command:with-two: landed/s)
  expect(git(root, 'show', 'speki/cs-1:index.js')).toBe('export const ok = true\nexport const more = 1\n')
  expect(git(root, 'log', '-1', '--format=%B', 'speki/cs-1')).toContain('Speki-Attempt: TASK-1-3')
  expect(git(root, 'show', 'refs/speki/discarded/task-1-2:index.js')).toContain('most')
  nothingLeft(folder, root)
})

test('where neither is proven the task is for a person', async () => {
  const { agent, run, report } = await begin(RED, { say: answer(1) })
  const { run: ended, tasks } = await untilStill(agent, run)
  expect([ended.state, tasks[0]?.status, tasks[0]?.attempts], await report()).toEqual(['failed', 'failed', 3])
  expect(ended.reason).toMatch(/after 3 attempts/)
})

test('a worker that dies with both at work leaves them to the next, which lands the one that is proven', async () => {
  const gate = join(await temporaryFolder(), 'go')
  const { folder, agent, root, run, report } = await begin({ ...RED, waitFor: gate }, { ...LARGE, waitFor: gate })
  await until(agent, run, bothAtWork)
  const sql = new DatabaseSync(join(folder, 'speki.db'), { readOnly: true })
  const [worker] = sql.prepare('SELECT pid FROM worker WHERE ended_at IS NULL').all()
  sql.close()
  process.kill(Number(worker?.['pid']), 'SIGKILL')
  writeFileSync(gate, '')
  const next = spawn(process.execPath, [CLI, 'worker', '--until-idle', '--db', join(folder, 'speki.db')])
  await once(next, 'exit')
  const { run: ended, tasks } = await untilStill(agent, run)
  const text = await report()
  expect([ended.state, tasks[0]?.attempts], text).toEqual(['succeeded', 5])
  expect(text).toMatch(/2 by command:with-one: interrupted.*3 by command:with-two: interrupted.*5 by .*: landed/s)
  nothingLeft(folder, root)
})

test('both are seen at work, and cancelling ends both without fault', async () => {
  const gate = join(await temporaryFolder(), 'go')
  const { folder, agent, root, run, report } = await begin({ ...SMALL, waitFor: gate }, { ...LARGE, waitFor: gate })
  await until(agent, run, bothAtWork)
  await agent.ok('run_control', { id: run, action: 'cancel' })
  const { run: ended, tasks } = await untilStill(agent, run)
  expect([ended.state, tasks[0]?.status], await report()).toEqual(['cancelled', 'todo'])
  expect(await report()).toMatch(/with-one: released.*with-two: released/s)
  nothingLeft(folder, root)
})

test('a fallback needs an attempt before it, and an agent that is here', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  const tasks = [await makeTask(agent, 'api', 'More')]
  const command = scriptedAgent(folder, {})
  const start = { tasks, agent: 'command', command }
  const single = await agent.call('run_start', { ...start, attempts: 1, fallback: ['command:other'] })
  expect(single.text).toMatch(/takes the last of several attempts.*Raise attempts/s)
  const foreign = await agent.call('run_start', { ...start, fallback: ['acp'] })
  expect(foreign.text).toMatch(/no agent "acp" without its command/)
  const nonsense = await agent.call('run_start', { ...start, fallback: ['gemini'] })
  expect([single.isError, foreign.isError, nonsense.isError]).toEqual([true, true, true])
  expect(await agent.ok('run_status', {})).toMatchObject({ runs: [] })
})
