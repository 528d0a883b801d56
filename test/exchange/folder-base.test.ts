import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BundleTask } from '../../schemas/bundle.ts'
import { editPrd } from '../../src/domain/prd/edit.ts'
import { createPrd, updatePrdRecord } from '../../src/domain/prd/prd.ts'
import type { Service } from '../../src/domain/service.ts'
import { changeTasks, type TaskChange } from '../../src/domain/task/change.ts'
import { claimTask } from '../../src/domain/task/claim.ts'
import { createTask } from '../../src/domain/task/create.ts'
import { exportBundle } from '../../src/exchange/export.ts'
import { syncFolder } from '../../src/exchange/sync-folder.ts'
import { person, workspace } from '../domain/plan/workspace.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { runs } from '../property-runs.ts'

const BODY = '# Orders\n\n## Requirements\n\n- FR-1: The page lists orders.\n\n## Notes\n\nFirst note.\n'
const signal = AbortSignal.timeout(600_000)

interface World {
  readonly service: Service
  readonly folder: string
  readonly prd: string
  readonly tasks: string
}

async function world(): Promise<World> {
  const service = await workspace({ api: {} })
  await createPrd(service, person, { title: 'Orders', kind: 'prd', body: BODY, repositories: ['api'] })
  for (const title of ['List orders', 'Print labels'])
    await createTask(service, person, {
      title,
      repository: 'api',
      description: 'With date',
      acceptanceCriteria: ['20 rows are shown'],
      testCases: [],
      prd: 1,
      requirements: [],
      dependsOn: [],
      complexity: 'low',
      priority: 50,
      context: {},
    })
  const folder = join(await temporaryFolder(), 'specs')
  const found = { service, folder, prd: join(folder, 'PRD-1-orders.md'), tasks: join(folder, 'PRD-1-orders.tasks.md') }
  await sync(found)
  return found
}

async function sync({ service, folder }: World) {
  return await syncFolder(service, person, folder, undefined, signal)
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(
    file,
    text.replace(from, () => to),
  )
}

async function taskOf(service: Service, ref: string): Promise<BundleTask | undefined> {
  return (await exportBundle(service, person, [1])).tasks.find((task) => task.ref === ref)
}

async function change(service: Service, id: number, change: TaskChange): Promise<void> {
  await changeTasks(service, person, [{ id }], change)
}

async function titleOf(service: Service): Promise<string | undefined> {
  return (await exportBundle(service, person, [1])).prds[0]?.title
}

/** As today's SPEKI finds a folder that an earlier one kept. */
async function forgetBases({ database }: Service): Promise<void> {
  await database.write(async (tx) => {
    await tx.sql.deleteFrom('link').where('source', 'like', 'folder:%').execute()
  })
}

