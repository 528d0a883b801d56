import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { product } from '../spec/split/product.ts'
import { type Agent, CLI, connect, temporaryFolder } from './connect.ts'
import { makeRepository } from './workspace.ts'

const BODY = `# Orders

## Problem

Clerks lose 2 hours a day, because they see one order at a time.

## Goals

- A clerk closes 20 orders an hour.

## Requirements

### FR-001: List open orders

The page shall list open orders fast.

Acceptance criteria:
- Given 2 open orders, when the page opens, then it lists 2 rows.
- Given no order, when the page opens, then it says "nothing to do".
`

interface Check {
  verdict: string
  revision: number
  findings: { id: string; rule: string; severity: string; place: string; accepted?: string }[]
  lenses: { done: string[]; missing: string[] }
  packet?: { lenses: { lens: string; questions: string[] }[]; text: string; next_line?: number }
}

async function prepared(): Promise<{ agent: Agent; folder: string; db: string }> {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const agent = await connect({ db, args: ['--project', folder] })
  await agent.ok('repository_register', { path: makeRepository(folder, 'web') })
  await agent.ok('prd_create', { title: 'Orders', body: BODY, repositories: ['web'] })
  return { agent, folder, db }
}

function speki(db: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, [CLI, ...args, '--db', db, '--json'], { encoding: 'utf8' })
}

const ALL = ['completeness', 'clarity', 'testability', 'scope', 'flow']

describe('prd_check', () => {
  test('says where what is wrong, and its finding goes when the text is mended', async () => {
    const { agent } = await prepared()
    const check = await agent.ok<Check>('prd_check', { id: 'PRD-1' })
    expect(check).toMatchObject({
      verdict: 'needs_work',
      findings: [{ rule: 'wording.quality', severity: 'warning', place: '15:33-15:37' }],
    })
    const edit = { id: 'PRD-1', base_revision: 1, replacements: [{ old: 'orders fast', new: 'orders within 2 s' }] }
    await agent.ok('prd_edit', edit)
    expect(await agent.ok('prd_check', { id: 'PRD-1' })).toMatchObject({ verdict: 'ready', findings: [] })
  })

  test('lets only a person accept an error', async () => {
    const { agent, db } = await prepared()
    await agent.ok('prd_edit', {
      id: 'PRD-1',
      base_revision: 1,
      replacements: [{ old: ' fast', new: ' within 2 s TODO' }],
    })
    const { findings } = await agent.ok<Check>('prd_check', { id: 'PRD-1' })
    const id = findings.find(({ severity }) => severity === 'error')?.id ?? ''
    const refused = await agent.call('prd_check', { id: 'PRD-1', accept: id, reason: 'later' })
    expect(refused).toMatchObject({ isError: true })
    expect(refused.text).toContain('only a person')
    expect(JSON.parse(speki(db, 'prd', 'check', 'PRD-1', '--accept', id, '--reason', 'known'))).toMatchObject({
      verdict: 'ready',
    })
  })

  test('gives lenses as questions with numbered text, and takes only findings whose words are there', async () => {
    const { agent } = await prepared()
    const { packet } = await agent.ok<Check>('prd_check', { id: 'PRD-1', lenses: ['clarity', 'flow'] })
    expect(packet?.lenses.map(({ lens }) => lens)).toEqual(['clarity', 'flow'])
    expect(packet?.text).toContain('15| The page shall list open orders fast.')
    const finding = { lens: 'clarity', line: 15, quote: 'open orders', message: 'Open since when is not said.' }
    const wrong = await agent.call('prd_check', {
      id: 'PRD-1',
      revision: 1,
      lenses: ['clarity'],
      findings: [
        finding,
        { ...finding, line: 5 },
        { ...finding, quote: 'closed orders' },
        { ...finding, lens: 'scope' },
      ],
    })
    expect(wrong.isError).toBe(true)
    expect(wrong.text).toMatch(/finding 2 .*it is in line 13/)
    expect(wrong.text).toMatch(/finding 3 .*nor anywhere/)
    expect(wrong.text).toMatch(/finding 4 .*not among the lenses/)
    expect(await agent.ok('prd_check', { id: 'PRD-1' })).toMatchObject({ lenses: { done: [], missing: ALL } })
  })

  test('is a gate where people ask for it, and closed while a lens is missing', async () => {
    const { agent, db } = await prepared()
    speki(db, 'rule', 'gate', 'approve')
    speki(db, 'rule', 'gate', 'lenses')
    expect(() => speki(db, 'approve', 'PRD-1')).toThrow(/only with a clean check/)
    await agent.ok('prd_edit', { id: 'PRD-1', base_revision: 1, replacements: [{ old: ' fast', new: ' within 2 s' }] })
    expect(() => speki(db, 'approve', 'PRD-1')).toThrow(/nobody has read it for completeness/)
    await agent.ok('prd_check', { id: 'PRD-1', revision: 2, lenses: ALL.slice(1), findings: [] })
    expect(() => speki(db, 'approve', 'PRD-1')).toThrow(/nobody has read it for completeness/)
    await agent.ok('prd_check', { id: 'PRD-1', revision: 2, lenses: ['completeness'], findings: [] })
    expect(JSON.parse(speki(db, 'approve', 'PRD-1'))).toMatchObject({ state: 'approved' })
  })

  test('is a gate before planning, too', async () => {
    const { agent, db } = await prepared()
    speki(db, 'rule', 'gate', 'plan')
    const { base_revision, tasks } = await agent.ok<{ base_revision: number; tasks: unknown[] }>('plan_draft', {
      prd: 'PRD-1',
    })
    const refused = await agent.call('plan_submit', { prd: 'PRD-1', base_revision, tasks })
    expect(refused.text).toContain('only with a clean check')
    expect(await agent.ok('task_list')).toMatchObject({ total: 0 })
    speki(db, 'rule', 'gate', 'plan', '--off')
    await agent.ok('plan_submit', { prd: 'PRD-1', base_revision, tasks })
  })

  test('follows what the workspace decides about rules and words', async () => {
    const { agent, db } = await prepared()
    speki(db, 'rule', 'set', 'wording.quality', 'off')
    speki(db, 'rule', 'ban', 'clerk')
    const { findings } = await agent.ok<Check>('prd_check', { id: 'PRD-1' })
    expect(findings.map(({ rule, place }) => `${rule} ${place}`)).toEqual(['wording.banned 9:5-9:10'])
    expect(() => speki(db, 'rule', 'set', 'wording.qualty', 'off')).toThrow(/Is "wording.quality" meant/)
    speki(db, 'rule', 'set', 'wording', 'off')
    expect(await agent.ok('prd_check', { id: 'PRD-1' })).toMatchObject({ verdict: 'ready' })
  })
})

