import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { findMarked } from '../../src/process/marked.ts'
import { openDatabase } from '../../src/store/open.ts'
import { expectTold } from '../domain/audit.ts'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { answer, scriptedAgent } from './scripted-agent.ts'

/** A share in every run; all of it by `npm run soak`. */
const SOAK = process.env['SPEKI_SOAK_KILLS'] !== undefined
const EVERY = SOAK ? 1 : 61
const ROUNDS = SOAK ? 250 : 5

interface World {
  /** Brings the folder back to where the run is queued and nothing has begun. */
  reset(): void
  readonly db: string
  readonly root: string
}

/** One repository, two tasks of which the first fails once, and a run over them that waits for a worker. */
async function world(options: { attempts: number; fallback?: string[] }): Promise<World> {
  const folder = await temporaryFolder()
  const live = join(folder, 'live')
  const root = makeRepository(live, 'api')
  const db = join(live, 'speki.db')
  const command = scriptedAgent(folder, {
    First: [
      { write: { 'index.js': 'export const ok = false\n' } },
      { append: { 'index.js': 'export const first = 1\n' }, say: answer(1) },
    ],
    Second: [{ append: { 'index.js': 'export const second = 2\n' }, say: answer(1) }],
  })
  const agent = await connect({ db })
  await agent.ok('repository_register', { path: root })
  const tasks = [await makeTask(agent, 'api', 'First')]
  tasks.push(await makeTask(agent, 'api', 'Second', { depends_on: tasks }))
  // A worker that seems to live keeps the tool from starting one.
  const sql = new DatabaseSync(db)
  sql.exec("INSERT INTO worker VALUES ('none', 'elsewhere', 1, 9999999999999, 0, NULL)")
  await agent.ok('run_start', { tasks, agent: 'command', command, deliver: 'merge', ...options })
  sql.exec('DELETE FROM worker; PRAGMA wal_checkpoint(TRUNCATE)')
  sql.close()
  await agent.close()
  cpSync(live, join(folder, 'begin'), { recursive: true, verbatimSymlinks: true })
  return {
    db,
    root,
    reset() {
      rmSync(live, { recursive: true, force: true, maxRetries: 5 })
      cpSync(join(folder, 'begin'), live, { recursive: true, verbatimSymlinks: true })
    },
  }
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  /** How long it took to clear up after workers that died, in milliseconds; empty where none had. */
  readonly recoveries: readonly number[]
}

/** A worker that goes until nothing is left to do, or its crash comes. */
function startWorker(db: string, crashAt?: string): { readonly process: ChildProcess; readonly ended: Promise<Ended> } {
  const file = pathToFileURL(resolve(import.meta.dirname, 'crash-process.ts')).href
  const preload = crashAt === undefined ? [] : ['--import', `${file}?${new URLSearchParams({ at: crashAt })}`]
  const worker = spawn(process.execPath, [...preload, CLI, 'worker', '--until-idle', '--db', db], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  worker.stderr?.on('data', (chunk) => {
    log += chunk
  })
  const ended = once(worker, 'exit').then(() => ({
    code: worker.exitCode,
    signal: worker.signalCode,
    recoveries: [...log.matchAll(/cleared up after \d+ dead workers? in (\d+) ms/g)].map(([, ms]) => Number(ms)),
  }))
  return { process: worker, ended }
}

/** Kills the agents that work right now, as the kernel does when memory is short. */
async function killAgents(db: string): Promise<void> {
  const sql = new DatabaseSync(db, { readOnly: true })
  const marks = sql.prepare("SELECT mark FROM attempt WHERE state = 'working'").all()
  sql.close()
  for (const { mark } of marks)
    for (const pid of await findMarked(String(mark))) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself meanwhile.
      }
    }
}

function tellRecoveries(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1]
  console.log(`${what}; ${sorted.length} recoveries: p95 ${p95} ms, at most ${sorted.at(-1)} ms`)
}

