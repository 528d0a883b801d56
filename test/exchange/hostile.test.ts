import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../schemas/bundle.ts'
import { checkBundle } from '../../src/exchange/check-bundle.ts'
import { exportBundle } from '../../src/exchange/export.ts'
import { importFrom } from '../../src/exchange/import.ts'
import { person, workspace } from '../domain/plan/workspace.ts'
import { temporaryFolder } from '../mcp/connect.ts'

const signal = AbortSignal.timeout(600_000)

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'project')
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

async function refusal(
  path: string,
  format?: 'beads' | 'markdown' | 'task_master',
): Promise<{ code: string; message: string; hint?: string }> {
  const service = await workspace({ api: {} })
  const error: unknown = await importFrom(
    service,
    person,
    { path, project: path, repository: 'api', ...(format && { format }) },
    signal,
  ).catch((reason: unknown) => reason)
  expect((await exportBundle(service, person, undefined)).tasks).toEqual([])
  return error as { code: string; message: string; hint?: string }
}

const issue = (id: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ id, title: id, status: 'open', priority: 1, issue_type: 'task', ...more })

describe('what is imported', () => {
  it('is refused where there is nothing', async () => {
    expect(await refusal('/nowhere/at/all')).toMatchObject({ code: 'not_found' })
    expect(await refusal(await folderWith({ 'a.bin': 'x' }))).toMatchObject({
      code: 'invalid_input',
      hint: expect.stringContaining('Known are'),
    })
  })

  it('is refused where it is no text', async () => {
    expect(
      await refusal(await folderWith({ '.beads/issues.jsonl': new Uint8Array([0xff, 0xfe, 0x00, 0x41]) })),
    ).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('issues.jsonl is no text') })
    expect(await refusal(await folderWith({ '.beads/issues.jsonl': 'a\0b' }))).toMatchObject({ code: 'invalid_input' })
  })

  it('is refused where it is huge, before it is read', async () => {
    const folder = await folderWith({ '.beads/issues.jsonl': '' })
    await truncate(join(folder, '.beads', 'issues.jsonl'), 200 * 1024 * 1024)
    expect(await refusal(folder)).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('more than an import takes'),
    })
  })

  it('never leads out of its folder', async () => {
    const secret = await folderWith({ 'secret.md': '# Secret\n\n## Requirements\n\n- FR-1: Hidden.\n' })
    const folder = await folderWith({ 'spec.md': '# Open\n\n## Requirements\n\n- FR-1: The page lists orders.\n' })
    await symlink(join(secret, 'secret.md'), join(folder, 'linked.md'))
    await symlink(secret, join(folder, 'linked'))
    const service = await workspace({ api: {} })
    const { bundle } = await importFrom(service, person, { path: folder, project: folder, repository: 'api' }, signal)
    expect(bundle.prds.map(({ title }) => title)).toEqual(['Open'])
  })

  it('is refused with its place where it is broken', async () => {
    const broken = await refusal(await folderWith({ '.beads/issues.jsonl': `${issue('a')}\n{"id": "b"` }))
    expect(broken).toMatchObject({ code: 'invalid_input', message: expect.stringMatching(/issues\.jsonl.*line 2/) })
    expect(broken.hint).toBeTruthy()
  })

  it('is refused where it waits for itself in a circle', async () => {
    const waits = (id: string, on: string) =>
      issue(id, { dependencies: [{ issue_id: id, depends_on_id: on, type: 'blocks' }] })
    const circle = await refusal(
      await folderWith({ '.beads/issues.jsonl': [waits('a', 'b'), waits('b', 'c'), waits('c', 'a')].join('\n') }),
    )
    expect(circle).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('a circle') })
  })

  it('has to say which format where a folder holds several', async () => {
    const folder = await folderWith({
      '.beads/issues.jsonl': issue('a'),
      '.taskmaster/tasks/tasks.json': '{"master":{"tasks":[]}}',
    })
    expect(await refusal(folder)).toMatchObject({
      code: 'invalid_input',
      hint: expect.stringContaining('format="task_master"'),
    })
    expect(await refusal(folder, 'markdown')).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('no file of Markdown'),
    })
  })
})

describe('a bundle', () => {
  const task = (ref: string, depends_on: string[] = [], prd?: string): Bundle['tasks'][number] => ({
    ref,
    title: ref,
    description: '',
    status: 'todo',
    acceptance_criteria: [],
    test_cases: [],
    requirements: [],
    depends_on,
    complexity: 'low',
    priority: 50,
    context: {},
    notes: [],
    extra: {},
    ...(prd !== undefined && { prd }),
  })
  const bundle = (tasks: Bundle['tasks'], prds: Bundle['prds'] = []): Bundle => ({
    format: 'speki',
    prds,
    tasks,
    knowledge: [],
    homeless: [],
  })

  it.each([
    ['an id twice', bundle([task('a'), task('a')]), 'task a is there twice'],
    ['a dependency on nothing', bundle([task('a', ['b'])]), 'waits for b, which is not there'],
    ['a task that waits for itself', bundle([task('a', ['a'])]), 'waits for itself'],
    ['a circle', bundle([task('a', ['b']), task('b', ['a'])]), 'a circle: a → b → a'],
    ['a PRD that is not there', bundle([task('a', [], 'p')]), 'belongs to p, which is not there'],
  ])('is refused with %s', (_, broken, message) => {
    expect(() => checkBundle(broken)).toThrow(message)
  })

  it('is refused with parents in a circle', () => {
    const prd = (ref: string, parent: string): Bundle['prds'][number] => ({
      ref,
      parent,
      title: ref,
      kind: 'prd',
      state: 'draft',
      body: '',
      repositories: [],
      owners: [],
      extra: {},
    })
    expect(() => checkBundle(bundle([], [prd('a', 'b'), prd('b', 'a')]))).toThrow('a circle: a → b → a')
  })

  it('of 50,000 tasks in one chain is checked without a deep stack', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => task(`t${index}`, index > 0 ? [`t${index - 1}`] : []))
    expect(() => checkBundle(bundle(chain))).not.toThrow()
  })
})
