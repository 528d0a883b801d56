import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { CheckCommand } from '../../schemas/repository.ts'
import { runChecks } from '../../src/validation/run-checks.ts'
import { temporaryFolder } from '../mcp/connect.ts'

const limits = { timeoutMs: 20_000, maxOutputBytes: 100_000 }

/** A check that runs this JavaScript. */
function script(kind: CheckCommand['kind'], source: string): CheckCommand {
  return { kind, argv: [process.execPath, '-e', source], source: 'test' }
}

async function run(
  commands: CheckCommand[],
  options: Partial<typeof limits> = {},
  signal = AbortSignal.timeout(600_000),
) {
  const worktree = await temporaryFolder()
  return {
    worktree,
    results: await runChecks({ worktree, subpath: '.', commands, ...limits, ...options }, () => {}, signal),
  }
}

test('runs cheap kinds first, and goes on after a red one', async () => {
  const { results } = await run([
    script('test', 'console.log("ok")'),
    script('lint', 'console.error("Error: bad"); process.exit(3)'),
  ])
  expect(results).toMatchObject([
    { kind: 'lint', status: 'failed', exitCode: 3, firstError: 'Error: bad' },
    { kind: 'test', status: 'passed', exitCode: 0, outputTail: 'ok\n', outputBytes: 3 },
  ])
})

test('no shell reads the arguments', async () => {
  const { worktree, results } = await run([
    {
      kind: 'test',
      argv: [process.execPath, '-e', 'console.log(process.argv[1])', '$(touch pwned); `touch pwned` && touch pwned'],
      source: 'test',
    },
  ])
  expect(results[0]?.outputTail).toBe('$(touch pwned); `touch pwned` && touch pwned\n')
  expect(existsSync(join(worktree, 'pwned'))).toBe(false)
})

test('a program that is not there did not start', async () => {
  const { results } = await run([{ kind: 'test', argv: ['no-such-program-anywhere'], source: 'test' }])
  expect(results).toMatchObject([
    { status: 'not_started', firstError: expect.stringContaining('could not be started') },
  ])
})

test.skipIf(process.platform === 'win32')('a time-out ends it and everything it started', async () => {
  const folder = await temporaryFolder()
  const proof = join(folder, 'alive')
  const grandchild = `setTimeout(() => require('node:fs').writeFileSync(${JSON.stringify(proof)}, ''), 1500)`
  const { results } = await run(
    [
      script(
        'test',
        `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'ignore' }); setInterval(() => {}, 1000)`,
      ),
    ],
    { timeoutMs: 500 },
  )
  await sleep(2000)

  expect(results).toMatchObject([{ status: 'timed_out', firstError: 'ended after 0.5 s' }])
  expect(existsSync(proof)).toBe(false)
})

