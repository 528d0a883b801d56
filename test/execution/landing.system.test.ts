import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { until, untilStill } from './progress.ts'
import { answer, type Behaviour, scriptedAgent } from './scripted-agent.ts'

/** Two tasks in one repository, at work at the same time on the same commit; both go on once both are there. */
async function together(first: Behaviour, second: Behaviour) {
  const folder = await temporaryFolder()
  const gate = join(folder, 'go')
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: root })
  const tasks = [await makeTask(agent, 'api', 'First'), await makeTask(agent, 'api', 'Second')]
  const command = scriptedAgent(folder, {
    First: [{ ...first, waitFor: gate }],
    Second: [{ ...second, waitFor: gate }],
  })
  const { run } = await agent.ok<{ run: string }>('run_start', { tasks, agent: 'command', command, parallel: 2 })
  await until(agent, run, ({ tasks }) => tasks.every(({ working }) => working !== undefined))
  writeFileSync(gate, '')
  const ended = await untilStill(agent, run)
  const report = JSON.stringify(await agent.client.readResource({ uri: `speki://run/${run}/report` }))
  return { root, ended, report }
}

const more = (name: string): Behaviour => ({ write: { [`${name}.js`]: `export const ${name} = 1\n` }, say: answer(1) })

test('work that finds other work landed is put on top of it and proven again, in the same attempt', async () => {
  const { root, ended, report } = await together(more('one'), more('two'))
  expect(ended.run.state, report).toBe('succeeded')
  expect(
    ended.tasks.map(({ attempts }) => attempts),
    report,
  ).toEqual([1, 1])
  expect(git(root, 'ls-tree', '--name-only', 'speki/cs-1')).toMatch(/one\.js\n(?:.*\n)*two\.js/)
  expect(git(root, 'log', '--format=%s', '--merges', 'speki/cs-1')).toBe('')
  expect(git(root, 'rev-list', '--count', 'main..speki/cs-1').trim()).toBe('2')
})

test('work that contradicts what landed is taken back, and begins again on that', async () => {
  const one = { append: { 'index.js': 'export const one = 1\n' }, say: answer(1) }
  const two = { append: { 'index.js': 'export const two = 2\n' }, say: answer(1) }
  const { root, ended, report } = await together(one, two)
  expect(ended.run.state, report).toBe('succeeded')
  expect(ended.tasks.map(({ attempts }) => attempts).sort(), report).toEqual([1, 2])
  expect(report).toContain('CONFLICT')
  const lines = git(root, 'show', 'speki/cs-1:index.js').trim().split('\n')
  expect(lines.toSorted()).toEqual(['export const ok = true', 'export const one = 1', 'export const two = 2'])
})
