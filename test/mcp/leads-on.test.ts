import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Agent, connect, temporaryFolder } from './connect.ts'
import { type Claimed, makeRepository, makeTask } from './workspace.ts'

interface Led {
  readonly next: readonly string[]
}

let folder: string
let agent: Agent

beforeEach(async () => {
  folder = await temporaryFolder()
  agent = await connect({ db: join(folder, 'speki.db'), env: { SPEKI_HOME: join(folder, 'home') } })
})

const next = async (tool: string, args: Record<string, unknown> = {}) => (await agent.ok<Led>(tool, args)).next

test('the next step follows from the state, call by call', async () => {
  const seen: Record<string, readonly string[][]> = {}
  const look = async () => {
    for (const [tool, args] of [
      ['speki_status', {}],
      ['task_list', {}],
      ['repository_list', {}],
      ['knowledge_search', {}],
      ['activity_list', { type: 'task.' }],
      ['prd_list', {}],
      ['changeset_get', {}],
    ] as const)
      seen[tool] = [...(seen[tool] ?? []), [...(await next(tool, args))]]
  }
  await look()
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  await agent.ok('prd_create', { title: 'Orders', body: '# Orders\n', repositories: ['api'] })
  const first = await makeTask(agent, 'api', 'First')
  await makeTask(agent, 'api', 'Second', { depends_on: [first] })
  await agent.ok('knowledge_add', { text: 'A lesson', category: 'api' })
  await look()
  const claim = await agent.ok<Claimed>('task_claim', { worktree: true })
  await look()
  const held = { task: first, lease_token: claim.lease.token }
  await agent.ok('task_update', { ...held, status: 'blocked', reason: 'A question is open' })
  await look()

  const states = Object.fromEntries(
    Object.entries(seen).map(([tool, each]) => [tool, new Set(each.map((steps) => steps.join('; '))).size]),
  )
  expect(states['speki_status']).toBe(4)
  for (const tool of ['task_list', 'repository_list', 'knowledge_search', 'activity_list', 'prd_list'])
    expect(states[tool], tool).toBeGreaterThan(1)
})

describe('a claim that gets nothing says why', () => {
  test('who holds what, what is blocked and what waits for whom', async () => {
    await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
    const other = await connect({ db: join(folder, 'speki.db'), name: 'other-agent' })
    const first = await makeTask(agent, 'api', 'First')
    const second = await makeTask(agent, 'api', 'Second', { depends_on: [first] })
    const third = await makeTask(agent, 'api', 'Third')
    const { lease } = await other.ok<Claimed>('task_claim', { task: third })
    await other.ok('task_update', { task: third, lease_token: lease.token, status: 'blocked', reason: 'No access' })
    await other.ok('task_claim', { task: first })

    expect(await agent.ok('task_claim')).toMatchObject({
      claimed: false,
      why: [
        { task: first, status: 'in_progress', reason: expect.stringMatching(/^held by other-agent/) },
        { task: third, status: 'blocked', reason: 'No access' },
        { task: second, status: 'todo', reason: `waits for ${first} (in_progress)` },
      ],
      next: [`task_get task="${third}"`, 'speki_status'],
    })
  })

  test('of many, as many as have room, and how many there are', async () => {
    await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
    const first = await makeTask(agent, 'api', 'First')
    for (let number = 0; number < 15; number += 1)
      await makeTask(agent, 'api', `Later ${number}`, { depends_on: [first] })
    await agent.ok('task_claim')
    const nothing = await agent.ok<{ why: unknown[]; truncated: unknown[] }>('task_claim')
    expect(nothing.why).toHaveLength(10)
    expect(nothing.truncated).toEqual([{ field: 'why', shown: 10, total: 16, read_on: 'task_list' }])
  })

  test('nothing is there at all', async () => {
    expect(await agent.ok('task_claim')).toMatchObject({
      claimed: false,
      why: [],
      next: ['repository_register path=…'],
    })
  })
})

describe('what went wrong leads on in one call', () => {
  test('a lost token: the holder claims again, in its worktree, and the old token is void', async () => {
    await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
    const task = await makeTask(agent, 'api', 'First')
    const claim = await agent.ok<Claimed & { worktree: string }>('task_claim', { task, worktree: true })
    const wrong = await agent.call('task_validate', { task, lease_token: 'lost' })
    const again = await agent.ok<Claimed & { worktree: string }>('task_claim', { task })

    expect(wrong.text).toContain(`task_claim task="${task}"`)
    expect(again.worktree).toBe(claim.worktree)
    expect(again.lease.token).not.toBe(claim.lease.token)
    expect((await agent.call('task_validate', { task, lease_token: claim.lease.token })).isError).toBe(true)
    await agent.ok('task_validate', { task, lease_token: again.lease.token })
  })

  test('a task that another session holds is not given out again', async () => {
    await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
    const task = await makeTask(agent, 'api', 'First')
    await agent.ok('task_claim', { task })
    const other = await connect({ db: join(folder, 'speki.db') })
    expect((await other.call('task_claim', { task })).text).toMatch(/is held by .*task_claim/s)
  })

  test.each([
    ['task_list', { cursor: 'TASK-99' }, /No page follows TASK-99.*task_list/s],
    ['task_list', { cursor: 'next' }, /No page follows.*task_list/s],
    ['prd_list', { cursor: 'next', kind: 'bug' }, /No page follows.*prd_list kind="bug"/s],
    ['repository_list', { cursor: 'renamed-meanwhile' }, /No page follows.*"renamed-meanwhile".*repository_list/s],
    ['knowledge_search', { cursor: '12' }, /No page follows.*knowledge_search/s],
    ['activity_list', { cursor: 'TASK-1', subject: 'x' }, /No page follows.*activity_list subject="x"/s],
    [
      'activity_list',
      { cursor: '999', type: 'task.' },
      /No page follows.*newest event is \d+.*activity_list type="task\."/s,
    ],
    ['activity_list', { cursor: '999', follow: true }, /No page follows.*activity_list follow=true/s],
    ['activity_list', { cursor: '-1' }, /No page follows.*activity_list/s],
  ] as [string, Record<string, unknown>, RegExp][])('%s %j', async (tool, args, message) => {
    expect((await agent.call(tool, args)).text).toMatch(message)
  })
})

