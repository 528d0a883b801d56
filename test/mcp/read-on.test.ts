import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Agent, connect, shared, temporaryFolder } from './connect.ts'
import { makeRepository, makeTask } from './workspace.ts'

interface Cut {
  readonly field: string
  readonly shown: number
  readonly total: number
  readonly read_on: string
}

const CRITERION = (number: number) => `Criterion ${number}: ${'a long sentence of what holds; '.repeat(30)}`
const CRITERIA = 10
const NOTES = 50
const LESSONS = 230
const WAITING = 210

const BODY = [
  '# Large\n',
  ...Array.from(
    { length: 60 },
    (_, index) =>
      `### FR-${String(index + 1).padStart(3, '0')}: Part ${index + 1} [repo: api]\n\nThe system shall answer ${index + 1} to question ${index + 1}.\n\nAcceptance criteria:\n- The answer to question ${index + 1} is ${index + 1}.\n`,
  ),
].join('\n')

/** A workspace in which everything is longer than an answer has room for. */
const world = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const agent = await connect({ db: join(folder, 'speki.db'), env: { SPEKI_HOME: join(folder, 'home') } }, atEnd)
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  const { id: prd } = await agent.ok<{ id: string }>('prd_create', {
    title: 'Large',
    body: BODY,
    repositories: ['api'],
  })
  const { id: task } = await agent.ok<{ id: string }>('task_create', {
    title: 'Much',
    repository: 'api',
    description: 'It holds. '.repeat(700),
    acceptance_criteria: Array.from({ length: CRITERIA }, (_, index) => CRITERION(index + 1)),
    test_cases: Array.from({ length: 30 }, (_, index) => `case ${index}: ${'x'.repeat(200)}`),
  })
  for (let index = 0; index < NOTES; index += 1) {
    const { revision } = await agent.ok<{ revision: number }>('task_get', { task })
    await agent.ok('task_update', { task, revision, note: `Note ${index}: ${'y'.repeat(150)}` })
  }
  const many = async (count: number, make: (index: number) => Promise<unknown>) =>
    await Promise.all(Array.from({ length: count }, async (_, index) => await make(index)))
  await many(
    LESSONS,
    async (index) =>
      await agent.ok('knowledge_add', {
        text: `Lesson ${index}: ${'z'.repeat(60)}`,
        category: 'api',
        repository: 'api',
      }),
  )
  await many(WAITING, async (index) => await makeTask(agent, 'api', `Waits ${index}`, { depends_on: [task] }))
  return { agent, prd, task, folder }
})

describe('what an answer left out is read on, to its end', () => {
  test.each([
    ['task_get', () => ({ task: world().task })],
    ['task_claim', () => ({ task: world().task })],
    ['prd_get', () => ({ prd: world().prd, include: ['body', 'requirements', 'tasks', 'history', 'progress'] })],
    ['plan_draft', () => ({ prd: world().prd })],
    ['prd_check', () => ({ prd: world().prd })],
    ['speki_status', () => ({})],
    ['run_start', () => ({ tasks: [world().task], dry_run: true })],
    ['activity_list', () => ({ subject: world().task })],
    ['repository_list', () => ({})],
  ] as [string, () => Record<string, unknown>][])('%s', { timeout: 120_000 }, async (tool, args) => {
    const { agent } = world()
    const answer = await agent.ok<Record<string, unknown>>(tool, args())
    for (const cut of cutsOf(answer)) {
      expect(cut.shown, cut.field).toBeLessThan(cut.total)
      expect(valuesAt(answer, cut.field), cut.field).not.toEqual([])
      if (!cut.field.includes('*') && /^\w+ \w+=/.test(cut.read_on)) await readToEnd(agent, answer, cut)
    }
  })

  test('a packet tells of everything it holds: entries that were shown and those that were read on are all', async () => {
    const { agent, task } = world()
    const packet = await agent.ok<Record<string, unknown>>('task_get', { task })
    const totals = Object.fromEntries(cutsOf(packet).map(({ field, total }) => [field, total]))
    expect(totals).toMatchObject({ notes: NOTES, knowledge: LESSONS, unblocks: WAITING, acceptance_criteria: CRITERIA })
    const seen = async (section: string) => {
      const rows = new Set<string>()
      for (let from = 0, step: string | undefined = 'on'; step !== undefined; from = rows.size) {
        const part = await agent.ok<Record<string, unknown>>('task_get', { task, section, from })
        for (const row of valuesAt(part, section).flat()) rows.add(JSON.stringify(row))
        step = cutsOf(part).find(({ field }) => field === section)?.read_on
      }
      return rows.size
    }
    expect(await seen('notes')).toBe(NOTES)
    expect(await seen('knowledge')).toBe(LESSONS)
    expect(await seen('unblocks')).toBe(WAITING)
    expect(await seen('acceptance_criteria')).toBe(CRITERIA)
  })
})

/** Follows `read_on` until nothing of the field is left out; each call has to bring something. */
async function readToEnd(agent: Agent, first: Record<string, unknown>, cut: Cut): Promise<void> {
  let step: string | undefined = cut.read_on
  let seen = sizeOf(first, cut.field)
  const isSection = /\b(from|offset)=/.test(step)
  for (let calls = 0; step !== undefined && calls < 60; calls += 1) {
    const [tool = '', args] = parsedCall(step)
    const part: Record<string, unknown> = await agent.ok(tool, args)
    if (!isSection) return
    const field = typeof args['section'] === 'string' && tool === 'task_get' ? args['section'] : cut.field
    const size = sizeOf(part, field)
    expect(size, `${step} brings something`).toBeGreaterThan(0)
    seen += size
    step = cutsOf(part).find((entry) => entry.field === field)?.read_on
  }
  expect(step, `${cut.field} comes to an end`).toBeUndefined()
  if (isSection) expect(seen, cut.field).toBeGreaterThanOrEqual(cut.total)
}

function sizeOf(answer: Record<string, unknown>, field: string): number {
  const [value] = valuesAt(answer, field)
  if (Array.isArray(value)) return value.length
  return String(value ?? '').replace(/…$/, '').length
}

function cutsOf(answer: Record<string, unknown>): readonly Cut[] {
  return (answer['truncated'] ?? []) as readonly Cut[]
}

/** What stands at a path of an answer; `*` is every row. */
function valuesAt(answer: unknown, field: string): unknown[] {
  return field.split('.').reduce<unknown[]>(
    (values, name) =>
      values.flatMap((value) => {
        if (name === '*') return Array.isArray(value) ? value : []
        const inner = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
        return inner === undefined ? [] : [inner]
      }),
    [answer],
  )
}

/** `task_get task="TASK-1" from=3` → its name and arguments. */
function parsedCall(call: string): [string, Record<string, unknown>] {
  const args: Record<string, unknown> = {}
  for (const [, name = '', value = ''] of call.matchAll(/ (\w+)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^ ]+)/g))
    args[name] = JSON.parse(value)
  return [call.split(' ')[0] ?? '', args]
}
