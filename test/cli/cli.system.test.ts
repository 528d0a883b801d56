import { execFile } from 'node:child_process'
import { appendFileSync, chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { operations } from '../../src/operations/index.ts'
import { CLI, temporaryFolder } from '../mcp/connect.ts'
import { BODY, makeRepository } from '../mcp/workspace.ts'

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder()
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function speki(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { env: { ...process.env, SPEKI_HOME: join(folder, 'home'), SPEKI_USER: 'tester' }, cwd: folder },
      (error, stdout, stderr) => done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await speki(...args, '--json')
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
  return JSON.parse(stdout)
}

test('every tool is a command', async () => {
  for (const noun of new Set(operations.map((tool) => tool.name.split('_', 1)[0] ?? ''))) {
    const { stdout } = await speki(...(noun === 'speki' ? [] : [noun]), '--help')
    // What is asked of a run is a command each.
    for (const tool of operations.filter((entry) => entry.name.startsWith(`${noun}_`)))
      expect(stdout).toContain(tool.name === 'run_control' ? '  pause ' : `  ${tool.name.slice(noun.length + 1)} `)
  }
})

describe('a person', () => {
  test('goes through the lifecycle by hand, with tables to read', async () => {
    const api = makeRepository(folder, 'api')
    makeRepository(folder, 'web', { dependencies: { api: '1' } })
    writeFileSync(join(folder, 'orders.md'), BODY)
    await json('repository', 'register', api)
    // As people write it, from where they are.
    await json('repository', 'register', '--path', 'web')
    const { id } = await json<{ id: string }>(
      'prd',
      'create',
      'Orders',
      '--body',
      '@orders.md',
      '--repositories',
      'api',
      '--repositories',
      'web',
    )
    const draft = await json('plan', 'draft', id)
    writeFileSync(join(folder, 'tasks.json'), JSON.stringify(draft['tasks']))
    await json('plan', 'submit', id, '--base-revision', '1', '--tasks', '@tasks.json')
    const table = await speki('task', 'list')
    const claim = await json<{ lease: { token: string }; task: { id: string; repository: string } }>('task', 'claim')
    appendFileSync(join(folder, claim.task.repository, 'index.js'), 'export const orders = []\n')
    await json('task', 'validate', claim.task.id, '--lease-token', claim.lease.token)
    writeFileSync(
      join(folder, 'evidence.json'),
      JSON.stringify({ summary: 'done by hand', criteria: [{ criterion: 1, met: true, how: 'check.js' }] }),
    )
    await json('task', 'complete', claim.task.id, '--lease-token', claim.lease.token, '--evidence', '@evidence.json')
    const status = await speki('status')

    expect(table.stdout).toMatch(/^total\s+2$/m)
    expect(table.stdout).toMatch(/^ID\s+TITLE\s+REPOSITORY/m)
    expect(status.stdout).toMatch(/tasks\s+1\/2 done, 1 ready/)
  })

  test('overrides the gate with a reason, which stays', async () => {
    const api = makeRepository(folder, 'api')
    await json('repository', 'register', api)
    await json('task', 'create', 'Write a page', '--repository', 'api')
    const without = await speki('task', 'override', 'TASK-1')
    await json('task', 'override', 'TASK-1', '--reason', 'only words changed')
    const { evidence } = await json('task', 'get', 'TASK-1')

    expect(without.code).toBe(2)
    expect(evidence).toMatchObject({ override: 'only words changed', by: 'tester' })
  })

  test('sets and unsets check commands, which the shell reads only where they need one', async () => {
    const api = makeRepository(folder, 'api')
    await json('repository', 'register', api)
    const set = await json('repository', 'commands', 'api', '--test', 'node check.js "a b" $(id)')
    const unset = await json('repository', 'commands', 'api', '--test', 'none')

    expect(set['checks']).toEqual([
      { kind: 'test', command: expect.stringMatching(/^sh -c node check.js .*\$\(id\)/), source: 'person' },
    ])
    expect(unset['checks']).toEqual([{ kind: 'test', command: 'npm run test', source: 'package.json scripts.test' }])
  })

  test('approves, releases, settles', async () => {
    const api = makeRepository(folder, 'api')
    await json('repository', 'register', api)
    await json('prd', 'create', 'X', '--body', BODY, '--repositories', 'api')
    await json('task', 'create', 'X', '--repository', 'api')
    await json('task', 'claim')
    await json('knowledge', 'add', 'Mind the gap', '--category', 'gotchas', '--kind', 'blocking')

    expect(await json('approve', 'PRD-1')).toMatchObject({ state: 'approved' })
    expect(await json('task', 'release', 'TASK-1', '--reason', 'went home')).toMatchObject({ status: 'todo' })
    expect(await json('knowledge', 'settle', 'KNOW-1')).toMatchObject({ settled: true })
    expect(await json('activity', 'list', '--subject', 'TASK-1')).toMatchObject({
      events: [
        { type: 'task.released', actor: 'tester', actor_kind: 'person' },
        { type: 'task.claimed' },
        { type: 'task.created' },
      ],
    })
  })
})

describe('exit codes', () => {
  test.each([
    [3, ['task', 'get', 'TASK-9'], /There is no TASK-9/],
    [2, ['task', 'get', 'nonsense'], /TASK-12/],
    [2, ['nonsense'], /unknown command/],
    [2, ['prd', 'create', 'x'], /either body or template/],
    [2, ['mcp', '--toolsets', 'magic'], /Unknown toolset "magic"/],
    [2, ['mcp', '--nonsense'], /Usage: speki mcp/],
    [5, ['restore', 'nonsense.txt'], /no whole database|not a database|no database/],
    [3, ['restore', 'nowhere.db'], /no file/],
  ])('%i for %j', async (code, args, message) => {
    writeFileSync(join(folder, 'nonsense.txt'), 'not a database at all, whatever it says')
    const outcome = await speki(...args)
    expect(outcome.stderr).toMatch(message)
    expect(outcome.code).toBe(code)
    expect(outcome.stdout).toBe('')
  })
})

test('backup, restore and undo of a restore', async () => {
  await json('prd', 'create', 'First', '--template')
  await json('backup', 'one.db')
  await json('prd', 'create', 'Second', '--template')
  const again = await speki('backup', 'one.db')
  const { kept } = await json<{ kept: string }>('restore', 'one.db')
  const restored = await json('prd', 'list')
  await json('restore', kept)
  const undone = await json('prd', 'list')

  expect(again.code).toBe(4)
  expect(restored['total']).toBe(1)
  expect(undone['total']).toBe(2)
  if (process.platform !== 'win32') expect(statSync(join(folder, 'home', 'speki.db')).mode & 0o777).toBe(0o600)
})

test('doctor finds a whole workspace healthy, and a tampered or open one not', async () => {
  await json('prd', 'create', 'First', '--template')
  const healthy = await json('doctor')
  const file = join(folder, 'home', 'speki.db')
  chmodSync(file, 0o644)
  const open = await json('doctor')

  expect(healthy['healthy']).toBe(true)
  if (process.platform !== 'win32')
    expect(open['findings']).toContainEqual({
      subject: 'permissions',
      state: 'warning',
      detail: expect.stringContaining('chmod 600'),
    })
})

test('the demo holds', async () => {
  const before = readdirSync(folder)
  const { code, stdout } = await speki('demo')
  expect(stdout).toContain('All of it holds.')
  expect(code).toBe(0)
  expect(readdirSync(folder)).toEqual(before)
})
