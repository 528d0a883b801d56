import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/open.ts'
import { connect, shared, startRaw, temporaryFolder } from './connect.ts'
import { BODY, type Claimed, git, makeRepository, planned } from './workspace.ts'

/** One server for all: what is refused changes nothing, so nobody notices the others. */
const world = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const db = join(folder, 'speki.db')
  const agent = await connect({ db }, atEnd)
  return { folder, db, agent, ...(await planned(agent, folder)) }
})

/** How many rows each table has: a refused call changes none of them. */
async function rowCounts(): Promise<Record<string, number>> {
  const database = await openDatabase({ file: world().db })
  const tables = [
    'event',
    'repository',
    'prd',
    'prd_revision',
    'requirement',
    'plan',
    'task',
    'task_dependency',
    'task_note',
    'validation',
    'evidence',
    'knowledge',
  ] as const
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const row = await database.read(
      async ({ sql }) =>
        await sql
          .selectFrom(table)
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .executeTakeFirstOrThrow(),
    )
    counts[table] = row.n
  }
  await database.close()
  return counts
}

async function expectRefused(tool: string, args: Record<string, unknown>, message: RegExp): Promise<void> {
  const { agent } = world()
  const before = await rowCounts()
  const answer = await agent.call(tool, args)
  expect(answer.text).toMatch(message)
  expect(answer.isError).toBe(true)
  expect(answer.text).not.toMatch(/\bat .*\.ts:\d+|node_modules/)
  expect(await rowCounts()).toEqual(before)
  expect((await agent.call('speki_status')).isError).toBe(false)
}

test.each([
  ['task_get', { task: 'TASK-999' }, /There is no TASK-999.*task_list/s],
  ['task_claim', { task: 'TASK-999' }, /There is no TASK-999/],
  ['task_update', { task: 'TASK-999', revision: 1, title: 'x' }, /There is no TASK-999/],
  ['prd_get', { id: 'PRD-999' }, /There is no PRD-999.*prd_list/s],
  ['prd_edit', { id: 'PRD-1', base_revision: 99, body: 'x' }, /no revision 99/],
  ['prd_update', { id: 'PRD-1', version: 99, title: 'x' }, /is at version \d+, you read 99/],
  ['task_update', { task: 'TASK-1', revision: 99, title: 'x' }, /is at revision \d+, you read 99/],
  ['task_update', { task: 'TASK-1', title: 'x' }, /names the revision/],
  ['task_update', { revision: 1, title: 'x' }, /Name one task/],
  ['task_get', { task: 'nonsense' }, /Write the key of a task as TASK-12/],
  ['task_list', { repository: 'nowhere' }, /There is no repository "nowhere".*Known: api, web/s],
  ['prd_create', { title: 'x', body: 'y', repositories: ['nowhere'] }, /There is no repository "nowhere"/],
  ['prd_create', { title: 'x' }, /Give either body or template/],
  ['task_create', { title: 'x', repository: 'api', depends_on: ['TASK-999'] }, /no such task/],
  ['task_create', { title: 'x', repository: 'api', requirements: ['REQ-1'] }, /no requirement of this ad-hoc task/],
  ['speki_status', { surprise: true }, /surprise/],
  ['knowledge_add', { text: 'x', category: 'nonsense' }, /category/],
  ['repository_register', {}, /needs a path or a remote_url/],
  ['repository_register', { path: 'relative/path' }, /nothing at .*relative\/path/],
  ['repository_register', { path: '' }, /path/],
  ['repository_register', { path: '/definitely/not/here' }, /not\/here/],
] as [string, Record<string, unknown>, RegExp][])(
  '%s %j is refused with the next step and changes nothing',
  async (tool, args, message) => {
    await expectRefused(tool, args, message)
  },
)

test('a cycle is refused with its path, through tasks of several repositories', async () => {
  const { agent } = world()
  const { revision } = await agent.ok<{ revision: number }>('task_get', { task: 'TASK-1' })
  await expectRefused(
    'task_update',
    { task: 'TASK-1', revision, depends_on: ['TASK-2'] },
    /cycle: TASK-1 → TASK-2 → TASK-1/,
  )
})

