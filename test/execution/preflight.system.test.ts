import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { type Agent, CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'

interface Looked {
  readonly started: boolean
  readonly tasks: number
  readonly preflight: { readonly level: 'ok' | 'note' | 'stop'; readonly subject: string; readonly message: string }[]
}

const AGENT = { agent: 'command', command: [process.execPath, '--version'] }

/** All that a start looks at, of one that does not begin for want of its agent. */
const measure = async (agent: Agent, tasks: readonly string[]) =>
  await agent.ok<Looked>('run_start', { tasks, agent: 'command', command: ['speki-has-no-such-agent'] })

const look = async (agent: Agent, tasks: readonly string[], more: Record<string, unknown> = {}) =>
  await agent.ok<Looked>('run_start', { tasks, ...AGENT, dry_run: true, ...more })

const lines = ({ preflight }: Looked, subject: string) =>
  preflight.filter((line) => line.subject === subject).map(({ level, message }) => `${level}: ${message}`)

test('what is well is said to be, and only looking begins nothing', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const root = makeRepository(folder, 'api')
  git(folder, 'clone', '--quiet', '--bare', root, 'api.git')
  git(root, 'remote', 'add', 'origin', join(folder, 'api.git'))
  appendFileSync(join(root, 'index.js'), '// not committed\n')
  await agent.ok('repository_register', { path: root })
  const before = git(root, 'for-each-ref') + git(root, 'status', '--porcelain')
  const task = await makeTask(agent, 'api', 'Change api')
  const looked = await look(agent, [task])

  expect([looked.started, looked.tasks]).toEqual([false, 1])
  expect(looked.preflight.filter(({ level }) => level === 'stop')).toEqual([])
  expect(lines(looked, 'api')).toEqual([
    // What may need a hand stands before what is well.
    expect.stringMatching(/^note: 1 uncommitted change is in the working copy: not part of the run/),
    expect.stringMatching(/^note: Not measured at \w{10} yet: a start would run npm run test there twice/),
    expect.stringMatching(/^ok: Work begins at \w{10} of main/),
    'ok: Its remote answers.',
  ])
  expect(lines(await measure(agent, [task]), 'api')).toContain('ok: npm run test: green on the base.')
  // What was measured is known to the next look.
  expect(lines(await look(agent, [task]), 'api')).toContain('ok: npm run test: green on the base.')
  expect(git(root, 'for-each-ref') + git(root, 'status', '--porcelain')).toBe(before)
  expect((await agent.ok<{ runs: unknown[] }>('run_status', {})).runs).toEqual([])
})

test('everything that stops a run is told at once, each with what mends it', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const tool = makeRepository(folder, 'tool', {
    files: { 'package.json': '{"name":"tool","scripts":{"test":"speki-has-no-such-program"}}' },
  })
  const gone = makeRepository(folder, 'gone')
  git(gone, 'remote', 'add', 'origin', join(folder, 'nowhere.git'))
  mkdirSync(join(folder, 'empty'))
  git(join(folder, 'empty'), 'init', '--quiet', '--initial-branch=main')
  for (const name of ['tool', 'gone', 'empty']) await agent.ok('repository_register', { path: join(folder, name) })
  const bare = makeRepository(folder, 'bare', { files: { 'package.json': '{"name":"bare"}' } })
  rmSync(join(bare, 'check.js'))
  await agent.ok('repository_register', { path: bare })
  const tasks: string[] = []
  for (const name of ['tool', 'gone', 'empty', 'bare']) tasks.push(await makeTask(agent, name, `Change ${name}`))
  const looked = await look(agent, tasks, { command: ['speki-has-no-such-agent'] })
  const measured = await measure(agent, tasks)

  expect(looked.started).toBe(false)
  expect(lines(looked, 'command')).toEqual([expect.stringMatching(/^stop: .*speki-has-no-such-agent/)])
  expect(lines(looked, 'empty')).toEqual([
    expect.stringMatching(/^stop: There is no commit on main .*commit something/),
  ])
  expect(lines(looked, 'gone')).toContainEqual(expect.stringMatching(/^note: Its remote does not answer/))
  expect(lines(looked, 'bare')).toContainEqual(expect.stringMatching(/^stop: No check commands are known/))
  expect(lines(measured, 'tool').join('\n')).toMatch(/cannot be started|red before the work/)
  // The same without dry_run: refused, and nothing begun.
  expect(await agent.ok('run_start', { tasks, ...AGENT })).toMatchObject({ started: false })
  expect((await agent.ok<{ runs: unknown[] }>('run_status', {})).runs).toEqual([])
  expect(git(tool, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
})

test('a git that is too old to put work together stops a run, and the doctor names it', async () => {
  const folder = await temporaryFolder()
  const old = '#!/bin/sh\ncase "$*" in *--version) echo git version 2.34.1 ;; *) exec /usr/bin/git "$@" ;; esac\n'
  writeFileSync(join(folder, 'git'), old, { mode: 0o755 })
  const env = { PATH: `${folder}:${process.env['PATH']}` }
  const db = join(folder, 'speki.db')
  const agent = await connect({ db, env })
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  const looked = await look(agent, [await makeTask(agent, 'api', 'More')])
  expect(looked.started).toBe(false)
  expect(lines(looked, 'git')).toEqual([expect.stringMatching(/^stop: git version 2\.34\.1 .*install/)])
  const doctor = await promisify(execFile)(process.execPath, [CLI, 'doctor', '--db', db], {
    env: { ...process.env, ...env },
  })
  expect(doctor.stdout).toMatch(/^git\twarning\tgit version 2\.34\.1/m)
})

test('what is red or flips before the work is known, and not held against it', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  makeRepository(folder, 'red', { files: { 'index.js': 'export const ok = false\n' } })
  const counter = join(folder, 'count')
  makeRepository(folder, 'flaky', {
    files: {
      'check.js': `import { appendFileSync, readFileSync } from 'node:fs'\nappendFileSync(${JSON.stringify(counter)}, 'x')\nif (readFileSync(${JSON.stringify(counter)}).length % 2 === 1) { console.error('Error: odd'); process.exit(1) }\n`,
    },
  })
  for (const name of ['red', 'flaky']) await agent.ok('repository_register', { path: join(folder, name) })
  const looked = await measure(agent, [
    await makeTask(agent, 'red', 'Change red'),
    await makeTask(agent, 'flaky', 'Change flaky'),
  ])

  expect(lines(looked, 'red')).toContainEqual(
    expect.stringMatching(/^note: npm run test is red before the work.*not ok/),
  )
  expect(lines(looked, 'flaky')).toContainEqual(
    expect.stringMatching(/^note: npm run test is flaky before the work.*odd/),
  )
})

