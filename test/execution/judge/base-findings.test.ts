import { expect, test } from 'vitest'
import { baseFindings } from '../../../src/execution/judge/base-findings.ts'
import type { Baseline } from '../../../src/execution/judge/baseline.ts'
import { missingLines } from '../../../src/execution/judge/missing-here.ts'

type Run = Baseline['checks'][number]['runs'][number]

const BESIDE = {
  name: 'app',
  commands: [],
  wanted: [],
  ignored: ['.env', 'generated.js', 'config/local.json', 'dist/'],
}

/** What a test check says that ran twice like this. */
function told(run: Partial<Run> & { readonly output?: string }, more: { readonly wanted?: readonly string[] } = {}) {
  const { output = '', ...rest } = run
  const missing = missingLines(output)
  const runs: Run[] = Array.from({ length: 2 }, () => ({
    status: 'failed',
    ...(missing.length > 0 && { missing: [...missing] }),
    ...rest,
  }))
  const command = ['npm', 'test']
  const commands = [{ kind: 'test' as const, argv: command, source: 'test' }]
  const found = baseFindings(
    { checks: [{ command, runs }], left: [], stamped: [] },
    { ...BESIDE, commands, wanted: [], ...more },
  )
  return found.map(({ level, message }) => `${level}: ${message}`).join('\n')
}

test.each([
  ["Error: ENOENT: no such file or directory, open '/w/api/.env'", '.env'],
  ["FileNotFoundError: [Errno 2] No such file or directory: 'config/local.json'", 'config/local.json'],
  [
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/w/api/generated.js' imported from /w/api/a.test.js",
    'generated.js',
  ],
  ['panic: open .env: no such file or directory', '.env'],
  ['Errno::ENOENT: No such file or directory @ rb_sysopen - config/local.json', 'config/local.json'],
  ['java.nio.file.NoSuchFileException: dist/app.js', 'dist/'],
  ['cat: .env: No such file or directory', '.env'],
])('a file that only the working copy has stops a run and is named: %s', (output, path) => {
  // Also where other tests are green: theirs alone would not be held against the work.
  expect(told({ output, failed: ['a'], green: ['b'] })).toMatch(/^stop: npm test needs .*\.worktreeinclude/)
  expect(told({ output })).toContain(`needs ${path}, which git ignores`)
})

test.each([
  ['sh: 1: tsx: not found', /^stop: .*tsx: not found/],
  ['bash: line 1: shellcheck: command not found', /^stop: .*shellcheck/],
  ['getaddrinfo ENOTFOUND registry.example', /^stop: .*ENOTFOUND/],
  ['curl: (6) Could not resolve host: example.invalid', /^stop: .*resolve host/],
  ['dial tcp: lookup db: no such host', /^stop: .*no such host/],
  ['fatal error: config.h: No such file or directory', /^stop: .*config\.h/],
])('a missing tool, file or network stops a run with what is missing: %s', (output, why) => {
  expect(told({ output, firstError: output })).toMatch(why)
})

test('where nothing is green, nothing can be proven, unless the task is to make it green or to bring the first tests', () => {
  const red = { failed: ['adds'], firstError: 'AssertionError: 1 !== 2' }
  expect(told(red)).toMatch(/stop: Nothing of npm test is green on the base, so work cannot be proven here/)
  expect(told(red, { wanted: ['adds'] })).toMatch(
    /^note: npm test is red before the work and will not be held against it: adds$/,
  )
  expect(told({ ...red, green: ['other'] })).toMatch(/^note: .*will not be held against it: adds$/)
  expect(told({ firstError: 'No test ran.' })).toMatch(/^note: npm test: no test ran on the base/)
  expect(told({ status: 'passed' })).toBe('ok: npm test: green on the base.')
  expect(told({ status: 'timed_out', firstError: 'ended after 3600 s' })).toMatch(
    /^stop: npm test does not end on the base/,
  )
})
