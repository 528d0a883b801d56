import type { TestCounts } from '../../schemas/evidence.ts'
import { withoutTerminalCommands } from '../visible.ts'

type Numbers = readonly (readonly [keyof TestCounts, RegExp])[]

/** What test runners print at their end, most telling first: a line that only one of them writes comes before common words. */
const SUMMARIES: readonly { readonly when: RegExp; readonly numbers: Numbers }[] = [
  // node --test, spec and TAP reporters
  {
    when: /^(?:#|ℹ) tests \d+$/m,
    numbers: [
      ['passed', /^(?:#|ℹ) pass (\d+)$/m],
      ['failed', /^(?:#|ℹ) fail (\d+)$/m],
      ['skipped', /^(?:#|ℹ) skipped (\d+)$/m],
    ],
  },
  // vitest and jest: "Tests  1 failed | 9 passed (10)", "Tests: 1 failed, 9 passed, 10 total"
  {
    when: /^[ \t]*Tests:?[ \t].*\b(?:passed|failed)\b/m,
    numbers: [
      ['passed', /^[ \t]*Tests:?[ \t].*?(\d+) passed/m],
      ['failed', /^[ \t]*Tests:?[ \t].*?(\d+) failed/m],
      ['skipped', /^[ \t]*Tests:?[ \t].*?(\d+) skipped/m],
    ],
  },
  // cargo: "test result: ok. 3 passed; 0 failed; 1 ignored"
  {
    when: /^test result: /m,
    numbers: [
      ['passed', /^test result: .*?(\d+) passed/gm],
      ['failed', /^test result: .*?(\d+) failed/gm],
      ['skipped', /^test result: .*?(\d+) ignored/gm],
    ],
  },
  // pytest, more than once under tox: "=== 1 failed, 9 passed, 2 skipped in 0.12s ==="
  {
    when: /^=+ .*\b(?:passed|failed|error|skipped).* in [\d.]+s/m,
    numbers: [
      ['passed', /^=+ .*?(\d+) passed/gm],
      ['failed', /^=+ .*?(\d+) failed/gm],
      ['skipped', /^=+ .*?(\d+) skipped/gm],
    ],
  },
  // Maven Surefire: "Tests run: 5, Failures: 1, Errors: 0, Skipped: 1"
  {
    when: /^(?:\[\w+\] )?Tests run: \d+/m,
    numbers: [
      ['failed', /Tests run: \d+, Failures: (\d+)[^\n]*$(?![\s\S]*Tests run:)/m],
      ['skipped', /Tests run: \d+.*?Skipped: (\d+)[^\n]*$(?![\s\S]*Tests run:)/m],
    ],
  },
  // dotnet: "Passed!  - Failed: 0, Passed: 5, Skipped: 0, Total: 5"
  {
    when: /(?:Passed|Failed)!\s+- Failed:/,
    numbers: [
      ['passed', /Passed:\s+(\d+)/g],
      ['failed', /Failed:\s+(\d+)/g],
      ['skipped', /Skipped:\s+(\d+)/g],
    ],
  },
  // RSpec, ExUnit: "10 examples, 1 failure, 2 pending", "5 tests, 0 failures, 1 skipped"
  {
    when: /^\d+ (?:examples?|tests?|doctests?).*, \d+ failures?/m,
    numbers: [
      ['failed', /(\d+) failures?/],
      ['skipped', /(\d+) (?:pending|skipped)/],
    ],
  },
  // PHPUnit: "OK (5 tests, 9 assertions)", "Tests: 5, Assertions: 9, Failures: 1."
  { when: /^OK \(\d+ tests?/m, numbers: [['passed', /^OK \((\d+) tests?/m]] },
  {
    when: /^Tests: \d+, Assertions:/m,
    numbers: [
      ['failed', /Failures: (\d+)/],
      ['skipped', /Skipped: (\d+)/],
    ],
  },
  // mocha: "  9 passing (12ms)"
  {
    when: /^[ \t]+\d+ passing\b/m,
    numbers: [
      ['passed', /^[ \t]+(\d+) passing/m],
      ['failed', /^[ \t]+(\d+) failing/m],
      ['skipped', /^[ \t]+(\d+) pending/m],
    ],
  },
  // ctest: "100% tests passed, 0 tests failed out of 5"
  { when: /\d+% tests passed/, numbers: [['failed', /(\d+) tests failed out of/]] },
  // go test -v
  {
    when: /^--- (?:PASS|FAIL|SKIP): /m,
    numbers: [
      ['passed', /^--- PASS: /gm],
      ['failed', /^--- FAIL: /gm],
      ['skipped', /^--- SKIP: /gm],
    ],
  },
]

/** Lines longer than this are data, not a summary. */
const MAX_LINE = 2000
/** Summaries stand at the end. */
const MAX_TEXT = 200_000

/** Numbers of tests, where the output says them; undefined where it does not. */
export function testCounts(output: string): TestCounts | undefined {
  const text = readable(output)
  const summary = SUMMARIES.find(({ when }) => when.test(text))
  if (summary === undefined) return undefined
  const counts: TestCounts = {}
  for (const [name, pattern] of summary.numbers) {
    const value = count(text, pattern)
    if (value !== undefined) counts[name] = value
  }
  return Object.keys(counts).length === 0 ? undefined : counts
}

/** Sum of all matches of a global pattern, or the number in the first match; matches without a number count as one each. */
function count(text: string, pattern: RegExp): number | undefined {
  if (!pattern.global) {
    const found = pattern.exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const found = [...text.matchAll(pattern)]
  return found.length === 0
    ? undefined
    : found.reduce((sum, match) => sum + (match[1] === undefined ? 1 : Number(match[1])), 0)
}

const ERROR =
  /(^|[^\w-])(error|fail(ed|ure)?|exception|panic(ked)?|traceback|assert\w*|not ok)\b|^\s*(E {2,}|✗|×|✖|FAIL)/i
const NOT_AN_ERROR = /\b(0|no) (errors?|fail(ed|ures?|ing)?)\b|^(#|ℹ) fail 0/i

/** How an exception that nobody caught begins. */
const EXCEPTION =
  /^(?:Uncaught |Caused by: |Exception in thread "[^"]*" )?[\w.$]*(?:Error|Exception)(?: \[\w+\])?(?::|$)/

/** The first line that looks like an error and is no line of code that is shown with one; else the last line there is. */
export function firstError(output: string): string | undefined {
  const lines = readable(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const isError = (line: string) => EXCEPTION.test(line) || (ERROR.test(line) && !NOT_AN_ERROR.test(line))
  const isCode = (index: number) =>
    /^[~^]+$/.test(lines[index + 1] ?? '') || /^File ".*", line \d+/.test(lines[index - 1] ?? '')
  return lines.find((line, index) => isError(line) && !isCode(index) && !/^Traceback\b/.test(line)) ?? lines.at(-1)
}

function readable(output: string): string {
  return withoutTerminalCommands(output.slice(-MAX_TEXT))
    .split('\n')
    .map((line) => line.slice(0, MAX_LINE).trimEnd())
    .join('\n')
}
