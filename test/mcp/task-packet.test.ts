import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Agent, CLI, connect, temporaryFolder } from './connect.ts'
import { makeRepository } from './workspace.ts'

interface Cut {
  readonly field: string
  readonly shown: number
  readonly total: number
  readonly read_on: string
}

interface Packet {
  readonly truncated?: readonly Cut[]
  readonly [part: string]: unknown
}

const MAX_ANSWER = 8000
const CRITERIA = Array.from({ length: 30 }, (_, index) => `CRITERION${index} ${'holds '.repeat(40)}END`)
const NOTES = Array.from({ length: 12 }, (_, index) => `NOTE${index} ${'is said '.repeat(50)}END`)
const LESSONS = Array.from({ length: 8 }, (_, index) => `LESSON${index} ${'was learned '.repeat(30)}END`)
const DESCRIPTION = `${'Do this step. '.repeat(900)}LASTSTEP`
const CONTRACTS = Array.from({ length: 6 }, (_, index) => `CONTRACT${index} ${'binds '.repeat(200)}END`)
const MARKS = [CRITERIA, NOTES, LESSONS, CONTRACTS].flatMap((texts) => texts.map((text) => `${text.split(' ')[0]} `))

/** A task with more of everything than an answer has room for. */
async function makeLongTask(agent: Agent, folder: string): Promise<string> {
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  const { id } = await agent.ok<{ id: string }>('task_create', {
    title: 'Long',
    repository: 'api',
    description: DESCRIPTION,
    acceptance_criteria: CRITERIA,
    context: { contracts: CONTRACTS },
  })
  for (const note of NOTES) await agent.ok('task_update', { task: id, note })
  for (const text of LESSONS) await agent.ok('knowledge_add', { text, category: 'api' })
  return id
}

/** The call that a read_on names. */
function callIn(words: string): [string, Record<string, unknown>] {
  const [tool = '', ...args] = words.split(' ')
  return [tool, Object.fromEntries(args.map((arg) => [arg.split('=')[0], JSON.parse(arg.slice(arg.indexOf('=') + 1))]))]
}

test('a packet stays within its budget, says what it leaves out, and all of it is read on', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const task = await makeLongTask(agent, folder)
  const packet = await agent.ok<Packet>('task_get', { task })

  expect(JSON.stringify(packet).length).toBeLessThanOrEqual(MAX_ANSWER)
  expect(packet.truncated?.map(({ field }) => field).sort()).toEqual([
    'acceptance_criteria',
    'context.contracts',
    'description',
    'knowledge',
    'notes',
  ])
  expect(packet.truncated?.find(({ field }) => field === 'description')).toMatchObject({ total: DESCRIPTION.length })

  let read = JSON.stringify(packet)
  let description = String(packet['description']).replace(/…$/, '')
  const open = [...(packet.truncated ?? [])]
  for (let cut = open.shift(); cut !== undefined; cut = open.shift()) {
    const [tool, args] = callIn(cut.read_on)
    const more = await agent.ok<Packet>(tool, args)
    expect(JSON.stringify(more).length).toBeLessThanOrEqual(MAX_ANSWER)
    read += JSON.stringify(more)
    if (cut.field === 'description') description += String(more['description']).replace(/…$/, '')
    open.push(...(more.truncated ?? []))
  }
  expect(MARKS.filter((mark) => !read.includes(mark))).toEqual([])
  expect(description).toBe(DESCRIPTION)
})

test('a claim holds the same packet, within its budget, with fields named from the top', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  await makeLongTask(agent, folder)
  const claim = await agent.ok<Packet>('task_claim')
  expect(JSON.stringify(claim).length).toBeLessThanOrEqual(MAX_ANSWER)
  expect(claim.truncated?.map(({ field }) => field)).toContain('task.description')
})

test('a requirement brings those of its criteria that the task has not, all of them or where they are read', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  await agent.ok('repository_register', { path: makeRepository(folder, 'api') })
  const criteria = Array.from({ length: 10 }, (_, index) => `Given OWN${index}, then ${'it is so '.repeat(20)}END`)
  const body = `# Shop\n\n### REQ-1: Orders\nThe service shall store orders.\n\nAcceptance criteria:\n${criteria.map((each) => `- ${each}\n`).join('')}`
  await agent.ok('prd_create', { title: 'Shop', body, repositories: ['api'] })
  const { id } = await agent.ok<{ id: string }>('task_create', {
    title: 'Store orders',
    repository: 'api',
    prd: 'PRD-1',
    requirements: ['REQ-1'],
    acceptance_criteria: criteria.slice(0, 1),
  })

  const packet = await agent.ok<Packet>('task_get', { task: id })
  expect(JSON.stringify(packet).match(/OWN0\b/g)).toHaveLength(1)
  const cut = packet.truncated?.find(({ field }) => field === 'requirements.*.criteria')
  expect(cut).toMatchObject({ total: 9 })
  const [tool, args] = callIn(cut?.read_on ?? '')
  const read = JSON.stringify(await agent.ok(tool, args))
  expect(criteria.filter((each) => !read.includes(each))).toEqual([])

  await agent.close()
  const printed = execFileSync(process.execPath, [CLI, 'task', 'get', id, '--db', db, '--json'], { encoding: 'utf8' })
  expect(criteria.filter((each) => !printed.includes(each))).toEqual([])
})

test('a section that is not there names those that are', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const task = await makeLongTask(agent, folder)
  expect((await agent.call('task_get', { task, section: 'everything' })).text).toMatch(/There are: description, /)
})

test('the command line prints everything', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db })
  const task = await makeLongTask(agent, folder)
  await agent.close()
  const printed = execFileSync(process.execPath, [CLI, 'task', 'get', task, '--db', db, '--json'], { encoding: 'utf8' })
  expect(MARKS.filter((mark) => !printed.includes(mark))).toEqual([])
  expect(printed).toContain('LASTSTEP')
  expect(JSON.parse(printed)).not.toHaveProperty('truncated')
})
