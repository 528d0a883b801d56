import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listedTools } from '../../src/mcp/listed-tools.ts'
import { connect } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { runClaude } from './claude.ts'
import { clientsInstalled, suiteName } from './client-process.ts'
import { runCodex } from './codex.ts'
import { costOf, followNext, type Order } from './next-follower.ts'
import type { Returned, Step } from './scenario.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TASKS = 3

describe.skipIf(!clientsInstalled)(suiteName('two agents on one workspace'), () => {
  test('Claude Code dies in the middle of a task; Codex does the rest, and that task as soon as its process is seen to be gone', async () => {
    const project = temporaryFolder()
    const home = join(project, 'home')
    const db = join(home, 'speki.db')
    const preparing = await connect({ db, env: { SPEKI_HOME: home } })
    await preparing.ok('repository_register', { path: makeRepository(project, 'api') })
    for (let number = 1; number <= TASKS; number += 1) await makeTask(preparing, 'api', `Part ${number}`)
    const server = {
      name: 'speki',
      command: process.execPath,
      args: [join(ROOT, 'bin', 'speki.js'), 'mcp'],
      env: { SPEKI_HOME: home, SPEKI_USER: 'tester' },
    }
    const session = { server, project, signal: AbortSignal.timeout(600_000) }
    const crash = new AbortController()
    const claimed: Step = () => ({ call: 'task_claim', args: { worktree: true } })
    const dying: Step = () => {
      crash.abort()
      return { broken: 'stalled' }
    }

    const killed = await runClaude({ ...session, mode: 'search', steps: [claimed, dying], crash: crash.signal })
    expect(killed.exitCode).not.toBe(0)
    expect(statuses(db)).toEqual(['in_progress', 'todo', 'todo'])

    let seen: readonly Returned[] = []
    const order: Order = {
      paths: [],
      repositories: [],
      title: '',
      body: '',
      work: { api: [{ file: 'part.js', content: 'export const part = 1\n' }] },
    }
    const follow = followNext(order, new Set(listedTools.map(({ name }) => name)), () => false)
    const working: Step = (returned) => {
      seen = returned
      const last = returned.at(-1)
      if (last === undefined) return { call: 'task_claim', args: { worktree: true } }
      if (statuses(db).every((status) => status === 'done')) return { say: 'All is done.' }
      if (last.tool === 'task_complete') return { call: 'task_claim', args: { worktree: true } }
      return follow(returned)
    }
    const done = await runCodex({ ...session, mode: 'direct', steps: Array.from({ length: 40 }, () => working) })

    expect(done).toMatchObject({ exitCode: 0, said: 'All is done.' })
    expect(statuses(db)).toEqual(['done', 'done', 'done'])
    expect(history(db)).toEqual([
      'TASK-1 task.claimed claude-code',
      'TASK-2 task.claimed codex-mcp-client',
      'TASK-2 task.completed codex-mcp-client',
      // At the next claim its process is seen to be gone.
      'TASK-1 task.lease_expired speki',
      'TASK-1 task.claimed codex-mcp-client',
      'TASK-1 task.completed codex-mcp-client',
      'TASK-3 task.claimed codex-mcp-client',
      'TASK-3 task.completed codex-mcp-client',
    ])
    const { calls, tokens } = costOf(seen)
    console.log(
      `Codex, three tasks, one of them after Claude Code died at it: ${calls} calls, ${tokens} tokens of answers`,
    )
  })
})

const read = (db: string, sql: string): readonly string[] => {
  const database = new Database(db, { readonly: true })
  try {
    return database.prepare<[], string>(sql).pluck().all()
  } finally {
    database.close()
  }
}

const statuses = (db: string) => read(db, 'SELECT status FROM task ORDER BY id')

/** Who took and ended what, by the feed; without what sets sessions of one client apart. */
const history = (db: string) =>
  read(
    db,
    `SELECT subject || ' ' || type || ' ' || (actor ->> 'name') FROM event
     WHERE type IN ('task.claimed', 'task.completed', 'task.lease_expired') ORDER BY id`,
  ).map((line) => line.replace(/#[0-9a-f]{4}$/, ''))

function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'agent-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
