import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { enterMember, openChangeSet } from '../../src/domain/change-set/transition.ts'
import { registerRepository } from '../../src/domain/repository/repository.ts'
import { enterRun } from '../../src/domain/run/transition.ts'
import { type Service, transact } from '../../src/domain/service.ts'
import { createTask } from '../../src/domain/task/create.ts'
import { reserveNumbers } from '../../src/store/keys.ts'
import { openDatabase } from '../../src/store/open.ts'
import { person } from '../domain/plan/workspace.ts'
import { stepsIn } from '../journeys/named-step.ts'
import { shared, temporaryFolder } from '../mcp/connect.ts'
import { agentNamed, openInProcess } from './in-process.ts'

const RUNS = 230
const REPOSITORIES = 140
const CHILDREN = 130

/** A workspace with hundreds of rows of each kind. */
const world = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const file = join(folder, 'speki.db')
  const database = await openDatabase({ file })
  const service: Service = { database, now: Date.now }
  const probe = {
    inspect: async (path: string) => ({
      ...{ subpath: '.', root: path, commonDir: join(path, '.git') },
      facts: { languages: [], packages: [], commands: [] },
    }),
    checkRemoteUrl: async (url: string) => url,
    health: async () => 'ok' as const,
    map: async () => undefined,
  }
  const names = Array.from({ length: REPOSITORIES }, (_, index) => `part-${String(index).padStart(3, '0')}`)
  for (const name of names)
    await registerRepository(service, person, { name, path: join(folder, name) }, probe, new AbortController().signal)
  await createTask(service, person, {
    ...{ title: 'One', description: '', repository: 'part-000', requirements: [], dependsOn: [] },
    ...{ acceptanceCriteria: [], testCases: [], complexity: 'low', priority: 50, context: {} },
  })
  await transact(service, person, 'run.start', async (tx, now) => {
    const doer = { actor: { kind: 'person' as const, name: 'tester' }, now }
    await reserveNumbers(tx, 'change_set', 1)
    await openChangeSet(tx, doer, { id: 1, prdId: undefined, title: 'All parts' })
    for (const [index] of names.entries())
      await enterMember(tx, {
        ...{ changeSetId: 1, repositoryId: index + 1, branch: 'speki/cs-1', target: 'main', base: 'a'.repeat(40) },
      })
    await reserveNumbers(tx, 'run', RUNS)
    const options = {
      agent: 'command' as const,
      command: ['true'],
      fallback: [],
      parallel: 1,
      attempts: 1,
      budget: { minutes: 1 },
    }
    for (let id = 1; id <= RUNS; id += 1)
      await enterRun(tx, doer, {
        ...{ id, prdId: undefined, title: `Run ${id}`, checks: [], changeSetId: 1, tasks: [1] },
        options: { ...options, testFirst: false, deliver: 'none', variables: [] },
      })
  })
  await database.close()
  const workspace = openInProcess(file, folder)
  atEnd(workspace.close)
  const me = workspace.as(agentNamed('reader'))
  const { id: parent } = await me.ok<{ id: string }>('prd_create', {
    title: 'Whole',
    body: '# Whole\n',
    repositories: [],
  })
  for (let child = 0; child < CHILDREN; child += 1)
    await me.ok('prd_create', { title: `Part ${child}`, body: `# Part ${child}\n`, parent, repositories: [] })
  return { me, parent, names }
})

interface Cut {
  readonly field: string
  readonly shown: number
  readonly total: number
  readonly read_on: string
}

/** Every row of a field, read on by what each answer says. */
async function allOf(tool: string, args: Record<string, unknown>, field: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  let call: { tool: string; args: Readonly<Record<string, unknown>> } | undefined = { tool, args }
  for (let calls = 0; call !== undefined; calls += 1) {
    expect(calls, `${field} comes to an end`).toBeLessThan(60)
    const answer: Record<string, unknown> = await world().me.ok(call.tool, call.args)
    const page = answer[call.tool === 'prd_list' ? 'prds' : field]
    expect(page, JSON.stringify(call)).not.toEqual([])
    rows.push(...(Array.isArray(page) ? page : []))
    const cut = ((answer['truncated'] ?? []) as readonly Cut[]).find((entry) => entry.field === field)
    const [step] = stepsIn(cut?.read_on ?? '', new Set([tool, 'prd_list']))
    const cursor = answer['next_cursor']
    call = step ?? (typeof cursor === 'string' ? { tool: call.tool, args: { ...call.args, cursor } } : undefined)
    // A list of another tool begins from the first row.
    if (step !== undefined && step.tool !== tool) rows.length = 0
  }
  return rows
}

describe('hundreds of rows are read on to the last', () => {
  test.each([
    ['run_status', {}, 'runs', 'id', RUNS],
    ['changeset_get', { change_set: 'CS-1' }, 'members', 'repository', REPOSITORIES],
    ['repository_list', {}, 'repositories', 'name', REPOSITORIES],
    ['prd_get', { prd: 'PRD-1' }, 'children', 'id', CHILDREN],
  ] as const)('%s', async (tool, args, field, key, count) => {
    const rows = await allOf(tool, args, field)
    expect(rows).toHaveLength(count)
    expect(new Set(rows.map((row) => row[key])).size).toBe(count)
  })
})

describe('a cursor that names nothing is refused, and the step back is accepted', () => {
  test.each([
    ['repository_list', { cursor: 'nowhere' }],
    ['repository_list', { cursor: 'part-001', query: 'part-002' }],
    ['changeset_get', { change_set: 'CS-1', cursor: '9999' }],
    ['changeset_get', { change_set: 'CS-1', cursor: 'web' }],
    ['changeset_get', { cursor: 'web' }],
    ['prd_list', { cursor: 'x' }],
    ['task_list', { cursor: 'TASK-999' }],
  ])('%s %j', async (tool, args) => {
    const answer = await world().me.call(tool, args)
    expect(answer).toMatchObject({ isError: true })
    const [step] = stepsIn(answer.text, new Set([tool]))
    expect(await world().me.call(step?.tool ?? '', { ...step?.args })).toMatchObject({ isError: false })
  })
})
