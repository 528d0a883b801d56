import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

test('where the suite takes long, red tests near the change end the judgement before it; green ones never replace it', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const runs = join(folder, 'runs')
  const root = makeRepository(folder, 'calc', {
    files: {
      'package.json': '{"name":"calc","type":"module","scripts":{"test":"node --test"}}\n',
      'check.js': '',
      'index.js': 'export const double = (n) => n + n\n',
      'index.test.js':
        "import { test } from 'node:test'\nimport { equal } from 'node:assert'\nimport { double } from './index.js'\ntest('doubles', () => equal(double(2), 4))\n",
      'far.test.js': `import { test } from 'node:test'\nimport { appendFileSync } from 'node:fs'\ntest('far', () => appendFileSync(${JSON.stringify(runs)}, 'x'))\n`,
    },
  })
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'calc', 'Double nothing', { criterion: 'double() is 0' })
  const command = scriptedAgent(folder, {
    Double: [
      { write: { 'index.js': 'export const double = (n = 0) => n * n + 1\n' }, say: answer(1) },
      { write: { 'index.js': 'export const double = (n = 0) => n + n\n' }, say: answer(1) },
    ],
  })
  const start = { tasks: [task], agent: 'command', command, attempts: 2 }
  // It is measured, and does not start.
  await agent.ok('run_start', { ...start, command: ['speki-has-no-such-agent'] })
  const sql = new DatabaseSync(db)
  expect(
    sql.exec('UPDATE baseline SET result = replace(result, \'"durationMs":\', \'"durationMs":99\')'),
  ).toBeUndefined()
  sql.close()
  const before = readFileSync(runs, 'utf8').length

  const { run: id } = await agent.ok<{ run: string }>('run_start', start)
  const { run, tasks } = await untilStill(agent, id)
  const report = JSON.stringify(await agent.client.readResource({ uri: `speki://run/${id}/report` }))
  expect([run.state, tasks[0]?.attempts], report).toEqual(['succeeded', 2])
  expect(report).toContain('node --test index.test.js')
  // The suite ran for the second attempt, and once more for the change set as a whole.
  expect(readFileSync(runs, 'utf8').length - before).toBe(2)
})