describe('a folder and the database, field by field', () => {
  it('a claim here and an edit there are no conflict', async () => {
    const made = await world()
    await claimTask(made.service, person, { task: 1 })
    await edit(made.tasks, '20 rows are shown', '50 rows are shown')
    expect(await sync(made)).toMatchObject({ taken: ['TASK-1'], conflicts: [] })
    expect(await taskOf(made.service, 'TASK-1')).toMatchObject({
      status: 'in_progress',
      acceptance_criteria: ['50 rows are shown'],
    })
    expect(await readFile(made.tasks, 'utf8')).toContain('status: in_progress')
  })

  it('a new title here and a new text there are both kept', async () => {
    const made = await world()
    await updatePrdRecord(made.service, person, 1, undefined, { title: 'Parcels' })
    await edit(made.prd, 'First note', 'A better note')
    expect(await sync(made)).toMatchObject({ taken: ['PRD-1'], conflicts: [] })
    const [prd] = (await exportBundle(made.service, person, [1])).prds
    expect(prd).toMatchObject({ title: 'Parcels', body: BODY.replace('First note', 'A better note') })
    expect(await readFile(made.prd, 'utf8')).toContain('"title":"Parcels"')
  })

  it('a field in conflict holds back neither the other fields nor the other tasks', async () => {
    const made = await world()
    await change(made.service, 1, { title: 'List all orders', priority: 10 })
    await change(made.service, 2, { priority: 20 })
    await edit(made.tasks, 'TASK-1: List orders', 'TASK-1: List open orders')
    for (let time = 0; time < 2; time++) {
      expect((await sync(made)).conflicts).toEqual(['TASK-1: title was changed on both sides'])
      const text = await readFile(made.tasks, 'utf8')
      for (const part of ['TASK-1: List open orders', 'priority: 10', 'priority: 20']) expect(text).toContain(part)
      expect(await taskOf(made.service, 'TASK-1')).toMatchObject({ title: 'List all orders' })
    }
    await change(made.service, 1, { priority: 11 })
    expect((await sync(made)).conflicts).toHaveLength(1)
    expect(await readFile(made.tasks, 'utf8')).toContain('priority: 11')
  })

  it('what is taken out of in_conflict holds as the file has it', async () => {
    const made = await world()
    await change(made.service, 1, { title: 'List all orders' })
    await edit(made.tasks, 'TASK-1: List orders', 'TASK-1: List open orders')
    await updatePrdRecord(made.service, person, 1, undefined, { title: 'Parcels' })
    await edit(made.prd, '"title":"Orders"', '"title":"Shipments"')
    await editPrd(made.service, person, 1, 1, { replacements: [{ old: 'First note', new: 'My note' }] }, 'edit')
    await edit(made.prd, 'First note', 'Your note')
    expect((await sync(made)).conflicts).toHaveLength(3)
    await edit(made.tasks, 'in_conflict:\n  - title\n', '')
    await edit(made.prd, ',"in_conflict":["title","body"]', '')
    expect(await sync(made)).toMatchObject({ taken: ['PRD-1', 'TASK-1'], conflicts: [] })
    expect(await taskOf(made.service, 'TASK-1')).toMatchObject({ title: 'List open orders' })
    const [prd] = (await exportBundle(made.service, person, [1])).prds
    expect(prd).toMatchObject({ title: 'Shipments', body: BODY.replace('First note', 'Your note') })
    expect(await sync(made)).toMatchObject({ written: [], taken: [], conflicts: [] })
  })

  it('a file of before undoes nothing', async () => {
    const made = await world()
    const before = join(await temporaryFolder(), 'before')
    await cp(made.folder, before, { recursive: true })
    await updatePrdRecord(made.service, person, 1, undefined, { title: 'Parcels' })
    await editPrd(made.service, person, 1, 1, { replacements: [{ old: 'First', new: 'Second' }] }, 'edit')
    await change(made.service, 2, { title: 'Print all labels' })
    await sync(made)
    await cp(before, made.folder, { recursive: true })
    expect((await sync(made)).taken).toEqual([])
    const { prds, tasks } = await exportBundle(made.service, person, [1])
    expect(prds[0]).toMatchObject({ title: 'Parcels', body: BODY.replace('First', 'Second') })
    expect(tasks[1]).toMatchObject({ title: 'Print all labels' })
  })

  it('a folder of before is taken over: what only one side can have changed is known, the rest stays on both', async () => {
    const made = await world()
    await edit(made.tasks, 'TASK-1: List orders', 'TASK-1: List open orders')
    await change(made.service, 2, { title: 'Print all labels' })
    await edit(made.tasks, 'priority: 50', 'priority: 30')
    await forgetBases(made.service)
    const { conflicts } = await sync(made)
    expect(conflicts).toEqual(['TASK-2: title was changed on both sides'])
    expect(await taskOf(made.service, 'TASK-1')).toMatchObject({ title: 'List open orders', priority: 30 })
    expect(await taskOf(made.service, 'TASK-2')).toMatchObject({ title: 'Print all labels' })
    expect(await readFile(made.tasks, 'utf8')).toContain('TASK-2: Print labels')
    await change(made.service, 2, { priority: 20 })
    expect((await sync(made)).conflicts).toHaveLength(1)
    expect(await readFile(made.tasks, 'utf8')).toContain('priority: 20')
  })

  it('a copy in another place overwrites nothing while it is in conflict', async () => {
    const made = await world()
    await change(made.service, 1, { title: 'List all orders' })
    await edit(made.tasks, 'TASK-1: List orders', 'TASK-1: List open orders')
    await sync(made)
    const copy = join(await temporaryFolder(), 'elsewhere')
    await cp(made.folder, copy, { recursive: true })
    await rm(made.folder, { recursive: true })
    expect((await sync({ ...made, folder: copy })).conflicts).toEqual(['TASK-1: title was changed on both sides'])
    expect(await taskOf(made.service, 'TASK-1')).toMatchObject({ title: 'List all orders' })
    expect(await readFile(join(copy, 'PRD-1-orders.tasks.md'), 'utf8')).toContain('List open orders')
  })

  it('after any edits on both sides no value is lost, and what only one side changed stands on both', async () => {
    const made = await world()
    const side = fc.constantFrom('none', 'here', 'there', 'both')
    let round = 0
    await fc.assert(
      fc.asyncProperty(side, side, async (title, priority) => {
        round += 1
        const before = await taskOf(made.service, 'TASK-1')
        const here = { title: `Here ${round}`, priority: (round * 2) % 100 }
        const there = { title: `There ${round}`, priority: (round * 2 + 1) % 100 }
        const at = (who: string) => ({
          ...(title === who || title === 'both' ? { title: (who === 'here' ? here : there).title } : {}),
          ...(priority === who || priority === 'both' ? { priority: (who === 'here' ? here : there).priority } : {}),
        })
        if (Object.keys(at('here')).length > 0) await change(made.service, 1, at('here'))
        if (at('there').title !== undefined)
          await edit(made.tasks, `TASK-1: ${before?.title}`, `TASK-1: ${there.title}`)
        if (at('there').priority !== undefined)
          await edit(made.tasks, `priority: ${before?.priority}`, `priority: ${there.priority}`)
        const { conflicts } = await sync(made)
        expect(conflicts).toHaveLength([title, priority].filter((who) => who === 'both').length)
        expect(await taskOf(made.service, 'TASK-1')).toMatchObject({
          title: before?.title,
          priority: before?.priority,
          ...at('there'),
          ...at('here'),
        })
        const text = await readFile(made.tasks, 'utf8')
        const shown = { title: before?.title, priority: before?.priority, ...at('here'), ...at('there') }
        expect(text).toContain(`TASK-1: ${shown.title}`)
        expect(text).toContain(`priority: ${shown.priority}`)
        // The file decides, so that the next round begins in step.
        if (conflicts.length > 0) await writeFile(made.tasks, text.replace(/in_conflict:\n(?: {2}- \w+\n)+/, ''))
        expect(await sync(made)).toMatchObject({ conflicts: [] })
      }),
      { numRuns: runs(60) },
    )
    expect(await titleOf(made.service)).toBe('Orders')
  })
})
