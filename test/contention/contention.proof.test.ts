import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { personPrincipal } from '../../src/domain/access/principals.ts'
import { verifyActivity } from '../../src/domain/activity.ts'
import { type RepositoryProbe, registerRepository } from '../../src/domain/repository/repository.ts'
import type { Service } from '../../src/domain/service.ts'
import { createTask } from '../../src/domain/task/create.ts'
import { checkIntegrity } from '../../src/store/backup.ts'
import { openDatabase } from '../../src/store/open.ts'
import { expectTold } from '../domain/audit.ts'
import { startPostgres } from '../store/postgres-server.ts'
import { type AgentProcess, startAgent } from './agent-process.ts'

const PROCESSES = 8
const OPERATIONS = 100
/** Rounds of killing; `npm run soak` sets more. */
const KILL_ROUNDS = Number(process.env['SPEKI_SOAK_KILLS'] ?? 1)

interface Workspace {
  readonly db?: string
  readonly url?: string
}

/** What the processes were told had happened. */
interface Acknowledged {
  readonly notes: string[]
  readonly claims: { readonly task: string; readonly token: string }[]
  readonly titles: Map<string, string>
  readonly refused: string[]
}

let postgres: Awaited<ReturnType<typeof startPostgres>>
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => await postgres.stop())

describe.each(['sqlite', 'postgres'])('on %s', (engine) => {
  async function withWorkspace(work: (workspace: Workspace) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'speki-contention-'))
    try {
      await work(engine === 'sqlite' ? { db: join(folder, 'speki.db') } : { url: await postgres.createDatabase() })
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  test(`${PROCESSES} processes × ${OPERATIONS} operations: nothing lost, nothing claimed twice, no append refused`, async () => {
    await withWorkspace(async (workspace) => {
      const tasks = await prepare(workspace, 600)
      const told = empty()
      const agents = await Promise.all(Array.from({ length: PROCESSES }, () => startAgent(workspace)))
      await Promise.all(agents.map((agent, index) => operate(agent, index, tasks, told)))
      await Promise.all(agents.map((agent) => agent.end()))

      expect(told.refused).toEqual([])
      expect(told.notes).toHaveLength(PROCESSES * (OPERATIONS / 2))
      expect(told.claims).toHaveLength(PROCESSES * (OPERATIONS / 4))
      await expectKept(workspace, tasks[0] ?? '', told)
    })
  })

  test('the same while processes are killed at random', async () => {
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      await withWorkspace(async (workspace) => {
        const tasks = await prepare(workspace, 800)
        const told = empty()
        let kills = 0
        await Promise.all(
          Array.from({ length: PROCESSES }, async (_, index) => {
            for (let life = 0; life < 3; life += 1) {
              const agent = await startAgent(workspace)
              const end = life === 2 ? undefined : setTimeout(() => agent.kill(), 50 + Math.random() * 400)
              await operate(agent, index * 10 + life, tasks, told)
              clearTimeout(end)
              if (!agent.alive) kills += 1
              await agent.end()
            }
          }),
        )

        expect(told.refused).toEqual([])
        expect(kills).toBeGreaterThan(0)
        expect(told.claims.length).toBeGreaterThan(0)
        await expectKept(workspace, tasks[0] ?? '', told)
      })
    }
  })
})

function empty(): Acknowledged {
  return { notes: [], claims: [], titles: new Map(), refused: [] }
}

const probe: RepositoryProbe = {
  inspect: async () => await Promise.reject(new Error('not asked')),
  checkRemoteUrl: async (url) => url,
  health: async () => 'remote',
  map: async () => undefined,
}

/** Ready tasks in one repository; the first rests in front of none: it collects notes. */
async function prepare(workspace: Workspace, count: number): Promise<string[]> {
  const database = await openDatabase(
    workspace.url === undefined ? { file: workspace.db ?? '' } : { url: workspace.url },
  )
  const service: Service = { database, now: Date.now }
  const caller = personPrincipal('tester', 'prepare')
  await registerRepository(
    service,
    caller,
    { name: 'api', remoteUrl: 'https://example.invalid/api.git' },
    probe,
    AbortSignal.timeout(600_000),
  )
  const keys: string[] = []
  for (let index = 0; index < count; index += 1) {
    const draft = {
      title: `Task ${index}`,
      repository: 'api',
      description: '',
      acceptanceCriteria: [],
      testCases: [],
      requirements: [],
      dependsOn: [],
      complexity: 'low' as const,
      context: {},
    }
    keys.push((await createTask(service, caller, { ...draft, priority: index === 0 ? 100 : 50 })).id)
  }
  await database.close()
  return keys
}