describe('prd_import and prd_export', () => {
  const issues = [
    '{"id":"bd-1","title":"List","description":"Look\u200B here","status":"open","priority":1,"issue_type":"task"}',
    '{"id":"bd-2","title":"Print","status":"closed","priority":2,"issue_type":"task","dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"blocks"}]}',
  ]

  test('bring a project in after a look at it, and out again', async () => {
    const { agent, folder } = await prepared()
    mkdirSync(join(folder, 'web', '.beads'))
    writeFileSync(join(folder, 'web', '.beads', 'issues.jsonl'), `${issues.join('\n')}\n`)
    const preview = await agent.ok<{ confirm: string }>('prd_import', { path: 'web' })
    expect(preview).toMatchObject({ format: 'beads', imported: false, tasks: { new: 2 }, states: { todo: 1, done: 1 } })
    expect(await agent.ok('task_list')).toMatchObject({ total: 0 })
    expect(await agent.ok('prd_import', { path: 'web', confirm: preview.confirm })).toMatchObject({ imported: true })
    expect(await agent.ok('task_list')).toMatchObject({ total: 2 })
    expect(await agent.ok('prd_import', { path: 'web' })).not.toHaveProperty('confirm')
    // What is somebody else's says so, and hides nothing from people.
    expect(await agent.ok('task_get', { task: 'TASK-1' })).toMatchObject({
      imported_from: 'beads:web/',
      description: 'Look here',
    })

    expect(await agent.ok('prd_export', { path: 'web/specs' })).toMatchObject({ conflicts: [] })
    expect(readFileSync(join(folder, 'web', 'specs', 'PRD-1-orders.md'), 'utf8').startsWith(BODY)).toBe(true)
    expect(readFileSync(join(folder, 'web', 'specs', 'tasks.md'), 'utf8')).toContain('alias: bd-1')
  })

  test('stay inside the project and the registered repositories', async () => {
    const { agent } = await prepared()
    const outside = await temporaryFolder()
    writeFileSync(join(outside, 'spec.md'), '# A\n\n## Requirements\n\n- FR-1: x\n')
    for (const answer of [
      await agent.call('prd_import', { path: outside }),
      await agent.call('prd_import', { path: `web/../../${outside.split('/').at(-1)}` }),
      await agent.call('prd_export', { path: join(outside, 'new') }),
    ]) {
      expect(answer.isError).toBe(true)
      expect(answer.text).toContain('outside the project folder')
    }
  })

  test('write over nothing that no export wrote', async () => {
    const { agent, folder } = await prepared()
    const file = join(folder, 'web', 'package.json')
    const before = readFileSync(file, 'utf8')
    expect(await agent.call('prd_export', { path: file, format: 'json' })).toMatchObject({ isError: true })
    expect(await agent.call('prd_export', { path: 'web' })).toMatchObject({ isError: true })
    expect(readFileSync(file, 'utf8')).toBe(before)
    const own = join(folder, 'web', 'speki-export.json')
    for (let time = 0; time < 2; time++) await agent.ok('prd_export', { path: own, format: 'json' })
  })

  test('are two commands for people', async () => {
    const { agent, folder, db } = await prepared()
    mkdirSync(join(folder, 'web', '.beads'))
    writeFileSync(join(folder, 'web', '.beads', 'issues.jsonl'), `${issues.join('\n')}\n`)
    expect(JSON.parse(speki(db, 'import', join(folder, 'web')))).toMatchObject({ imported: false })
    expect(JSON.parse(speki(db, 'import', join(folder, 'web'), '--yes'))).toMatchObject({
      imported: true,
      tasks: { new: 2 },
    })
    speki(db, 'export', join(folder, 'all.json'), '--json-file')
    expect(JSON.parse(readFileSync(join(folder, 'all.json'), 'utf8'))).toMatchObject({
      format: 'speki',
      tasks: [{ alias: 'bd-1' }, { alias: 'bd-2' }],
    })
    expect(await agent.ok('task_list')).toMatchObject({ total: 2 })
  })
})

