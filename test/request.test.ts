import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { childEnvironment } from '../src/config.ts'
import { inRequest } from '../src/request.ts'

const CLI = resolve(import.meta.dirname, '../bin/speki.js')
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'speki-request-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))

async function speki(env: Record<string, string>, ...args: readonly string[]) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    env: { ...process.env, SPEKI_HOME: home, ...env },
  })
  const lines = stderr.split('\n').filter((line) => line !== '')
  return { stdout, lines: lines.map((line): Record<string, unknown> => JSON.parse(line)) }
}

test('with SPEKI_LOG=debug one line a call and its transactions carry one id and the id of who started it, on stderr alone', async () => {
  const { stdout, lines } = await speki(
    { SPEKI_LOG: 'debug', SPEKI_REQUEST_ID: 'parent-1' },
    'prd',
    'create',
    'First',
    '--template',
    '--json',
  )
  const operations = lines.filter(({ operation }) => operation === 'prd_create')
  const [operation, ...more] = operations.filter(({ event }) => /^operation(\.slow)?$/.test(String(event)))

  expect(JSON.parse(stdout)).toMatchObject({ id: 'PRD-1' })
  expect(more).toEqual([])
  expect(operation).toMatchObject({ ms: expect.any(Number), actor: expect.any(String), started_by: 'parent-1' })
  expect(operations.map(({ event }) => event)).toContainEqual(expect.stringMatching(/^transaction\.write/))
  expect(new Set(operations.map(({ request }) => request))).toEqual(new Set([operation?.['request']]))
})

test('what takes longer than SPEKI_SLOW_MS is named with its duration whatever the level, and nothing else is printed', async () => {
  const slow = await speki({ SPEKI_SLOW_MS: '0' }, 'prd', 'create', 'First', '--template', '--json')
  const quiet = await speki({ SPEKI_SLOW_MS: '600000' }, 'prd', 'create', 'Second', '--template', '--json')

  expect(slow.lines.map(({ event }) => event)).toContain('operation.slow')
  expect(slow.lines.map(({ event }) => event)).toContain('transaction.write.slow')
  expect(quiet.lines).toEqual([])
})

test('child processes get the id of the request in their environment', async () => {
  await inRequest({ id: 'r-7', operation: 'run_start', actor: 'a' }, async () => {
    expect(childEnvironment()['SPEKI_REQUEST_ID']).toBe('r-7')
  })
})

test('doctor shows versions, room, sizes, the event log, and who holds what until when', async () => {
  await speki({}, 'prd', 'create', 'First', '--template', '--json')
  const { stdout } = await speki({}, 'doctor', '--json')
  const { findings } = JSON.parse(stdout) as { findings: { subject: string; detail: string }[] }
  const detailOf = (subject: string) => findings.find((finding) => finding.subject === subject)?.detail

  expect(detailOf('speki')).toMatch(/^\d+\./)
  expect(detailOf('engine')).toMatch(/^SQLite \d+\.\d+.*, schema \d{4}-/)
  expect(detailOf('disk')).toMatch(/iB/)
  expect(detailOf('database size')).toMatch(/iB, log /)
  expect(detailOf('indexes')).toMatch(/largest: /)
  expect(detailOf('events')).toMatch(/^[1-9]\d* in the log/)
  expect(detailOf('leases')).toBe('none')
  expect(detailOf('workers')).toBe('none')
})
