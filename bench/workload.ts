import { join } from 'node:path'
import { openDatabase } from '../src/store/open.ts'
import { insertRepository } from '../src/store/repositories.ts'
import { residentMegabytes, startServer } from './server.ts'
import { type Line, median, milliseconds, quantile } from './statistics.ts'

const REPOSITORIES = 20
const CALLS = 200

/** What a call costs over stdio with so many tasks over 20 repositories. */
export async function benchWorkload(folder: string, tasks: number): Promise<readonly Line[]> {
  const db = join(folder, `tasks-${tasks}.db`)
  await seed(db, tasks)
  const server = await startServer(db)
  const aim = tasks <= 10_000 ? 'aim 2 ms' : 'aim 5 ms'
  const times = new Map<string, number[]>()
  const measure = async (what: string, tool: string, args: Record<string, unknown>) => {
    const { ms, output } = await server.call(tool, args)
    times.set(what, [...(times.get(what) ?? []), ms])
    return output
  }
  await server.call('speki_status', {})
  for (let round = 0; round < CALLS; round += 1) {
    const claim = await measure('claim', 'task_claim', {})
    const task = claim['task'] as { id: string }
    await measure('get', 'task_get', { task: task.id })
    await measure('update', 'task_update', {
      task: task.id,
      lease_token: (claim['lease'] as { token: string }).token,
      note: 'n',
      priority: 40,
    })
    await measure('list', 'task_list', {})
    await measure('list by repository', 'task_list', { repository: `repository-${round % REPOSITORIES}` })
    await measure('ready', 'task_list', { ready: true })
  }
  for (let round = 0; round < 20; round += 1) await measure('status', 'speki_status', {})
  const memory = residentMegabytes(server.pid)
  await server.close()
  return [
    ...[...times].map(([what, samples]) => ({
      what,
      value: `${milliseconds(median(samples))} / ${milliseconds(quantile(samples, 0.95))} ms`,
      aim: what === 'status' ? '' : aim,
    })),
    ...(memory === undefined ? [] : [{ what: 'memory of the server', value: `${memory} MB`, aim: '' }]),
  ]
}

/** Fills the tables directly: building a backlog is not what is measured. */
export async function seed(db: string, tasks: number): Promise<void> {
  const database = await openDatabase({ file: db })
  await database.write(async (tx) => {
    for (let index = 0; index < REPOSITORIES; index += 1) {
      await insertRepository(tx, {
        name: `repository-${index}`,
        root: undefined,
        commonDir: undefined,
        firstCommit: undefined,
        subpath: '.',
        remoteUrl: `https://example.invalid/${index}.git`,
        defaultBranch: 'main',
        description: '',
        owners: [],
        facts: { languages: [], packages: [], commands: [] },
        commands: [],
        revision: 1,
        createdAt: 0,
        updatedAt: 0,
      })
    }
    await tx.sql.insertInto('counter').values({ name: 'task', value: tasks }).execute()
  })
  const BATCH = 500
  for (let first = 1; first <= tasks; first += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, tasks - first + 1) }, (_, index) => first + index)
    await database.write(async (tx) => {
      await tx.sql
        .insertInto('task')
        .values(ids.map((id) => taskRow(id)))
        .execute()
      const edges = ids.flatMap((id) =>
        dependenciesOf(id).map((dependency) => ({ task_id: id, depends_on: dependency })),
      )
      if (edges.length > 0) await tx.sql.insertInto('task_dependency').values(edges).execute()
      for (const id of ids)
        await tx.dialect.indexText(tx, { kind: 'task', id, title: `Task ${id}`, body: 'Do the thing.' })
    })
  }
  await database.close()
}

/** A third is done; every fourth of the rest waits for its neighbour. */
function taskRow(id: number) {
  const done = id % 3 === 0
  const waiting = dependenciesOf(id).filter((dependency) => dependency % 3 !== 0).length
  return {
    id,
    alias: null,
    title: `Task ${id}`,
    description: 'Do the thing and show that it is done. '.repeat(8),
    repository_id: (id % REPOSITORIES) + 1,
    prd_id: null,
    plan_id: null,
    prd_revision: null,
    stale: 0,
    status: done ? 'done' : 'todo',
    waiting_on: waiting,
    criteria: JSON.stringify(['It answers 200.', 'It answers 404 where nothing is.']),
    test_cases: '[]',
    complexity: 'medium',
    priority: (id % 100) + 1,
    position: id,
    context: '{}',
    cause: null,
    holder: null,
    holder_session: null,
    lease_hash: null,
    lease_expires_at: null,
    fence: 0,
    revision: 1,
    created_at: 0,
    updated_at: 0,
    finished_at: null,
  }
}

function dependenciesOf(id: number): number[] {
  return id % 4 === 0 && id > 4 ? [id - 1, id - 2] : []
}
