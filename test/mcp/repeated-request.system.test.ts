import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRuntime } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { createHttpHandler } from '../../src/mcp/http-handler.ts'
import { chooseTools, serverFactory } from '../../src/mcp/server.ts'
import { connectModern, TOKEN } from '../http/serve.ts'
import { connect, temporaryFolder } from './connect.ts'
import { answers, type Claimed, doWork, makeRepository, makeTask } from './workspace.ts'

const KEY = { idempotency_key: 'claim-next-task' }

/** A workspace with two tasks that can start, and one of the clients that there will be. */
async function twoTasks() {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db, name: 'claude-code' })
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  for (const title of ['One', 'Two']) await makeTask(agent, 'api', title)
  return { folder, db, agent }
}

/** Whether a text lies in the database as it stands on the disk. */
function isReadable(db: string, text: string): boolean {
  return ['', '-wal', '-shm'].some((end) => existsSync(db + end) && readFileSync(db + end).includes(text))
}

test('two clients with one key each get an answer of their own, and no token lies in the database', async () => {
  const { db, agent } = await twoTasks()
  const other = await connect({ db, name: 'claude-code' })

  const mine = await agent.ok<Claimed>('task_claim', KEY)
  const theirs = await other.ok<Claimed>('task_claim', KEY)
  const again = await agent.ok<Claimed>('task_claim', KEY)

  expect(theirs.task.id).not.toBe(mine.task.id)
  expect(again.task.id).toBe(mine.task.id)
  for (const { lease } of [mine, theirs, again]) expect(isReadable(db, lease.token)).toBe(false)
})

test('a client that lost its connection comes back with its key, and gets its task with a token that holds', async () => {
  const { db, agent } = await twoTasks()
  const lost = await connect({ db, name: 'claude-code' })
  const first = await lost.ok<Claimed>('task_claim', KEY)
  process.kill(lost.pid, 'SIGKILL')
  await expect.poll(() => isGone(lost.pid)).toBe(true)

  const back = await connect({ db, name: 'claude-code' })
  const again = await back.ok<Claimed>('task_claim', KEY)
  const { holder } = await agent.ok<{ holder: string }>('task_get', { task: first.task.id })
  const { events } = await agent.ok<{ events: object[] }>('activity_list', { type: 'task.lease_inherited' })
  const late = await agent.call('task_validate', { task: first.task.id, lease_token: first.lease.token })
  doWork(first)
  await back.ok('task_validate', { task: first.task.id, lease_token: again.lease.token })
  const done = await back.ok('task_complete', {
    task: first.task.id,
    lease_token: again.lease.token,
    evidence: answers(again),
  })
  const over = await back.call('task_claim', KEY)

  expect(again.task).toMatchObject({ id: first.task.id, acceptance_criteria: first.task.acceptance_criteria })
  expect(events).toMatchObject([
    { actor: expect.stringMatching(/^claude-code#/), details: expect.stringContaining('"from":"claude-code#') },
  ])
  expect(again.lease.token).not.toBe(first.lease.token)
  expect(holder).toMatch(/^claude-code#/)
  expect(late.text).toMatch(/That lease of TASK-1 is over/)
  expect(done).toMatchObject({ status: 'done' })
  expect(over.text).toMatch(/TASK-1 was claimed with this idempotency key, and that claim is over: it is done/)
})

test('the key of a session that is over means nothing to a client of another name, nor for another request', async () => {
  const { db } = await twoTasks()
  const gone = await connect({ db, name: 'claude-code' })
  const first = await gone.ok<Claimed>('task_claim', KEY)
  await gone.close()
  await expect.poll(() => isGone(gone.pid)).toBe(true)

  const codex = await connect({ db, name: 'codex' })
  const theirs = await codex.ok<Claimed>('task_claim', KEY)
  const asked = await (await connect({ db, name: 'claude-code' })).ok<Claimed>('task_claim', {
    ...KEY,
    repository: 'api',
  })

  // Its process is gone, so its task is free: that is a claim of its own, under another fence.
  expect(theirs.task.id).toBe(first.task.id)
  expect(theirs.lease.token).toMatch(/^2\./)
  expect(asked.task.id).not.toBe(first.task.id)
})

test('a request that belongs to no session needs a key that nobody else can have', async () => {
  const folder = await temporaryFolder()
  const runtime = createRuntime(readConfig({ db: join(folder, 'speki.db'), project: folder }))
  const handler = createHttpHandler(serverFactory({ runtime, tools: chooseTools({}), readOnly: false }))
  const { url, close } = await startHttpServer({ handler, host: '127.0.0.1', port: 0, token: TOKEN })
  try {
    const add = async (key: string) =>
      await (await connectModern(url)).callTool({
        name: 'knowledge_add',
        arguments: { text: 'x', category: 'testing', idempotency_key: key },
      })
    const refused = await add('add-1-note')
    const first = await add('0b6f3c1e-94ce-4f0b-9d61-2f1f3c0f8a55')

    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/must be a UUID/) }] })
    expect((await add('0b6f3c1e-94ce-4f0b-9d61-2f1f3c0f8a55')).structuredContent).toEqual(first.structuredContent)
  } finally {
    await close()
    await runtime.close()
  }
})

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}