/** Everything that must hold once the work is over, however often it was interrupted. */
async function expectWhole({ db, root }: World, told: string): Promise<void> {
  const sql = new DatabaseSync(db, { readOnly: true })
  const all = (query: string) => sql.prepare(query).all() as Record<string, unknown>[]
  try {
    expect(all('SELECT state, reason FROM run'), told).toEqual([{ state: 'succeeded', reason: null }])
    expect(all('SELECT status, holder FROM task ORDER BY id'), told).toEqual([
      { status: 'done', holder: null },
      { status: 'done', holder: null },
    ])
    expect(all("SELECT id FROM attempt WHERE state = 'working'"), told).toEqual([])
    expect(all("SELECT task_id FROM attempt WHERE state = 'landed' ORDER BY task_id"), told).toEqual([
      { task_id: 1 },
      { task_id: 2 },
    ])
    expect(all("SELECT subject FROM event WHERE type = 'task.completed' ORDER BY subject"), told).toEqual([
      { subject: 'TASK-1' },
      { subject: 'TASK-2' },
    ])
    expect(all('SELECT state FROM change_set'), told).toEqual([{ state: 'delivered' }])
    for (const { mark } of all('SELECT mark FROM attempt')) expect(await findMarked(String(mark)), told).toEqual([])
  } finally {
    sql.close()
  }
  const database = await openDatabase({ file: db })
  await expectTold(database, told)
  await database.close()
  // Each landed once, in the branch they were delivered to.
  expect(git(root, 'log', '--format=%s', '--reverse', 'main').trim().split('\n'), told).toEqual([
    'Begin',
    'First',
    'Second',
  ])
  expect(git(root, 'show', 'main:index.js'), told).toBe(
    'export const ok = true\nexport const first = 1\nexport const second = 2\n',
  )
  expect(git(root, 'status', '--porcelain'), told).toBe('')
  expect(git(root, 'worktree', 'list').trim().split('\n'), told).toHaveLength(1)
  expect(git(root, 'branch', '--list', 'speki/task-*'), told).toBe('')
  for (const left of ['attempts', 'checkpoints', 'joint', 'baseline']) {
    const folder = join(`${db}.execution`, left)
    expect(existsSync(folder) ? readdirSync(folder) : [], `${told}: ${left}`).toEqual([])
  }
}

/** Everything that could tell of another effect. */
function picture({ db, root }: World): string {
  const sql = new DatabaseSync(db, { readOnly: true })
  try {
    const rows = ['event', 'attempt', 'step', 'validation'].map((table) =>
      sql.prepare(`SELECT count(*) AS n FROM ${table}`).get(),
    )
    return JSON.stringify([rows, execFileSync('git', ['for-each-ref'], { cwd: root, encoding: 'utf8' })])
  } finally {
    sql.close()
  }
}

test('a crash at each effect in turn: the next worker finishes what had landed, takes back the rest, and a second look changes nothing', {
  timeout: 14_400_000,
}, async () => {
  // What failed goes to two side by side.
  const place = await world({ attempts: 2, fallback: ['command:one', 'command:two'] })
  const times: number[] = []
  let crashes = 0
  let over = false
  for (let at = 1; !over; at += EVERY) {
    for (const when of ['before', 'after']) {
      place.reset()
      const first = await startWorker(place.db, `${at} ${when}`).ended
      if (first.signal !== 'SIGKILL') {
        over = true
        break
      }
      crashes += 1
      const second = await startWorker(place.db).ended
      times.push(...second.recoveries)
      expect(second, `${at} ${when}`).toMatchObject({ code: 0, signal: null })
      await expectWhole(place, `crash ${when} git command ${at}`)
    }
  }
  expect(crashes).toBeGreaterThanOrEqual(SOAK ? 100 : 6)
  const before = picture(place)
  await startWorker(place.db).ended
  expect(picture(place)).toBe(before)
  tellRecoveries(`${crashes} crashes`, times)
})

test('workers and agents killed at any moment lose nothing', { timeout: 14_400_000 }, async () => {
  const place = await world({ attempts: 3 })
  const times: number[] = []
  const kills = { worker: 0, agents: 0 }
  // A linear congruential generator: the moments of a seed can be had again.
  let seed = Number(process.env['SPEKI_SOAK_SEED'] ?? 20261126)
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed / 2 ** 31
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    place.reset()
    const moments = Array.from({ length: 2 }, () => ({ after: 400 + random() * 5000, agents: random() < 0.4 }))
    for (const { after, agents } of moments) {
      const worker = startWorker(place.db)
      await Promise.race([worker.ended, new Promise((done) => setTimeout(done, after))])
      if (agents) {
        await killAgents(place.db)
        kills.agents += 1
        await Promise.race([worker.ended, new Promise((done) => setTimeout(done, random() * 1000))])
      }
      if (worker.process.kill('SIGKILL')) kills.worker += 1
      times.push(...(await worker.ended).recoveries)
    }
    const told = `killed ${JSON.stringify(moments)}`
    const last = await startWorker(place.db).ended
    expect(last, told).toMatchObject({ code: 0, signal: null })
    times.push(...last.recoveries)
    await resumeIfHeld(place.db)
    await expectWhole(place, told)
  }
  tellRecoveries(`${kills.worker} workers killed, ${kills.agents} times the agents`, times)
})

/** An agent that was killed twice in a row before it did anything looks like a broken program: that holds the run for a person. */
async function resumeIfHeld(db: string): Promise<void> {
  const sql = new DatabaseSync(db)
  const held = sql.prepare("SELECT id FROM run WHERE state = 'paused'").all().length > 0
  // As run_control does, without the worker that it starts.
  if (held) sql.exec("UPDATE run SET wanted = 'run', state = 'running', reason = NULL")
  sql.close()
  if (held) expect(await startWorker(db).ended).toMatchObject({ code: 0 })
}
