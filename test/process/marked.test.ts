import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { endMarked, findMarked } from '../../src/process/marked.ts'
import { MARKER, nestMark } from '../../src/process/process-list.ts'
import { type MarkedCommand, runMarked, startMarked } from '../../src/process/run-marked.ts'

const TREE = fileURLToPath(new URL('./tree-process.ts', import.meta.url))
const LIMITS = { wallMs: 100_000, stallMs: 100_000, lineBytes: 1000, totalBytes: 100_000 }
/** Nobody else's, however many of these tests run at once. */
let count = 0
const newMark = () => `test-${process.pid}-${++count}`
const node = (script: string, more: Partial<MarkedCommand> = {}): MarkedCommand => ({
  file: process.execPath,
  args: ['--eval', script],
  folder: tmpdir(),
  environment: {},
  mark: newMark(),
  limits: LIMITS,
  input: undefined,
  ...more,
})
const never = new AbortController().signal

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'marked-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return join(folder, 'written')
}

/** A zombie that nobody has collected yet is dead. */
const alive = (pid: number) => /^[^Z\s]/m.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout.toString())

/** Whether nothing is written any more. */
async function isStill(file: string): Promise<boolean> {
  const size = existsSync(file) ? statSync(file).size : 0
  await pause(150)
  return (existsSync(file) ? statSync(file).size : 0) === size
}

const writers = (file: string) => [...new Set(readFileSync(file, 'utf8').trim().split('\n').map(Number))]

test.each(['stay', 'leave'])(
  'a tree whose parents %s is found and ended, and writes nothing afterwards',
  async (mode) => {
    const file = temporaryFile()
    const mark = newMark()
    const lines: string[] = []
    const started = Promise.withResolvers<void>()
    const { end } = startMarked(
      node('', { args: [TREE, file, '3', mode], mark }),
      (line) => {
        lines.push(line)
        started.resolve()
      },
      never,
    )
    await started.promise
    const found = await findMarked(mark)
    await endMarked(mark)

    expect(lines).toEqual(['ready'])
    expect(found.length).toBeGreaterThanOrEqual(mode === 'stay' ? 4 : 1)
    expect(await findMarked(mark)).toEqual([])
    expect(await isStill(file)).toBe(true)
    expect(writers(file).filter(alive)).toEqual([])
    await end
  },
)

test('what dropped its environment is found as a child of what has the mark', async () => {
  const file = temporaryFile()
  const mark = newMark()
  const started = Promise.withResolvers<void>()
  const { end } = startMarked(node('', { args: [TREE, file, '2', 'bare'], mark }), () => started.resolve(), never)
  await started.promise

  expect(await endMarked(mark)).toBe(3)
  expect(await isStill(file)).toBe(true)
  await end
})

test('what was seen once stays found when it loses mark and parent', async () => {
  const file = temporaryFile()
  const mark = newMark()
  const orphan = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(TREE)}, ${JSON.stringify(file)}, '0'],
    { detached: true, stdio: 'ignore', env: {} }).unref(); setTimeout(() => process.exit(0), 2500)`
  const { ended } = await runMarked(node(orphan, { mark }), () => {}, never)

  expect(ended).toBe(1)
  expect(await isStill(file)).toBe(true)
  expect(writers(file).filter(alive)).toEqual([])
})

test('others are never touched: no mark, another mark, a mark that begins alike, this process itself', async () => {
  const mark = newMark()
  const start = (env: Record<string, string>) => {
    const child = spawn(process.execPath, ['--eval', 'console.log(1); setInterval(() => {}, 1000)'], { env })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }
  const others = [{}, { [MARKER]: newMark() }, { [MARKER]: `${mark}0` }, { OTHER: mark }].map(start)
  const nested = start({ [MARKER]: nestMark(mark, 'inner') })
  await Promise.all([...others, nested].map((child) => once(child.stdout, 'data')))
  const closed = once(nested, 'close')

  expect(await findMarked(mark)).toEqual([nested.pid])
  expect(await endMarked(mark)).toBe(1)
  await closed
  expect(others.map(({ pid }) => pid !== undefined && alive(pid))).toEqual([true, true, true, true])
  expect(await endMarked('nobody-has-this')).toBe(0)
})

test('a line of stdout is not broken by what arrives on stderr, and an unfinished one comes too', async () => {
  const script = `const { writeSync } = require('node:fs'); const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
    writeSync(1, 'test adds ... '); wait(); writeSync(2, 'noise\\nhalf'); wait(); writeSync(1, 'ok\\n'); wait(); writeSync(1, 'end')`
  const output: Buffer[] = []
  await runMarked(node(script, { onOutput: (chunk) => void output.push(chunk) }), () => {}, never)
  expect(Buffer.concat(output).toString()).toBe('noise\ntest adds ... ok\nendhalf')
})

test('a program runs to its end: lines, exit code, stderr, input, a small environment with the mark', async () => {
  process.env['SECRET_OF_THE_TEST'] = 'hidden'
  onTestFinished(() => void delete process.env['SECRET_OF_THE_TEST'])
  const lines: string[] = []
  const script = `process.stdin.on('data', (data) => { console.log('got ' + data); console.error('odd');
    console.log(process.env.SECRET_OF_THE_TEST + ' ' + process.env.GIVEN + ' ' + process.env.${MARKER}); process.exitCode = 3 })`
  const command = node(script, { input: 'two\nlines', environment: { GIVEN: 'yes' } })
  const end = await runMarked(command, (line) => void lines.push(line), never)

  expect(lines).toEqual(['got two', 'lines', `undefined yes ${command.mark}`])
  expect(end).toMatchObject({ reason: 'exited', exitCode: 3, signal: undefined, stderr: 'odd\n', ended: 0 })
})

test('a missing program is said, not thrown', async () => {
  const end = await runMarked(node('', { file: 'no-such-program-anywhere' }), () => {}, never)

  expect(end).toMatchObject({ reason: 'not_started', exitCode: undefined, ended: 0 })
  expect(end.stderr).toMatch(/ENOENT/)
})

test.each([
  ['timeout', 'setInterval(() => console.log(1), 20)', { wallMs: 400 }],
  ['stalled', 'console.log(1); setInterval(() => {}, 20)', { stallMs: 400 }],
  ['flooded', 'setInterval(() => console.log("x".repeat(50000)), 5)', {}],
])('%s ends it', async (reason, script, limits) => {
  const command = node(script, { limits: { ...LIMITS, ...limits } })
  const end = await runMarked(command, () => {}, never)

  expect(end).toMatchObject({ reason, exitCode: undefined, signal: 'SIGKILL' })
  expect(await findMarked(command.mark)).toEqual([])
})

test('cancelled before the start and while it runs', async () => {
  const running = node('setInterval(() => {}, 20)')
  const [before, after] = await Promise.all([
    runMarked(node('setInterval(() => {}, 20)'), () => {}, AbortSignal.abort()),
    runMarked(running, () => {}, AbortSignal.timeout(300)),
  ])

  expect([before.reason, after.reason]).toEqual(['cancelled', 'cancelled'])
  expect(await findMarked(running.mark)).toEqual([])
})

test('a line is kept up to its limit, the ones around it whole; the last needs no end', async () => {
  const lines: [number, boolean][] = []
  const script = `process.stdout.write('a\\n' + 'é'.repeat(5000) + '\\n\\nb')`
  await runMarked(node(script), (line, cut) => void lines.push([line.length, cut]), never)

  expect(lines).toEqual([
    [1, false],
    [500, true],
    [1, false],
  ])
})
