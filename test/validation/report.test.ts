import { expect, test } from 'vitest'
import { firstError, testCounts } from '../../src/validation/report.ts'
import { processorTime } from '../processor-time.ts'

test.each([
  [
    'node --test, spec',
    'ℹ tests 3\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\n',
    { passed: 2, failed: 1, skipped: 0 },
  ],
  ['node --test, TAP', '# tests 2\n# pass 2\n# fail 0\n# skipped 0\n', { passed: 2, failed: 0, skipped: 0 }],
  [
    'vitest',
    ' Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 9 passed | 2 skipped (12)\n',
    { passed: 9, failed: 1, skipped: 2 },
  ],
  [
    'vitest in colour',
    '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m9 passed\u001b[39m\u001b[22m\u001b[90m (9)\u001b[39m\n',
    { passed: 9 },
  ],
  ['jest', 'Test Suites: 1 passed, 1 total\nTests:       1 failed, 4 passed, 5 total\n', { passed: 4, failed: 1 }],
  ['mocha', '\n  9 passing (12ms)\n  1 pending\n  2 failing\n', { passed: 9, failed: 2, skipped: 1 }],
  ['pytest', '==== 1 failed, 9 passed, 2 skipped in 0.12s ====\n', { passed: 9, failed: 1, skipped: 2 }],
  [
    'cargo, several binaries',
    'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\ntest result: FAILED. 2 passed; 1 failed; 0 ignored\n',
    { passed: 5, failed: 1, skipped: 1 },
  ],
  [
    'go test -v',
    '--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\n--- SKIP: TestC (0.00s)\nFAIL\n',
    { passed: 1, failed: 1, skipped: 1 },
  ],
  [
    'dotnet',
    'Passed!  - Failed:     0, Passed:     5, Skipped:     1, Total:     6\n',
    { passed: 5, failed: 0, skipped: 1 },
  ],
  ['RSpec', '10 examples, 1 failure, 2 pending\n', { failed: 1, skipped: 2 }],
  ['ExUnit', '5 tests, 0 failures, 1 skipped\n', { failed: 0, skipped: 1 }],
  ['PHPUnit', 'OK (5 tests, 9 assertions)\n', { passed: 5 }],
  ['ctest', '80% tests passed, 1 tests failed out of 5\n', { failed: 1 }],
])('%s', (_, output, counts) => {
  expect(testCounts(output)).toEqual(counts)
})

test('output without a summary has no counts: unknown is not zero', () => {
  expect(testCounts('all fine\n')).toBeUndefined()
})

test.each([
  [
    'building\nsrc/a.ts(3,1): error TS2304: Cannot find name x\nmore\n',
    'src/a.ts(3,1): error TS2304: Cannot find name x',
  ],
  ['0 errors\n✖ the total is wrong\n', '✖ the total is wrong'],
  ['quiet\nlast line\n', 'last line'],
  [
    "file:///a/check.js:1\nif (!ok) throw new Error('not ok')\n              ^\n\nError: not ok\n    at a.js:1\n\nNode.js v24.1.0\n",
    'Error: not ok',
  ],
  ['a.js:2\n  x.y.z\n      ^\n\nTypeError: x is undefined\n    at a.js:2\n', 'TypeError: x is undefined'],
  [
    'Traceback (most recent call last):\n  File "/a/check.py", line 3, in <module>\n    assert add(1, 2) == 3\nAssertionError\n',
    'AssertionError',
  ],
  [
    'Exception in thread "main" java.lang.IllegalStateException: no\n\tat A.main\n',
    'Exception in thread "main" java.lang.IllegalStateException: no',
  ],
])('the first error of %j', (output, error) => {
  expect(firstError(output)).toBe(error)
})

test('a hostile line does not stall it', () => {
  const { ms } = processorTime(() => {
    testCounts('\n'.repeat(200_000))
    testCounts(`${'Tests: '.repeat(200_000)}\n${'= '.repeat(300_000)}`)
    firstError('error '.repeat(300_000))
  })
  expect(ms).toBeLessThan(10_000)
})