test('blocked tasks wait, and a run of nothing else does not begin', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: join(folder, 'api') })
  const [free, waits] = [await makeTask(agent, 'api', 'Change api'), await makeTask(agent, 'api', 'Change api')]
  const { revision } = await agent.ok<{ revision: number }>('task_get', { task: waits })
  await agent.ok('task_update', { task: waits, revision, status: 'blocked', reason: 'Which currency?' })

  const both = await look(agent, [free, waits])
  expect(lines(both, waits)).toEqual([expect.stringMatching(/^note: It is blocked \(Which currency\?\)/)])
  expect(both.preflight.filter(({ level }) => level === 'stop')).toEqual([])
  const alone = await look(agent, [waits])
  expect(lines(alone, 'tasks')).toEqual([expect.stringMatching(/^stop: Every task is blocked/)])
})

test('a measurement is cleared when its process is dead, with what still runs in it, and never before', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const [begun, gate] = [join(folder, 'begun'), join(folder, 'go')]
  const root = makeRepository(folder, 'slow', {
    files: {
      'check.js': `import { appendFileSync, existsSync } from 'node:fs'\nappendFileSync(${JSON.stringify(begun)}, process.pid + '\\n')\nsetInterval(() => existsSync(${JSON.stringify(gate)}) && process.exit(0), 20)\n`,
    },
  })
  await agent.ok('repository_register', { path: root })
  const key = await makeTask(agent, 'slow', 'Change slow')
  const lookAround = async () => {
    const worker = spawn(process.execPath, [CLI, 'worker', '--until-idle', '--db', db], { stdio: 'ignore' })
    expect((await once(worker, 'exit'))[0]).toBe(0)
  }
  const checks = () =>
    readFileSync(begun, { encoding: 'utf8', flag: 'a+' }).trim().split('\n').filter(Boolean).map(Number)
  // A zombie that nobody has collected yet is dead.
  const isAlive = (pid: number) =>
    /^[^Z\s]/m.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout.toString())

  const args = ['run', 'start', '--tasks', key, '--agent', 'command', '--command', 'speki-has-no-such-agent']
  const killed = spawn(process.execPath, [CLI, ...args, '--db', db], { stdio: 'ignore' })
  onTestFinished(() => void killed.kill('SIGKILL'))
  await expect.poll(checks).toHaveLength(1)
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const looking = measure(agent, [key])
  await expect.poll(checks).toHaveLength(2)
  const [orphan = 0, own = 0] = checks()
  expect([isAlive(orphan), isAlive(own)]).toEqual([true, true])
  await lookAround()

  expect([isAlive(orphan), isAlive(own)]).toEqual([false, true])
  expect(readdirSync(`${db}.execution/baseline`)).toHaveLength(1)
  writeFileSync(gate, '')
  expect(lines(await looking, 'slow')).toContainEqual('ok: npm run test: green on the base.')
  expect(readdirSync(`${db}.execution/baseline`)).toEqual([])
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
})
