import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConnectorError } from '../../connectors/connector.ts'
import { exitCodeOf } from '../../src/commands/output/exit-code.ts'
import { describeFailure } from '../../src/operations/failure.ts'
import { inRequest } from '../../src/request.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'speki-failure-'))
  writeFileSync(join(folder, 'file'), '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function thrown(work: () => Promise<unknown>): Promise<unknown> {
  return await work().then(
    () => expect.fail('it worked'),
    (error: unknown) => error,
  )
}

async function connectTo(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => connect(port, '127.0.0.1', resolve).once('error', reject))
}

async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What files and the network can bring about, each for real: what is done, words of the answer, what a shell sees. */
const WAYS: readonly [string, () => Promise<unknown>, RegExp, number][] = [
  ['nothing is there', async () => await readFile(join(folder, 'gone')), /nothing at .*gone/, 3],
  [
    'a file is in the way of a folder',
    async () => await mkdir(join(folder, 'file', 'below')),
    /no folder, or lies below a file/,
    5,
  ],
  ['a file is where a folder is made', async () => await mkdir(join(folder, 'file')), /is there already/, 5],
  ['a folder is where a file is read', async () => await readFile(folder), /folder, where a file is meant/, 5],
  ['a file is listed', async () => await readdir(join(folder, 'file')), /is no folder/, 5],
  ['a folder is not empty', async () => await rmdir(folder), /is not empty/, 5],
  ['a name is too long', async () => await writeFile(join(folder, 'x'.repeat(300)), ''), /name is too long/, 2],
  [
    'links lead in a circle',
    async () => {
      symlinkSync(join(folder, 'b'), join(folder, 'a'))
      symlinkSync(join(folder, 'a'), join(folder, 'b'))
      return await readFile(join(folder, 'a'))
    },
    /links lead in a circle/,
    5,
  ],
  ['nobody listens', async () => await connectTo(await unusedPort()), /does not answer/, 7],
  [
    'a time is over',
    async () => {
      const signal = AbortSignal.timeout(0)
      await once(signal, 'abort')
      signal.throwIfAborted()
    },
    /longer than it may/,
    7,
  ],
]

test.skipIf(process.platform === 'win32').each(WAYS)(
  '%s: told as that, not as a defect',
  async (_, bring, words, code) => {
    const error = await thrown(bring)

    expect(describeFailure(error, 'prd_export')).toMatch(words)
    expect(describeFailure(error, 'prd_export')).toMatch(/\nNext: \w/)
    expect(describeFailure(error, 'prd_export')).not.toMatch(/defect/)
    expect(exitCodeOf(error)).toBe(code)
  },
)

test.skipIf(process.platform !== 'linux')(
  'a disk that is full, and rights that are missing, are told as that',
  async () => {
    const full = await open('/dev/full', 'w')
    const error = await thrown(async () => await full.writeFile('x'))
    await full.close()

    expect(describeFailure(error, 'prd_export')).toMatch(/disk .* is full.*Next: Free some space/s)
    expect(
      describeFailure(await thrown(async () => await writeFile('/proc/self/speki', '')), 'prd_export'),
    ).not.toMatch(/defect/)
  },
)

test('an error that wraps one of the system is told as that one', async () => {
  const error = new Error('Could not read the folder', { cause: await thrown(async () => await readFile(folder)) })

  expect(describeFailure(error, 'prd_import')).toMatch(/folder, where a file is meant/)
})

test.each([
  [
    new ConnectorError('rejected', 'Reviews are missing.', { status: 405 }),
    /Reviews are missing\..*status 405/,
    /satisfy it/,
  ],
  [new ConnectorError('conflict', 'main moved.'), /main moved/, /what is there now/],
  [new ConnectorError('not_found', 'There is no branch x.', { status: 404 }), /no branch x/, /renamed, deleted/],
  [
    new ConnectorError('rate_limited', 'Too many requests.', { status: 429, retryAfterMs: 61_500 }),
    /Too many/,
    /in 62 s/,
  ],
  [new ConnectorError('unavailable', 'No answer.'), /may have been carried out/, /can be reached/],
  [
    new ConnectorError('unavailable', 'Locked.', { mayHaveHappened: false }),
    /Locked\.(?!.*carried out)/,
    /can be reached/,
  ],
])('a platform that says %s is told as that', (error, message, next) => {
  const told = describeFailure(error, 'changeset_deliver')

  expect(told).toMatch(message)
  expect(told.split('Next:')[1]).toMatch(next)
  expect(told).not.toMatch(/defect/)
})

test('a defect stays one, under the id of its request; a word like a code of the system does not hide it', async () => {
  const defect = Object.assign(new TypeError('x is not a function'), { code: 'ENOENT' })
  const error = await thrown(
    async () =>
      await inRequest({ id: 'r-1', operation: 'prd_get', actor: 'a' }, async () => await Promise.reject(defect)),
  )

  expect(describeFailure(error, 'prd_get')).toMatch(/failed by a defect of SPEKI \(report r-1\)/)
  expect(exitCodeOf(error)).toBe(1)
})
