import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkIntegrity } from '../../src/store/backup.ts'
import { names, useTemporary } from './temporary.ts'

/** How often a writer is killed; more in a soak. */
const ROUNDS = Number(process.env['SPEKI_SOAK'] ?? 20)
const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url))
const temporary = useTemporary()

interface Writer {
  readonly child: ChildProcess
  /** Resolves when it has acknowledged its first row, or is gone. */
  readonly atWork: Promise<void>
  /** Resolves when the process is gone, with the number of rows it acknowledged. */
  readonly acknowledged: Promise<number>
}

function startWriter(file: string, name: string): Writer {
  const child = spawn(process.execPath, [WRITER, file, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const first = Promise.withResolvers<void>()
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    first.resolve()
  })
  const closed = new Promise((done) => child.once('close', done))
  child.once('close', () => first.resolve())
  // A line that was cut off was not said.
  return { child, atWork: first.promise, acknowledged: closed.then(() => text.split('\n').length - 1) }
}

const pause = async (ms: number) => await new Promise((done) => setTimeout(done, Math.random() * ms))

test('a writer that is killed loses nothing it acknowledged, and damages nothing', {
  timeout: ROUNDS * 15_000,
}, async () => {
  const file = join(temporary.folder(), 'speki.db')
  const said = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const [left, right] = [startWriter(file, `${round}left`), startWriter(file, `${round}right`)]
    // One is killed at work, the other at any moment: while it starts, opens, or makes the file.
    await Promise.all([
      left.atWork.then(async () => await pause(200)).then(() => left.child.kill('SIGKILL')),
      pause(600).then(() => right.child.kill('SIGKILL')),
    ])
    said.set(`${round}left`, await left.acknowledged)
    said.set(`${round}right`, await right.acknowledged)

    expect(await checkIntegrity(file)).toBeUndefined()
  }

  const there = new Set(await names(await temporary.open({ file })))
  const lost = [...said].flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => `${name}-${index + 1}`).filter((row) => !there.has(row)),
  )
  const total = [...said.values()].reduce((sum, count) => sum + count, 0)
  expect(lost).toEqual([])
  expect(total).toBeGreaterThanOrEqual(ROUNDS)
})
