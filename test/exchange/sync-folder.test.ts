import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { editPrd } from '../../src/domain/prd/edit.ts'
import { createPrd } from '../../src/domain/prd/prd.ts'
import type { Service } from '../../src/domain/service.ts'
import { createTask } from '../../src/domain/task/create.ts'
import { exportBundle } from '../../src/exchange/export.ts'
import { syncFolder } from '../../src/exchange/sync-folder.ts'
import { agent, person, workspace } from '../domain/plan/workspace.ts'
import { temporaryFolder } from '../mcp/connect.ts'

const BODY = '# Orders\n\n## Requirements\n\n- FR-1: The page lists orders.\n\n## Notes\n\nFirst note.\n'
const signal = AbortSignal.timeout(600_000)

async function exported(): Promise<{ service: Service; folder: string; file: string }> {
  const service = await workspace({ api: {} })
  await createPrd(service, person, { title: 'Orders', kind: 'prd', body: BODY, repositories: ['api'] })
  await createTask(service, person, {
    title: 'List orders',
    repository: 'api',
    description: 'With date',
    acceptanceCriteria: ['20 rows are shown'],
    testCases: [],
    prd: 1,
    requirements: [1],
    dependsOn: [],
    complexity: 'low',
    priority: 50,
    context: {},
  })
  const folder = join(await temporaryFolder(), 'specs')
  await syncFolder(service, person, folder, undefined, signal)
  return { service, folder, file: join(folder, 'PRD-1-orders.md') }
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  expect(text).toContain(from)
  await writeFile(
    file,
    text.replace(from, () => to),
  )
}

async function bodyOf(service: Service): Promise<string | undefined> {
  return (await exportBundle(service, person, [1])).prds[0]?.body
}

describe('a folder in step with the database', () => {
  it('holds a file a PRD that begins with its text, and its tasks beside it', async () => {
    const { folder, file } = await exported()
    expect((await readdir(folder)).sort()).toEqual(['PRD-1-orders.md', 'PRD-1-orders.tasks.md', 'speki.json'])
    expect((await readFile(file, 'utf8')).startsWith(BODY)).toBe(true)
    expect(await readFile(join(folder, 'PRD-1-orders.tasks.md'), 'utf8')).toContain('## TASK-1: List orders')
  })

  it('writes nothing where nothing changed', async () => {
    const { service, folder } = await exported()
    expect(await syncFolder(service, person, folder, undefined, signal)).toEqual({
      written: [],
      unchanged: 3,
      taken: [],
      conflicts: [],
      left: [],
    })
  })

  it('takes in a text edited in the folder, as a revision', async () => {
    const { service, folder, file } = await exported()
    await edit(file, 'lists orders', 'lists 20 orders')
    const outcome = await syncFolder(service, agent, folder, undefined, signal)
    expect(outcome).toMatchObject({ taken: ['PRD-1'], conflicts: [] })
    expect(await bodyOf(service)).toBe(BODY.replace('lists orders', 'lists 20 orders'))
    expect((await syncFolder(service, agent, folder, undefined, signal)).written).toEqual([])
  })

  it('merges an edit in the folder with one in the database', async () => {
    const { service, folder, file } = await exported()
    await edit(file, 'First note', 'A better note')
    await editPrd(service, person, 1, 1, { replacements: [{ old: 'lists orders', new: 'lists 20 orders' }] }, 'edit')
    await syncFolder(service, agent, folder, undefined, signal)
    const merged = BODY.replace('lists orders', 'lists 20 orders').replace('First note', 'A better note')
    expect(await bodyOf(service)).toBe(merged)
    expect((await readFile(file, 'utf8')).startsWith(merged)).toBe(true)
  })

  it('keeps both texts that clash, and says so each time', async () => {
    const { service, folder, file } = await exported()
    await edit(file, 'lists orders', 'lists 50 orders')
    await editPrd(service, person, 1, 1, { replacements: [{ old: 'lists orders', new: 'lists 20 orders' }] }, 'edit')
    const written = await readFile(file, 'utf8')
    const clashing = written.slice(0, written.lastIndexOf('<!-- speki'))
    for (let time = 0; time < 2; time++) {
      const { conflicts } = await syncFolder(service, agent, folder, undefined, signal)
      expect(conflicts).toEqual(['PRD-1: its text was changed on both sides (Requirements)'])
      expect((await readFile(file, 'utf8')).startsWith(clashing)).toBe(true)
    }
    expect(await bodyOf(service)).toContain('lists 20 orders')
  })

  it('takes in edited tasks, but no finished one from an agent', async () => {
    const { service, folder } = await exported()
    const tasks = join(folder, 'PRD-1-orders.tasks.md')
    await edit(tasks, '20 rows are shown', '50 rows are shown')
    await edit(tasks, 'status: todo', 'status: done')
    const outcome = await syncFolder(service, agent, folder, undefined, signal)
    expect(outcome.left[0]).toContain('finish it here with evidence')
    const [task] = (await exportBundle(service, person, [1])).tasks
    expect(task).toMatchObject({ status: 'todo', acceptance_criteria: ['50 rows are shown'] })
  })

  it('adds a task that somebody wrote under the others', async () => {
    const { service, folder } = await exported()
    const tasks = join(folder, 'PRD-1-orders.tasks.md')
    await edit(
      tasks,
      '\n<!-- speki',
      '\n## T-new: Print labels\n\n```yaml\nstatus: todo\ncriteria:\n  - A label is printed\n```\n\n<!-- speki',
    )
    await syncFolder(service, agent, folder, undefined, signal)
    const bundle = await exportBundle(service, person, [1])
    expect(bundle.tasks.map(({ title }) => title)).toEqual(['List orders', 'Print labels'])
    await syncFolder(service, agent, folder, undefined, signal)
    expect((await exportBundle(service, person, [1])).tasks).toHaveLength(2)
  })

  it('keeps the file of a PRD whose title changes', async () => {
    const { service, folder } = await exported()
    const { updatePrdRecord } = await import('../../src/domain/prd/prd.ts')
    await updatePrdRecord(service, person, 1, undefined, { title: 'Parcels' })
    await syncFolder(service, agent, folder, undefined, signal)
    expect((await readdir(folder)).sort()).toEqual(['PRD-1-orders.md', 'PRD-1-orders.tasks.md', 'speki.json'])
  })

  it('writes into no folder that it did not make', async () => {
    const { service } = await exported()
    const folder = join(await temporaryFolder(), 'mine')
    await mkdir(folder)
    await writeFile(join(folder, 'README.md'), 'mine')
    await expect(syncFolder(service, person, folder, undefined, signal)).rejects.toMatchObject({
      code: 'precondition_failed',
    })
    expect(await readdir(folder)).toEqual(['README.md'])
  })

  it('takes in nothing of another workspace', async () => {
    const { folder } = await exported()
    await expect(syncFolder(await workspace({ api: {} }), person, folder, undefined, signal)).rejects.toMatchObject({
      code: 'precondition_failed',
    })
  })

  it('says which file is broken and changes nothing', async () => {
    const { service, folder } = await exported()
    await edit(join(folder, 'PRD-1-orders.tasks.md'), 'status: todo', 'status: [')
    await expect(syncFolder(service, person, folder, undefined, signal)).rejects.toThrow(/PRD-1-orders\.tasks\.md/)
  })
})
