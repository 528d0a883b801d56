import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TestCase } from '../../schemas/test-report.ts'
import { readGo, readJest } from '../../src/validation/reports/json.ts'
import { readJunit, readTrx } from '../../src/validation/reports/junit.ts'
import { readCargo, readTap } from '../../src/validation/reports/text.ts'
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
      'src/lib.rs > tests::adds | passed',
      'src/lib.rs > tests::fails | failed | thread panicked at 1 != 2',
      'src/lib.rs > tests::later | skipped',
    ])
  })

  test('TAP with subtests', () => {
    const text =
      'TAP version 13\n# Subtest: sum\n    # Subtest: adds\n    ok 1 - adds\n    not ok 2 - fails\n    1..2\nnot ok 1 - sum\nok 2 - later # SKIP\n1..2\n'
    expect(brief(readTap(text))).toEqual([
      'sum > adds | passed',
      'sum > fails | failed',
      'sum | failed',
      'later | skipped',
    ])
  })

  test.each([readJunit, readTrx, readGo, readCargo, readTap])('nonsense is no report, and no crash: %o', (read) => {
    for (const text of ['', 'hello', '<a><b', '{"x":1}', '[]', 'null', '\u0000'.repeat(100)])
      expect(read(text)).toEqual([])
  })
})

const signal = AbortSignal.timeout(60_000)

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
