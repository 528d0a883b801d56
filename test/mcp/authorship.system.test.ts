import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createRuntime } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { createHttpHandler } from '../../src/mcp/http-handler.ts'
import { chooseTools, serverFactory } from '../../src/mcp/server.ts'
import { connectModern, connectV1, TOKEN } from '../http/serve.ts'
import { CLI, connect, temporaryFolder } from './connect.ts'
import { answers, type Claimed, doWork, makeRepository, makeTask, planned } from './workspace.ts'

interface Feed {
  readonly events: { readonly type: string; readonly actor: string; readonly on_behalf_of?: string }[]
}

test('two sessions of one client are two names, in holder, feed, evidence and refusal', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const [one, two] = [await connect({ db, name: 'claude-code' }), await connect({ db, name: 'claude-code' })]
  await one.ok('repository_register', { path: makeRepository(folder, 'api') })
  for (const title of ['One', 'Two']) await makeTask(one, 'api', title)

  const [first, second] = [await one.ok<Claimed>('task_claim'), await two.ok<Claimed>('task_claim')]
  const holderOf = async ({ task }: Claimed) => (await one.ok<{ holder: string }>('task_get', { task: task.id })).holder
  const names = [await holderOf(first), await holderOf(second)]
  const refused = await two.call('task_claim', { task: first.task.id })
  doWork(first)
  await one.ok('task_validate', { task: first.task.id, lease_token: first.lease.token })
  await one.ok('task_complete', {
    task: first.task.id,
    lease_token: first.lease.token,
    evidence: answers(first),
  })
  const { evidence } = await two.ok<{ evidence: { by: string } }>('task_get', { task: first.task.id })
  const { events } = await one.ok<Feed>('activity_list', { type: 'task.claimed', follow: true })

  expect(new Set(names).size).toBe(2)
  for (const name of names) expect(name).toMatch(/^claude-code#[0-9a-f]{4}$/)
  expect(refused.text).toContain(`${first.task.id} is held by ${names[0]}.`)
  expect(evidence.by).toBe(names[0])
  expect(events).toMatchObject(names.map((actor) => ({ actor, actor_kind: 'agent', on_behalf_of: 'tester' })))
})

test.each([
  ['SPEKI_AGENT', { env: { SPEKI_AGENT: 'builder' } }],
  ['--as', { args: ['--as', 'builder'] }],
])('a name given by %s is the name, over all sessions', async (_, given) => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  for (const text of ['Once', 'Again']) {
    const agent = await connect({ db, name: 'claude-code', ...given })
    await agent.ok('knowledge_add', { text, category: 'testing' })
    await agent.close()
  }
  const reader = await connect({ db })

  expect((await reader.ok<Feed>('activity_list')).events).toMatchObject([
    { actor: 'builder', on_behalf_of: 'tester' },
    { actor: 'builder', on_behalf_of: 'tester' },
  ])
})

test('who is given a name on the command line is an agent there, and does nothing that is for people', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const { prd } = await planned(agent, folder)
  const speki = async (...args: string[]) => {
    const env = { ...process.env, SPEKI_USER: 'tester' }
    return await promisify(execFile)(process.execPath, [CLI, ...args, '--db', db, '--json'], { env })
  }

  await expect(speki('approve', prd, '--as', 'builder')).rejects.toMatchObject({
    code: 6,
    stderr: expect.stringContaining(`Only a person approves ${prd}.`),
  })
  await speki('knowledge', 'add', 'From a script', '--category', 'testing', '--as', 'builder')
  const { events } = await agent.ok<Feed>('activity_list', { limit: 1 })
  expect(events).toMatchObject([{ type: 'knowledge.added', actor: 'builder', on_behalf_of: 'tester' }])
  expect(JSON.parse((await speki('approve', prd)).stdout)).toMatchObject({ state: 'approved' })
})

test('what an agent starts inside a run is no person on the command line', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const { prd } = await planned(agent, folder)
  const env = { ...process.env, SPEKI_USER: 'tester', SPEKI_MARK: 'a-job' }
  const speki = async (...args: string[]) =>
    await promisify(execFile)(process.execPath, [CLI, ...args, '--db', db, '--json'], { env })

  for (const forbidden of [
    ['approve', prd],
    ['repository', 'commands', 'api', '--test', 'node -e 0'],
    ['task', 'override', 'TASK-1', '--reason', 'x'],
  ])
    await expect(speki(...forbidden), forbidden.join(' ')).rejects.toMatchObject({ code: 6 })
  expect(JSON.parse((await speki('prd', 'get', prd)).stdout)).toMatchObject({ id: prd })
})

test('over HTTP each session has a name of its own, and a request without session that of its client', async () => {
  const folder = await temporaryFolder()
  const runtime = createRuntime(readConfig({ db: join(folder, 'speki.db'), project: folder }))
  const handler = createHttpHandler(serverFactory({ runtime, tools: chooseTools({}), readOnly: false }))
  const { url, close } = await startHttpServer({ handler, host: '127.0.0.1', port: 0, token: TOKEN })
  try {
    const clients = [(await connectV1(url)).client, (await connectV1(url)).client, await connectModern(url)]
    for (const client of clients)
      await client.callTool({ name: 'knowledge_add', arguments: { text: 'x', category: 'testing' } })
    const { structuredContent } = await (await connectModern(url)).callTool({
      name: 'activity_list',
      arguments: { follow: true },
    })
    const [one, two, lone] = (structuredContent as unknown as Feed).events.map(({ actor }) => actor)

    expect([one, two, lone]).toEqual([
      expect.stringMatching(/^v1#[0-9a-f]{4}$/),
      expect.stringMatching(/^v1#[0-9a-f]{4}$/),
      'modern',
    ])
    expect(one).not.toBe(two)
  } finally {
    await close()
    await runtime.close()
  }
})
