import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lostTests } from '../../../src/execution/judge/gate/lost-tests.ts'
import { connect, temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../../mcp/workspace.ts'
import { untilStill } from '../progress.ts'
import { answer, scriptedAgent } from '../scripted-agent.ts'

describe('tests that were green before', () => {
  const lost = (before: string[][], green: string[], red: string[] = []) => lostTests(before, { green, red })
  const AB = ['a.test.js > a', 'a.test.js > b']

  test('are lost where they are neither green nor red', () => {
    expect(lost([AB, AB], ['a.test.js > a'])).toEqual(['a.test.js > b'])
    expect(lost([AB, AB], ['a.test.js > a'], ['a.test.js > b'])).toEqual([])
    expect(lost([AB, AB], [])).toEqual(AB)
  })

  test('are not lost where they did not run both times before', () => {
    expect(lost([AB, ['a.test.js > a']], ['a.test.js > a'])).toEqual([])
    expect(lost([['took 12 ms'], ['took 15 ms']], ['took 11 ms'])).toEqual([])
    expect(lost([], ['x'])).toEqual([])
  })

  test('may move to another file or line, each once', () => {
    expect(lost([AB], ['b.test.js > a', 'b.test.js > b'])).toEqual([])
    expect(
      lost([['src/lib.rs - add (line 5)', 'f.py:12 works']], ['src/lib.rs - add (line 9)', 'f.py:40 works']),
    ).toEqual([])
    expect(lost([['a > works', 'b > works']], ['c > works'])).toHaveLength(1)
  })
})

/** Cases in a file that is no test, read by a test that stays as it is. */
const FILES = {
  'package.json': '{"name":"calc","type":"module","scripts":{"test":"node --test"}}\n',
  'check.js': '',
  'cases.js': 'export const cases = [[1, 2], [2, 4], [3, 6]]\n',
  'index.js': 'export const double = (n) => n + n\n',
  'double.test.js':
    "import { test } from 'node:test'\nimport { equal } from 'node:assert'\nimport { double } from './index.js'\nimport { cases } from './cases.js'\nfor (const [n, twice] of cases) test(\"double of \" + n, () => equal(double(n), twice))\n",
}

test('work that makes tests vanish without touching them is refused by name; work that keeps them is not', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'calc', { files: FILES })
  await agent.ok('repository_register', { path: root })
  const task = await makeTask(agent, 'calc', 'Double nothing', { criterion: 'double() is 0' })
  const index = 'export const double = (n = 0) => n + n\n'
  const command = scriptedAgent(folder, {
    Double: [
      { write: { 'index.js': index, 'cases.js': 'export const cases = [[1, 2]]\n' }, say: answer(1) },
      {
        write: { 'index.js': index, 'cases.js': 'export const cases = [[1, 2], [2, 4], [3, 6], [4, 8]]\n' },
        say: answer(1),
      },
    ],
  })
  const { run: id } = await agent.ok<{ run: string }>('run_start', {
    tasks: [task],
    agent: 'command',
    command,
    attempts: 2,
  })
  const { run, tasks } = await untilStill(agent, id)
  const report = JSON.stringify(await agent.client.readResource({ uri: `speki://run/${id}/report` }))
  expect([run.state, tasks[0]?.attempts], report).toEqual(['succeeded', 2])
  expect(report).toMatch(/TAMPER.*Of the tests that were green before, 2 did not run: .*double of 2.*double of 3/)
  expect(git(root, 'show', 'speki/cs-1:cases.js')).toContain('[4, 8]')
})