test('a plan with many faults is refused whole, and all of them are told', async () => {
  const { agent, prd } = world()
  const tasks = [
    {
      ref: 'A',
      title: 'One',
      repository: 'nowhere',
      requirements: ['FR-001'],
      depends_on: ['B'],
      acceptance_criteria: ['Answers 201.'],
    },
    {
      ref: 'B',
      title: 'Two',
      repository: 'api',
      requirements: ['FR-999'],
      depends_on: ['A', 'Z'],
      acceptance_criteria: ['It works properly.'],
    },
  ]
  await expectRefused('plan_submit', { prd, base_revision: 1, tasks }, /nowhere.*FR-999|FR-999.*nowhere/s)
  const { text } = await agent.call('plan_submit', { prd, base_revision: 1, tasks })
  for (const part of [/nowhere/, /FR-999/, /cycle/i, /Z/, /FR-002|REQ-2/, /works properly/]) expect(text).toMatch(part)
})

describe('hostile text', () => {
  test.each([
    ['NUL', 'a\u0000b', /NUL/],
    ['a lone surrogate', 'a\ud800b', /surrogate|well-formed|Unicode/i],
  ])('%s is refused in any field', async (_, text, message) => {
    await expectRefused('prd_create', { title: 'x', body: `# x\n${text}`, repositories: ['api'] }, message)
    await expectRefused('knowledge_add', { text, category: 'testing' }, message)
    await expectRefused('task_update', { task: 'TASK-1', note: text }, message)
  })

  test('a body of 10 MB is refused, and the server lives', async () => {
    await expectRefused(
      'prd_create',
      { title: 'x', body: 'x'.repeat(10 * 1024 * 1024), repositories: ['api'] },
      /body|too big|1048576|1,?048,?576/i,
    )
  })

  test.each([
    ';rm -rf x',
    '$(id >pwned)',
    '`id >pwned`',
    '--upload-pack=touch pwned',
    '--output=pwned',
    '-rf',
    '../../../etc',
    'a\nb',
  ])('%j in every text field runs nothing and breaks nothing', async (text) => {
    const { agent, folder, api, prd } = world()
    const claim = await agent.ok<Claimed>('task_claim', { task: 'TASK-1' })
    const calls: [string, Record<string, unknown>][] = [
      ['repository_register', { path: text }],
      ['repository_register', { path: join(folder, text) }],
      ['repository_register', { path: api, name: 'other', subpath: text }],
      ['repository_register', { name: 'api', remote_url: text }],
      ['repository_register', { name: 'api', default_branch: text, description: text, owners: [text] }],
      ['prd_create', { title: text, body: `${BODY}\n${text}`, repositories: ['api'], owners: [text] }],
      ['prd_create', { title: 'x', body: 'y', repositories: [text] }],
      ['prd_list', { query: text }],
      ['task_list', { query: text, assignee: text }],
      [
        'task_create',
        {
          title: text,
          repository: 'api',
          description: text,
          acceptance_criteria: [text],
          context: { files: [text], notes: text },
        },
      ],
      ['task_validate', { task: claim.task.id, lease_token: claim.lease.token, worktree: text }],
      ['task_validate', { task: claim.task.id, lease_token: claim.lease.token, worktree: join(folder, text) }],
      ['knowledge_add', { text, category: 'testing' }],
      ['activity_list', { subject: text, type: text }],
      ['prd_get', { id: prd, section: text }],
      ['prd_edit', { id: prd, base_revision: 1, replacements: [{ old: text, new: text }], reason: text }],
    ]
    const before = readdirSync(folder).sort()
    for (const [tool, args] of calls) {
      const answer = await agent.call(tool, args)
      expect(answer.text, tool).not.toMatch(/defect of SPEKI/)
    }
    await agent.ok('task_update', { task: 'TASK-1', lease_token: claim.lease.token, status: 'todo' })
    expect(readdirSync(folder).sort()).toEqual(before)
    expect(existsSync(join(api, 'pwned'))).toBe(false)
    expect(existsSync('pwned')).toBe(false)
  })
})