test.skipIf(process.platform === 'win32')('what a green check left running is ended too', async () => {
  const folder = await temporaryFolder()
  const proof = join(folder, 'alive')
  const grandchild = `setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(proof)}, 'x'), 20)`
  const { results } = await run([
    script(
      'test',
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'ignore' }).unref()`,
    ),
  ])
  const size = existsSync(proof) ? readFileSync(proof).length : 0
  await sleep(500)

  expect(results).toMatchObject([{ status: 'passed' }])
  expect(existsSync(proof) ? readFileSync(proof).length : 0).toBe(size)
})

test.skipIf(process.platform === 'win32')(
  'a left-over that holds the output open does not keep a green check waiting',
  async () => {
    const { results } = await run([
      script(
        'test',
        `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref()`,
      ),
    ])
    expect(results).toMatchObject([{ status: 'passed' }])
    expect(results[0]?.durationMs).toBeLessThan(10_000)
  },
)

test('a worktree may be reached through a link', async () => {
  const folder = await temporaryFolder()
  mkdirSync(join(folder, 'real/sub'), { recursive: true })
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  for (const subpath of ['.', 'sub']) {
    const run = { worktree: join(folder, 'link'), subpath, commands: [script('test', '')], ...limits }
    expect(await runChecks(run, () => {}, AbortSignal.timeout(600_000))).toMatchObject([{ status: 'passed' }])
  }
})

test('a sub-folder that is a link out of the worktree is refused', async () => {
  const worktree = await temporaryFolder()
  symlinkSync('/', join(worktree, 'out'))
  const commands = [script('test', '')]
  await expect(
    runChecks({ worktree, subpath: 'out', commands, ...limits }, () => {}, AbortSignal.timeout(600_000)),
  ).rejects.toThrow(/leaves the repository/)
})

test('cancelling ends the check at once', async () => {
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 300)
  // The check would never end by itself.
  await expect(run([script('test', 'setInterval(() => {}, 1000)')], {}, abort.signal)).rejects.toThrow()
})

/** Sets variables of this process for one test; undefined takes one away. */
function inEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]))
  const set = (values: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
  set(variables)
  onTestFinished(() => set(before))
}

test('a check finds the colour, terminal, locale and width of the shell, and nothing that the person has not', async () => {
  const named = [
    'CI',
    'NO_COLOR',
    'FORCE_COLOR',
    'TERM',
    'COLORTERM',
    'COLUMNS',
    'LANG',
    'LC_CTYPE',
    'SHELL',
    'PYENV_ROOT',
  ]
  const print = script(
    'test',
    `console.log(${JSON.stringify(named)}.map((name) => process.env[name] ?? '-').join(' '))`,
  )
  inEnvironment(Object.fromEntries(named.map((name) => [name, undefined])))
  expect((await run([print])).results[0]?.outputTail).toBe('- - - - - - - - - -\n')
  inEnvironment({
    FORCE_COLOR: '1',
    TERM: 'xterm',
    COLUMNS: '132',
    LANG: 'de_DE.UTF-8',
    LC_CTYPE: 'C',
    SSH_AUTH_SOCK: '/agent',
  })
  const { results } = await run([
    print,
    script('build', 'console.log(process.env.SSH_AUTH_SOCK, "\\x1b[31mred\\x1b[39m")'),
  ])
  // The agent of ssh is for our own fetch and push alone; colours are taken out of what is kept.
  expect(results.map(({ outputTail }) => outputTail)).toEqual([
    'undefined red\n',
    '- - 1 xterm - 132 de_DE.UTF-8 C - -\n',
  ])
})

test('secrets of the environment are not inherited, and secrets that are printed are not kept', async () => {
  inEnvironment({ SPEKI_TEST_CANARY: 'canary-value' })
  const { results } = await run([
    script(
      'test',
      'console.log(process.env.SPEKI_TEST_CANARY, "ghp_0123456789abcdefghijABCDEFGHIJ", "https://user:hunter22@example.invalid")',
    ),
  ])
  const output = results[0]?.outputTail ?? ''
  expect(output).toMatch(/^undefined /)
  expect(output).not.toMatch(/ghp_0123|hunter22/)
})

test('endless output is bounded in memory and counted whole', async () => {
  const { results } = await run(
    [script('test', 'process.stdout.write("x".repeat(3_000_000) + "\\nTests  1 failed | 2 passed (3)\\n")')],
    { maxOutputBytes: 10_000 },
  )
  expect(results[0]?.outputBytes).toBe(3_000_032)
  expect(results[0]?.outputTail.length).toBeLessThanOrEqual(8000)
  expect(results[0]?.counts).toEqual({ passed: 2, failed: 1 })
})

test('runs in the sub-folder of a monorepo package', async () => {
  const worktree = await temporaryFolder()
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(worktree, 'packages', 'api'), { recursive: true })
  writeFileSync(join(worktree, 'packages', 'api', 'here.txt'), '')
  const results = await runChecks(
    {
      worktree,
      subpath: 'packages/api',
      commands: [script('test', 'require("node:fs").statSync("here.txt")')],
      ...limits,
    },
    () => {},
    AbortSignal.timeout(600_000),
  )
  expect(results[0]?.status).toBe('passed')
})

test('a value that a check was handed by name stands nowhere in what is kept of its output', async () => {
  const worktree = await temporaryFolder()
  const value = 'plain words 4711 of nobody'
  const print =
    'const v = process.env.HANDED; console.log(v, Buffer.from(v).toString("base64"), encodeURIComponent(v)); console.error("Error: " + v); process.exit(1)'
  const [result] = await runChecks(
    { worktree, subpath: '.', commands: [script('lint', print)], environment: { HANDED: value }, ...limits },
    () => {},
    AbortSignal.timeout(600_000),
  )
  expect(result?.firstError).toBe('Error: [redacted]')
  const kept = JSON.stringify(result)
  const forms = [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)]
  expect(forms.filter((form) => kept.includes(form))).toEqual([])
})
