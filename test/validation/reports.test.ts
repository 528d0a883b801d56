import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TestCase } from '../../schemas/test-report.ts'
import { readCargo } from '../../src/validation/reports/cargo.ts'
import { readGo, readJest } from '../../src/validation/reports/json.ts'
import { readJunit, readTrx } from '../../src/validation/reports/junit.ts'
import { prepareReport } from '../../src/validation/reports/obtain.ts'
import { readTap } from '../../src/validation/reports/tap.ts'
import { readUnittest } from '../../src/validation/reports/unittest.ts'
import { DEFAULT_LIMITS, runChecks } from '../../src/validation/run-checks.ts'
import { temporaryFolder } from '../mcp/connect.ts'

const brief = (cases: readonly TestCase[]) =>
  cases.map(({ id, status, message }) =>
    [id, status, message?.split('\n', 1)[0]].filter((part) => part !== undefined).join(' | '),
  )

describe('a report is read', () => {
  test('JUnit, as pytest writes it', () => {
    const xml = `<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3">
      <testcase classname="tests.test_a" name="test_one" time="0.01" /><testcase classname="tests.test_a" name="test_two"><failure message="assert 1 == 2">trace</failure></testcase>
      <testcase classname="tests.test_a" name="test_three"><skipped type="pytest.skip" message="later" /></testcase></testsuite></testsuites>`
    expect(brief(readJunit(xml))).toEqual([
      'pytest > tests.test_a > test_one | passed',
      'pytest > tests.test_a > test_two | failed | assert 1 == 2',
      'pytest > tests.test_a > test_three | skipped',
    ])
  })

  test('JUnit with one suite at the top and suites inside', () => {
    const xml =
      '<testsuite name="outer"><testsuite name="inner"><testcase name="a"><error message="boom"/></testcase></testsuite><testcase name="b" file="x.js"/></testsuite>'
    expect(brief(readJunit(xml))).toEqual(['x.js > outer > b | passed', 'outer > inner > a | failed | boom'])
  })

  test('TRX', () => {
    const xml =
      '<TestRun><Results><UnitTestResult testName="A.One" outcome="Passed"/><UnitTestResult testName="A.Two" outcome="Failed"><Output><ErrorInfo><Message>no</Message></ErrorInfo></Output></UnitTestResult><UnitTestResult testName="A.Three" outcome="NotExecuted"/></Results></TestRun>'
    expect(brief(readTrx(xml))).toEqual(['A.One | passed', 'A.Two | failed | no', 'A.Three | skipped'])
  })

  test('jest and vitest', () => {
    const report = {
      testResults: [
        { name: '/w/a.test.ts', status: 'failed', message: '', assertionResults: [
          { ancestorTitles: ['sum'], title: 'adds', status: 'passed', failureMessages: [] },
          { ancestorTitles: ['sum'], title: 'fails', status: 'failed', failureMessages: ['Error: 1\n at x'] },
          { ancestorTitles: [], title: 'later', status: 'pending', failureMessages: [] },
        ] },
        { name: '/w/broken.test.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] },
      ],
    } // biome-ignore format: a report
    expect(brief(readJest(JSON.stringify(report), '/w'))).toEqual([
      'a.test.ts > sum > adds | passed',
      'a.test.ts > sum > fails | failed | Error: 1',
      'a.test.ts > later | skipped',
      'broken.test.ts | failed | SyntaxError',
    ])
  })

  test('go test -json, with a package that does not build', () => {
    const lines = [
      { Action: 'run', Package: 'x/a', Test: 'TestA' },
      { Action: 'output', Package: 'x/a', Test: 'TestA', Output: 'a_test.go:3: no\n' },
      { Action: 'fail', Package: 'x/a', Test: 'TestA' },
      { Action: 'pass', Package: 'x/a', Test: 'TestB' },
      { Action: 'fail', Package: 'x/a' },
      { Action: 'output', Package: 'x/b', Output: 'build failed\n' },
      { Action: 'fail', Package: 'x/b' },
    ]
    expect(brief(readGo(lines.map((line) => JSON.stringify(line)).join('\n')))).toEqual([
      'x/a > TestA | failed | a_test.go:3: no',
      'x/a > TestB | passed',
      'x/b | failed | build failed',
    ])
  })

  test('cargo', () => {
    const text = `     Running unittests src/lib.rs (target/debug/deps/a-1)\n\nrunning 3 tests\ntest tests::adds ... ok\ntest tests::fails ... FAILED\ntest tests::later ... ignored\n\nfailures:\n\n---- tests::fails stdout ----\nthread panicked at 1 != 2\n\ntest result: FAILED. 1 passed; 1 failed; 1 ignored\n`
    expect(brief(readCargo(text))).toEqual([
      'a src/lib.rs > tests::adds | passed',
      'a src/lib.rs > tests::fails | failed | thread panicked at 1 != 2',
      'a src/lib.rs > tests::later | skipped',
    ])
  })

  test('cargo over a workspace: tests of one name in two crates are two', () => {
    const crate = (name: string) =>
      `     Running unittests src/lib.rs (target/debug/deps/${name}-0a1b2c3d4e5f6071)\n\nrunning 1 test\ntest works ... ok\n\ntest result: ok. 1 passed\n`
    const docs =
      '   Doc-tests one\n\nrunning 1 test\ntest src/lib.rs - add (line 5) ... ok\n\ntest result: ok. 1 passed\n'
    expect(brief(readCargo(`${crate('one')}${crate('two')}${docs}`))).toEqual([
      'one src/lib.rs > works | passed',
      'two src/lib.rs > works | passed',
      'one doc > src/lib.rs - add (line 5) | passed',
    ])
  })

  test('cargo, however its two streams arrive: each part belongs to the heading of its turn', () => {
    const heading = (name: string) => `     Running unittests src/lib.rs (target/debug/deps/${name}-0a1b2c3d4e5f6071)\n`
    const part = (name: string) => `\nrunning 1 test\ntest ${name} ... ok\n\ntest result: ok. 1 passed\n`
    const all = ['one src/lib.rs > a | passed', 'two src/lib.rs > b | passed']
    for (const text of [
      heading('one') + part('a') + heading('two') + part('b'),
      heading('one') + heading('two') + part('a') + part('b'),
      heading('one') + part('a') + part('b') + heading('two'),
    ])
      expect(brief(readCargo(text))).toEqual(all)
  })

  test('cargo whose tests were ended by the code they call is red', () => {
    const cut = 'running 2 tests\ntest a ... ok\n'
    const whole = 'running 1 test\ntest b ... ok\n\ntest result: ok. 1 passed\n'
    const red = 'cargo test | failed | It ended before its tests did.'
    expect(brief(readCargo(cut))).toEqual(['a | passed', red])
    expect(brief(readCargo(cut + whole))).toEqual(['a | passed', red, 'b | passed'])
    expect(brief(readCargo(whole + cut))).toEqual(['b | passed', 'a | passed', red])
  })

  test('go test -json: a package that is well without a word was ended by its code', () => {
    const of = (name: string, ...said: string[]) =>
      [
        ...said.map((Output) => ({ Action: 'output', Package: name, Output })),
        { Action: 'pass', Package: name, Elapsed: 0 },
      ].map((line) => JSON.stringify(line))
    const lines = [
      ...of('x/a', 'ok  \tx/a\t0.003s\n'),
      ...of('x/b', 'PASS\n', 'ok  \tx/b\t(cached)\n'),
      ...of('x/c', 'testing: warning: no tests to run\n', 'PASS\n', 'ok  \tx/c\t0.1s [no tests to run]\n'),
      ...of('x/d', '?   \tx/d\t[no test files]\n'),
    ]
    expect(brief(readGo(lines.join('\n')))).toEqual(['x/a | failed | It ended before its tests did.'])
    const inTest = [
      { Action: 'output', Package: 'x/a', Test: 'TestA', Output: '=== RUN   TestA\n' },
      { Action: 'output', Package: 'x/a', Test: 'TestA', Output: 'ok  \tx/a\t0.004s\n' },
      { Action: 'pass', Package: 'x/a', Test: 'TestA' },
    ].map((line) => JSON.stringify(line))
    expect(brief(readGo(inTest.join('\n')))).toEqual(['x/a > TestA | failed | It ended before its tests did.'])
  })

  test('unittest, told one by one, in both writings', () => {
    const text = [
      'test_adds (test_sum.Sum.test_adds) ... ok',
      'test_fails (test_sum.Sum.test_fails)',
      'What it is about ... FAIL',
      'test_noisy (pkg.test_sum.Sum) ... printed',
      'ok',
      "test_later (test_sum.Sum.test_later) ... skipped 'not yet'",
      'test_known (test_sum.Sum.test_known) ... expected failure',
      '',
      '='.repeat(70),
      'FAIL: test_fails (test_sum.Sum.test_fails)',
      '-'.repeat(70),
      'Traceback (most recent call last):',
      '  File "test_sum.py", line 9, in test_fails',
      'AssertionError: 3 != 4',
      '',
      '-'.repeat(70),
      'Ran 5 tests in 0.001s',
      '',
      'FAILED (failures=1, skipped=1, expected failures=1)',
    ]
    expect(brief(readUnittest(text.join('\n')))).toEqual([
      'test_sum.Sum > test_adds | passed',
      'test_sum.Sum > test_fails | failed | AssertionError: 3 != 4',
      'pkg.test_sum.Sum > test_noisy | passed',
      'test_sum.Sum > test_later | skipped',
      'test_sum.Sum > test_known | skipped',
    ])
    expect(brief(readUnittest(text.slice(0, 1).join('\n')))).toEqual([
      'test_sum.Sum > test_adds | passed',
      'unittest | failed | It ended before its tests did.',
    ])
    expect(brief(readUnittest('.\n-----\nRan 1 test in 0.001s\n\nOK\n'))).toEqual([])
  })

  test('TAP with subtests', () => {
    const text =
      'TAP version 13\n# Subtest: sum\n    # Subtest: adds\n    ok 1 - adds\n    not ok 2 - fails\n    1..2\nnot ok 1 - sum\nok 2 - later # SKIP\n1..2\n'
    expect(brief(readTap(text))).toEqual(['sum > adds | passed', 'sum > fails | failed', 'later | skipped'])
  })

  test('TAP of which a part is missing is red', () => {
    expect(brief(readTap('TAP version 14\n1..3\nok 1 - a\nok 2 - b\n'))).toEqual([
      'a | passed',
      'b | passed',
      '2 tests ran, 3 were planned | failed',
    ])
    expect(brief(readTap('TAP version 13\nok 1 - a\n'))).toEqual([
      'a | passed',
      '1 tests ran, no number were planned | failed',
    ])
    expect(brief(readTap('TAP version 13\nok 1 - a\nBail out! No database.\n'))).toEqual([
      'a | passed',
      'Bail out! No database. | failed',
    ])
    const short = 'TAP version 14\n# Subtest: sum\n    1..2\n    ok 1 - adds\nok 1 - sum\n1..1\n'
    expect(brief(readTap(short))).toContainEqual('1 tests ran, 2 were planned | failed')
  })

  test('TAP of several programs one after the other, plan first or last, is each judged for itself', () => {
    const [first, last] = ['1..2\nok 1 - a\nok 2 - b\n', 'ok 1 - c\nnot ok 2 - d # TODO later\n1..2\n']
    const all = ['a | passed', 'b | passed', 'c | passed', 'd | skipped']
    expect(brief(readTap(first + last))).toEqual(all)
    expect(brief(readTap(`TAP version 13\n${first}TAP version 13\n${last}`))).toEqual(all)
    expect(brief(readTap(`compiling\n${first}${last}done\n`))).toEqual(all)
    expect(brief(readTap(`${first}1..1\n`))).toEqual([
      'a | passed',
      'b | passed',
      '0 tests ran, 1 were planned | failed',
    ])
  })

  test.each([readJunit, readTrx, readGo, readCargo, readTap])('nonsense is no report, and no crash: %o', (read) => {
    for (const text of ['', 'hello', '<a><b', '{"x":1}', '[]', 'null', '\u0000'.repeat(100)])
      expect(read(text)).toEqual([])
  })
})

describe('a runner is asked for a report', () => {
  const FILE = /--outputFile=|--reporter-outfile=|--log-junit|--output-junit|--junitfile=|--results-directory/
  const ask = async (argv: string[], script?: string) => {
    const folder = await temporaryFolder()
    if (script !== undefined) writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { test: script } }))
    const { argv: asked } = await prepareReport(argv, folder, '/scratch')
    return asked.slice(0, argv.length).join(' ') === argv.join(' ') || argv[0] === 'gotestsum'
      ? asked.join(' ')
      : 'changed'
  }

  test.each([
    'vitest run',
    'npx vitest run',
    'pnpm exec vitest run',
    'tsc && cross-env NODE_ENV=test vitest run',
    'yarn jest',
    'NODE_ENV=test jest --ci',
    'dotenv -e .env.test -- jest',
    'c8 vitest run',
    'bun test',
  ])('script: %s', async (script) => {
    expect(await ask(['npm', 'run', 'test'], script)).toMatch(FILE)
  })

  test.each([
    ['pnpm', 'exec', 'vitest', 'run'],
    ['bun', 'test'],
    ['vendor/bin/phpunit'],
    ['php', 'vendor/bin/pest'],
    ['ctest', '--test-dir', 'build'],
    ['gotestsum', './...'],
    ['dotnet', 'test', 'All.sln'],
  ])('command: %s %s', async (...argv) => {
    expect(await ask(argv)).toMatch(FILE)
  })

  test.each(['vitest run && echo done', 'echo vitest', 'mocha', 'jest --json', 'my-vitest-wrapper'])(
    'what would not take it is left alone: %s',
    async (script) => {
      expect(await ask(['npm', 'run', 'test'], script)).toBe('npm run test')
    },
  )

  test('every project of a .NET solution and every module of a Maven build counts', async () => {
    const [folder, scratch] = [await temporaryFolder(), await temporaryFolder()]
    const trx = (name: string, outcome: string) =>
      `<TestRun><Results><UnitTestResult testName="${name}" outcome="${outcome}"/></Results></TestRun>`
    const dotnet = await prepareReport(['dotnet', 'test'], folder, scratch)
    writeFileSync(join(scratch, 'one.trx'), trx('A', 'Passed'))
    writeFileSync(join(scratch, 'two.trx'), trx('B', 'Failed'))
    expect(brief(await dotnet.read('')).sort()).toEqual(['A | passed', 'B | failed'])

    const maven = await prepareReport(['mvn', 'test'], folder, scratch)
    for (const [module, fault] of [
      ['a', ''],
      ['b', '<failure message="no"/>'],
      ['node_modules', '<failure/>'],
    ] as const) {
      const place = join(folder, module, 'target', 'surefire-reports')
      mkdirSync(place, { recursive: true })
      const suite = `<testsuite name="${module}"><testcase classname="${module}" name="works">${fault}</testcase></testsuite>`
      writeFileSync(join(place, 'TEST-x.xml'), suite)
    }
    expect(brief(await maven.read('')).sort()).toEqual(['a > works | passed', 'b > works | failed | no'])
  })
})