/** Half of the calls append to one task, a quarter claims, a quarter renames tasks of its own under their revision. */
async function operate(
  agent: AgentProcess,
  index: number,
  tasks: readonly string[],
  told: Acknowledged,
): Promise<void> {
  const shared = tasks[0] ?? ''
  const own = tasks.at(-1 - (index % 100)) ?? ''
  for (let operation = 0; operation < OPERATIONS; operation += 1) {
    if (operation % 2 === 0) {
      const note = `note ${index}/${operation}/${Math.random()}`
      const reply = await agent.call('task_update', { task: shared, note })
      if (reply === undefined) return
      if (reply.refused === undefined) told.notes.push(note)
      else told.refused.push(reply.refused)
    } else if (operation % 4 === 1) {
      const reply = await agent.call('task_claim', {})
      if (reply === undefined) return
      const { task, lease } = reply.output as { task?: { id: string }; lease?: { token: string } }
      if (reply.refused !== undefined) told.refused.push(reply.refused)
      else if (task !== undefined && lease !== undefined) told.claims.push({ task: task.id, token: lease.token })
    } else {
      const read = await agent.call('task_get', { task: own })
      if (read === undefined) return
      const title = `Title ${index}/${operation}`
      const reply = await agent.call('task_update', { task: own, revision: read.output['revision'], title })
      if (reply === undefined) return
      if (reply.refused === undefined) told.titles.set(own, title)
      else told.refused.push(reply.refused)
    }
  }
}

/** Whatever was acknowledged is there, once; and the database is whole. */
async function expectKept(workspace: Workspace, shared: string, told: Acknowledged): Promise<void> {
  const database = await openDatabase(
    workspace.url === undefined ? { file: workspace.db ?? '' } : { url: workspace.url },
  )
  const notes = await database.read(
    async (reader) => await reader.sql.selectFrom('task_note').select(['text', 'task_id']).execute(),
  )
  const tasks = await database.read(
    async (reader) => await reader.sql.selectFrom('task').select(['id', 'status', 'fence', 'title']).execute(),
  )
  const claimed = await database.read(
    async (reader) =>
      await reader.sql.selectFrom('event').select(['subject']).where('type', '=', 'task.claimed').execute(),
  )
  // The task of a killed client is free again at the next claim.
  const freed = await database.read(
    async (reader) =>
      await reader.sql.selectFrom('event').select(['subject']).where('type', '=', 'task.lease_expired').execute(),
  )
  const times = (rows: readonly { readonly subject: string }[], key: string) =>
    rows.filter(({ subject }) => subject === key).length

  const stored = new Set(notes.filter((note) => `TASK-${note.task_id}` === shared).map((note) => note.text))
  expect(told.notes.filter((note) => !stored.has(note))).toEqual([])
  const byKey = new Map(tasks.map((task) => [`TASK-${task.id}`, task]))
  for (const [key, { status, fence }] of byKey) {
    const claims = times(claimed, key)
    expect(claims - times(freed, key), key).toBe(status === 'in_progress' ? 1 : 0)
    expect(fence, key).toBe(claims)
    expect(told.claims.filter(({ task }) => task === key).length, key).toBeLessThanOrEqual(claims)
  }
  // A later rename may have been stored although its answer was cut off; an older one may not have come back.
  expect(
    [...told.titles].filter(([task, title]) => operationOf(byKey.get(task)?.title ?? '') < operationOf(title)),
  ).toEqual([])
  await expectTold(database)
  expect(await verifyActivity({ database, now: Date.now }, personPrincipal('tester', 'audit'))).toBeUndefined()
  await database.close()
  if (workspace.db !== undefined) expect(await checkIntegrity(workspace.db)).toBeUndefined()
}

function operationOf(title: string): number {
  return Number(title.slice(title.indexOf('/') + 1))
}