describe('a split over the protocol', () => {
  test('is proposed, shown, done and taken back', async () => {
    const { agent } = await prepared()
    const body = product()
    await agent.ok('prd_create', { title: 'Kitchen', body, repositories: ['web'] })
    const check = await agent.ok<{ split: { children: unknown[]; confirm?: string } }>('prd_check', { id: 'PRD-2' })
    expect(check).toMatchObject({ verdict: 'split_recommended', size: { oversized: true } })
    expect(check.split.children).toHaveLength(3)
    expect(check.split.confirm).toBeUndefined()

    const preview = await agent.ok<{ split: { confirm: string } }>('prd_check', { id: 'PRD-2', apply_split: true })
    const apply = { id: 'PRD-2', apply_split: true, confirm: preview.split.confirm }
    expect(await agent.ok('prd_check', apply)).toMatchObject({ split: { created: ['PRD-3', 'PRD-4', 'PRD-5'] } })
    expect(await agent.ok('prd_get', { id: 'PRD-4', include: ['requirements'] })).toMatchObject({
      title: 'Kitchen: Recipe search',
      parent: 'PRD-2',
    })
    const again = await agent.call('prd_check', apply)
    expect(again).toMatchObject({ isError: true })

    await agent.ok('prd_check', { id: 'PRD-2', undo_split: true })
    expect(await agent.ok('prd_get', { id: 'PRD-2' })).toMatchObject({ body })
    expect(await agent.ok('prd_list')).toMatchObject({ total: 2 })
    expect((await agent.call('prd_check', { id: 'PRD-2', undo_split: true })).text).toContain('no split to take back')
  })

  test('is not taken back once a part was worked on', async () => {
    const { agent } = await prepared()
    await agent.ok('prd_create', { title: 'Kitchen', body: product(), repositories: ['web'] })
    const { split } = await agent.ok<{ split: { confirm: string } }>('prd_check', { id: 'PRD-2', apply_split: true })
    await agent.ok('prd_check', { id: 'PRD-2', apply_split: true, confirm: split.confirm })
    await agent.ok('prd_edit', {
      id: 'PRD-3',
      base_revision: 1,
      replacements: [{ old: 'an expired card', new: 'expired cards' }],
    })
    const refused = await agent.call('prd_check', { id: 'PRD-2', undo_split: true })
    expect(refused.text).toContain('Work has gone on in PRD-3')
    expect(await agent.ok('prd_list')).toMatchObject({ total: 5 })
  })
})

describe('a tech spec over the protocol', () => {
  test('is written from a packet, and its tasks come before the stories', async () => {
    const { agent } = await prepared()
    const { base_revision, tasks } = await agent.ok<{ base_revision: number; tasks: unknown[] }>('plan_draft', {
      prd: 'PRD-1',
    })
    expect(tasks).toMatchObject([{ ref: 'US-001' }])
    await agent.ok('plan_submit', { prd: 'PRD-1', base_revision, tasks })
    const packet = await agent.ok('plan_draft', { prd: 'PRD-1', for: 'tech_spec', stories: ['FR-001'] })
    expect(packet).toMatchObject({
      tasks: [],
      tech_spec: { outline: expect.any(Array) },
      next: [expect.stringContaining('kind="tech_spec"')],
    })
    const body =
      '# How\n\n## Requirements\n\n### R1: Query\n\nThe service shall read open orders in src/orders.ts within 2 s.\n'
    await agent.ok('prd_create', { title: 'How', kind: 'tech_spec', parent: 'PRD-1', body, repositories: ['web'] })
    const spec = await agent.ok<{ tasks: { requirements: string[] }[] }>('plan_draft', { prd: 'PRD-2' })
    const traced = spec.tasks.map((task) => ({ ...task, requirements: [...task.requirements, 'FR-001'] }))
    await agent.ok('plan_submit', { prd: 'PRD-2', base_revision: 1, tasks: traced })
    expect(await agent.ok('task_claim')).toMatchObject({ task: { id: 'TASK-2' } })
  })
})
