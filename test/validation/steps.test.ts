import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runChecks, timeLimit } from '../../src/validation/run-checks.ts'
import { stepsOf } from '../../src/validation/steps.ts'
import { temporaryFolder } from '../mcp/connect.ts'

async function packageWith(scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder()
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a', scripts }))
  return folder
}

test.skipIf(process.platform === 'win32').each([
  [
    { test: 'npm run lint && node --test' },
    ['npm', 'test'],
    [
      ['npm', 'run', 'lint'],
      ['node', '--test'],
    ],
  ],
  [{ pretest: 'tsc', test: 'node --test' }, ['npm', 'test'], [['tsc'], ['node', '--test']]],
  [{ check: 'a && b', postcheck: 'c' }, ['pnpm', 'run', 'check'], [['a'], ['b'], ['c']]],
  [
    { test: 'a && node --test' },
    ['npm', 'test', '--', '--only', 'x y'],
    [['a'], ['sh', '-c', "node --test --only 'x y'"]],
  ],
  [
    { test: 'cd api && a && b' },
    ['yarn', 'test'],
    [
      ['sh', '-c', 'cd api && a'],
      ['sh', '-c', 'cd api && b'],
    ],
  ],
  [{ test: "echo 'a && b' && c" }, ['npm', 't'], [['sh', '-c', "echo 'a && b'"], ['c']]],
  [{ test: '(a && b) && c' }, ['npm', 'test'], [['sh', '-c', '(a && b)'], ['c']]],
  [
    {},
    ['sh', '-c', 'X=1 && a && b'],
    [
      ['sh', '-c', 'X=1 && a'],
      ['sh', '-c', 'X=1 && b'],
    ],
  ],
  [{}, ['make', 'check'], [['make', '-k', '-i', 'check']]],
  [{ test: 'a || b' }, ['npm', 'test'], []],
  [{ test: 'a' }, ['npm', 'test'], []],
  [{}, ['pytest'], []],
])('the steps of %j by %j are %j', async (scripts, argv, steps) => {
  expect(await stepsOf(argv, await packageWith(scripts))).toEqual(steps)
})

const GREEN = "require('node:test').test('green', () => {})"
const RED = "require('node:test').test('red', () => { throw new Error('no') })"

test.skipIf(process.platform === 'win32').each([
  ['a type check before', { test: 'node wrong.js && node --test a.test.js' }, ['npm', 'test']],
  ['a script before', { pretest: 'node wrong.js', test: 'node --test a.test.js' }, ['npm', 'test']],
  ['a red suite before', { test: 'node --test b.test.js && node --test a.test.js' }, ['npm', 'test']],
  ['a recipe of make', {}, ['make', 'all']],
])('%s that is red hides no test behind it', async (_, scripts, argv) => {
  const worktree = await packageWith(scripts)
  writeFileSync(join(worktree, 'wrong.js'), "console.error('error TS1139: wrong'); process.exit(1)")
  writeFileSync(join(worktree, 'a.test.js'), GREEN)
  writeFileSync(join(worktree, 'b.test.js'), RED)
  writeFileSync(join(worktree, 'Makefile'), 'all:\n\tnode wrong.js\n\tnode --test --test-reporter=tap a.test.js\n')
  const green: string[] = []
  const [result] = await runChecks(
    {
      worktree,
      subpath: '.',
      commands: [{ kind: 'test', argv, source: 'test' }],
      timeoutMs: 60_000,
      maxOutputBytes: 1e6,
    },
    (_, tests) => green.push(...tests.flatMap(({ id, status }) => (status === 'passed' ? [id] : []))),
    AbortSignal.timeout(120_000),
  )
  expect(result?.status).toBe('failed')
  expect(green.join('\n')).toMatch(/green/)
  expect((result?.cases ?? []).map(({ id }) => id).join('\n')).toMatch(/wrong|red/)
})

test('a check may take three times what it took on the base, never less than ten minutes, an hour where nobody knows', () => {
  const minutes = (...before: number[]) => timeLimit(before.map((minute) => minute * 60_000)) / 60_000
  expect([minutes(), minutes(0.1), minutes(3), minutes(20, 25)]).toEqual([60, 10, 10, 75])
})