describe('a repository path', () => {
  test('that is no repository is refused', async () => {
    const { folder } = world()
    const plain = join(folder, 'plain')
    mkdirSync(plain)
    await expectRefused('repository_register', { path: plain }, /not a git|no git|git repository/i)
  })

  test('with a subpath that leaves it, by dots or by a link, is refused', async () => {
    const { api } = world()
    symlinkSync('/etc', join(api, 'outside'))
    await expectRefused(
      'repository_register',
      { path: api, name: 'other', subpath: '../web' },
      /leaves|outside|inside/i,
    )
    await expectRefused(
      'repository_register',
      { path: api, name: 'other', subpath: 'outside' },
      /leaves|outside|inside/i,
    )
  })

  test('that is registered under another name is refused', async () => {
    await expectRefused('repository_register', { path: world().api, name: 'other' }, /already registered as "api"/)
  })

  test('that shares its first commit with one that is still there is another one', async () => {
    const { agent, folder } = world()
    const first = makeRepository(folder, 'template')
    await agent.ok('repository_register', { path: first })
    git(folder, 'clone', '--quiet', first, 'from-template')
    const second = await agent.ok('repository_register', { path: join(folder, 'from-template') })
    const { repositories } = await agent.ok<{ repositories: { name: string; path: string }[] }>('repository_list', {
      query: 'template',
    })

    expect(second).toMatchObject({ name: 'from-template', created: true })
    expect(Object.fromEntries(repositories.map(({ name, path }) => [name, path]))).toMatchObject({
      template: first,
      'from-template': join(folder, 'from-template'),
    })
  })

  test('that went away is told by its health', async () => {
    const { agent, folder } = world()
    const gone = makeRepository(folder, 'gone')
    await agent.ok('repository_register', { path: gone })
    const { renameSync } = await import('node:fs')
    renameSync(gone, join(folder, 'elsewhere'))
    const before = await agent.ok<{ repositories: { name: string; health: string }[] }>('repository_list', {
      query: 'gone',
    })
    const moved = await agent.ok('repository_register', { path: join(folder, 'elsewhere') })

    expect(before.repositories[0]?.health).toBe('missing')
    expect(moved).toMatchObject({ name: 'gone', created: false, path: join(folder, 'elsewhere') })
  })
})

test('a worktree that is not of the task’s repository is refused', async () => {
  const { agent, folder } = world()
  const claim = await agent.ok<Claimed>('task_claim', { repository: 'api' })
  const other = makeRepository(folder, 'other')
  await expectRefused(
    'task_validate',
    { task: claim.task.id, lease_token: claim.lease.token, worktree: other },
    /worktree|repository/,
  )
})

describe('a broken database', () => {
  test('that is no database says so', async () => {
    const file = join(await temporaryFolder(), 'broken.db')
    writeFileSync(file, 'this is not a database, but it is long enough to look at '.repeat(200))
    const broken = await connect({ db: file })
    const answer = await broken.call('speki_status')
    expect(answer.isError).toBe(true)
    expect(answer.text).toMatch(/corrupt|damaged|not a database/i)
    expect(answer.text).not.toMatch(/delete|remove/i)
  })

  test.skipIf(process.getuid?.() === 0)('that cannot be written is told', async () => {
    const db = join(await temporaryFolder(), 'speki.db')
    await (await connect({ db })).ok('speki_status')
    chmodSync(db, 0o400)
    const reader = await connect({ db })
    const answer = await reader.call('task_claim')
    expect(answer.text).toMatch(/read-only|permission/i)
  })
})

describe('the wire', () => {
  const hello = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  }

  test('malformed lines do not end the server, and stdout holds nothing but JSON-RPC', async () => {
    const server = startRaw(join(await temporaryFolder(), 'raw.db'))
    server.send(JSON.stringify(hello))
    const first = JSON.parse(await server.next())
    server.send('{ this is no JSON')
    server.send('[]')
    server.send('"text"')
    server.send(JSON.stringify({ jsonrpc: '1.0', id: 7, nonsense: true }))
    server.send(
      JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'tools/call', params: { name: 'no_such_tool', arguments: {} } }),
    )
    server.send(
      JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'speki_status', arguments: {} } }),
    )
    const seen: { id?: number; jsonrpc?: string; result?: unknown }[] = []
    while (!seen.some((message) => message.id === 9)) seen.push(JSON.parse(await server.next()))

    expect(first.result.serverInfo.name).toBe('speki')
    expect(seen.every((message) => message.jsonrpc === '2.0')).toBe(true)
    expect(seen.find((message) => message.id === 9)?.result).toBeDefined()
  })

  test('when stdin closes in the middle of a call, the server ends and the database is whole', async () => {
    const { agent, db } = world()
    const server = startRaw(db)
    server.send(JSON.stringify(hello))
    await server.next()
    for (let id = 2; id < 40; id += 1) {
      server.send(
        JSON.stringify({
          jsonrpc: '2.0',
          id,
          method: 'tools/call',
          params: { name: 'knowledge_add', arguments: { text: `note ${id}`, category: 'testing' } },
        }),
      )
    }
    server.child.stdin?.end()
    const code = await server.exit

    expect(code).toBe(0)
    expect((await agent.call('speki_status')).isError).toBe(false)
    const { checkIntegrity } = await import('../../src/store/backup.ts')
    expect(await checkIntegrity(db)).toBeUndefined()
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the server', async (signal) => {
    const server = startRaw(world().db)
    server.send(JSON.stringify(hello))
    await server.next()
    server.child.kill(signal)
    expect(await server.exit).toBe(0)
  })
})