const signal = AbortSignal.timeout(600_000)

async function check(files: Record<string, string>, argv: string[]) {
  const worktree = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(worktree, path)), { recursive: true })
    writeFileSync(join(worktree, path), text)
  }
  const [result] = await runChecks(
    { worktree, subpath: '.', commands: [{ kind: 'test', argv, source: 'test' }], ...DEFAULT_LIMITS },
    () => {},
    signal,
  )
  return result
}

describe('a real run leaves a report', () => {
  const FILES = {
    'package.json': '{"type":"module","scripts":{"test":"node --test"}}\n',
    'a.test.js':
      "import { test } from 'node:test'\nimport assert from 'node:assert'\ntest('adds', () => {})\ntest('fails', () => assert.equal(1, 2))\ntest.skip('later', () => {})\n",
  }

  test.each([
    ['npm', 'run', 'test'],
    ['node', '--test'],
  ])('node --test by %s %s', async (...argv) => {
    const result = await check(FILES, argv)
    expect(result).toMatchObject({ status: 'failed', counts: { passed: 1, failed: 1, skipped: 1 } })
    expect(result?.cases?.map(({ id, status }) => [id, status])).toEqual([
      ['a.test.js > fails', 'failed'],
      ['a.test.js > later', 'skipped'],
    ])
    expect(result?.firstError).toMatch(/fails: /)
  })

  test('node --test of a file whose code ends the program is red, and one without tests of its own is not', async () => {
    const files = {
      'package.json': '{"type":"module"}\n',
      'code.js': "export const sum = () => process['exit'](0)\n",
      'test/sum.test.js':
        "import { test } from 'node:test'\nimport { sum } from '../code.js'\ntest('sums', () => { if (sum() !== 3) throw new Error('no') })\n",
      'test/plain.test.js': "import assert from 'node:assert'\nassert.equal(1, 1)\n",
    }
    const result = await check(files, ['node', '--test'])
    expect(result).toMatchObject({ status: 'failed', exitCode: 0, counts: { passed: 1, failed: 1 } })
    expect(result?.firstError).toMatch(/sum\.test\.js: It ended before its tests did\./)
  })

  test('unittest whose code ends the program is red', async () => {
    const files = {
      'sums.py': 'import os\n\ndef add():\n    os._exit(0)\n',
      'test_code.py':
        'import unittest\nfrom sums import add\n\nclass Add(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(), 1)\n',
    }
    const result = await check(files, ['python3', '-B', '-m', 'unittest'])
    expect(result).toMatchObject({ status: 'failed', exitCode: 0 })
    expect(result?.firstError).toMatch(/unittest: It ended before its tests did\./)
  })

  test('red tests are not hidden by an exit code', async () => {
    const result = await check({ 'run.sh': 'echo "TAP version 13"; echo "not ok 1 - sum"; echo "1..1"; exit 0\n' }, [
      'sh',
      'run.sh',
    ])
    expect(result).toMatchObject({
      status: 'failed',
      exitCode: 0,
      firstError: expect.stringMatching(/exit code 0 although tests are red: sum/),
    })
  })

  test('a reporter the project chose itself is left alone', async () => {
    const own = { ...FILES, 'package.json': '{"type":"module","scripts":{"test":"node --test --test-reporter=tap"}}\n' }
    expect(await check(own, ['npm', 'run', 'test'])).toMatchObject({ status: 'failed', counts: { failed: 1 } })
  })
})