describe('a tool that is not there', () => {
  test.each([
    [
      'get_task',
      /There is no get_task\. Nothing was changed\.\s+Next: Did you mean task_get task=…\? It takes: task, section, from\./,
    ],
    ['task_gett', /Did you mean task_get task=…/],
    ['mcp__speki__task_claim', /Did you mean task_claim\?/],
    ['create_prd', /Did you mean prd_create title=…/],
    ['run_list', /Did you mean run_status\?/],
    ['knowledge_list', /Did you mean knowledge_search\?/],
    ['changeset_list', /Did you mean changeset_get\?/],
    ['prd_delete', /Did you mean prd_update prd=…/],
    ['task_release', /Did you mean task_update\?/],
    ['run_cancel', /Did you mean run_control run=… action=…/],
    ['xyzzy', /Begin with speki_status\. Known are: speki_status, task_claim/],
  ] as [string, RegExp][])('%s leads on to one that is, with what it takes', async (name, message) => {
    await expect(agent.call(name, {})).rejects.toMatchObject({ code: -32602, message: expect.stringMatching(message) })
  })

  test('one that this connection was started without is told as that', async () => {
    const reader = await connect({ db: join(folder, 'speki.db'), args: ['--read-only'] })
    await expect(reader.call('task_claim', {})).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(/task_claim is not among the tools of this connection.*--read-only/s),
    })
  })
})

describe('what is asked of something that is not there is refused, not answered with nothing', () => {
  test.each([
    ['task_list', { prd: 'PRD-9' }, /There is no PRD-9.*prd_list/s],
    ['prd_list', { parent: 'PRD-9' }, /There is no PRD-9.*prd_list/s],
    ['speki_status', { prd: 'PRD-9' }, /There is no PRD-9.*prd_list/s],
    ['knowledge_search', { task: 'TASK-9' }, /There is no TASK-9/],
    ['task_claim', { prd: 'PRD-9' }, /There is no PRD-9.*prd_list/s],
    ['task_list', { repository: 'nowhere' }, /There is no repository "nowhere".*repository_register/s],
  ] as [string, Record<string, unknown>, RegExp][])('%s %j', async (tool, args, message) => {
    const answer = await agent.call(tool, args)
    expect(answer.isError).toBe(true)
    expect(answer.text).toMatch(message)
  })
})

test('a package registered by its path is that package, any other folder its repository', async () => {
  const manifest = (name: string) => `${JSON.stringify({ name, version: '1.0.0' })}\n`
  const path = makeRepository(folder, 'mono', {
    files: { 'packages/a/package.json': manifest('a'), 'packages/b/package.json': manifest('b'), 'docs/x.md': '# X\n' },
  })
  const register = async (args: Record<string, unknown>) => await agent.ok('repository_register', args)
  expect(await register({ path: join(path, 'packages/a') })).toMatchObject({ name: 'a', subpath: 'packages/a', path })
  expect(await register({ path: join(path, 'packages/b') })).toMatchObject({ name: 'b', subpath: 'packages/b', path })
  expect(await register({ path: join(path, 'docs') })).toMatchObject({ name: 'mono', subpath: '.', created: true })
  expect(await register({ path: join(path, 'packages/a'), subpath: '.' })).toMatchObject({
    name: 'mono',
    created: false,
  })
  expect(await register({ path: join(path, 'packages/a') })).toMatchObject({ name: 'a', created: false })
  expect(await register({ path: pathToFileURL(path).href })).toMatchObject({ name: 'mono', created: false })
})

test('an empty list of change sets leads on, and a cursor that is none is refused', async () => {
  const empty = await agent.ok('changeset_get', {})
  expect(empty).toMatchObject({ change_sets: [], total: 0, next: ['repository_register path=…'] })
  expect((await agent.call('changeset_get', { cursor: 'next' })).text).toMatch(/No page follows.*changeset_get/s)
})

describe('a draft that plan_submit would refuse says so itself', () => {
  test.each([
    [
      'that no task realises',
      '### NFR-001: Fast\n\nAn export of 10,000 orders must take less than 1 second.\n',
      /NFR-001/,
    ],
    [
      'two of them',
      '### US-1: See\n\nAs a manager I want to see a month.\n\n### US-2: Print\n\nAs a clerk I want to print it.\n',
      /US-1|open_question|question/,
    ],
  ])('requirements %s', async (_what, text, named) => {
    await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
    await agent.ok('repository_register', { path: makeRepository(folder, 'web') })
    const { id: prd } = await agent.ok<{ id: string }>('prd_create', {
      title: 'Orders',
      body: `# Orders\n\n## Requirements\n\n### FR-001: Place [repo: api]\n\nThe system shall store an order.\n\n${text}`,
      repositories: ['api', 'web'],
    })
    const draft = await agent.ok<{ base_revision: number; tasks: unknown[]; next: string[] }>('plan_draft', { prd })
    const { base_revision, tasks } = draft
    const submitted = await agent.call('plan_submit', { prd, base_revision, tasks })
    if (submitted.isError) expect(`${draft.next.join()} ${JSON.stringify(draft)}`).toMatch(named)
    expect(draft.next[0]?.startsWith('plan_submit')).toBe(!submitted.isError)
  })
})
