import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../schemas/actor.ts'
import type { Bundle, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import type { Service } from '../../src/domain/service.ts'
import { exportBundle } from '../../src/exchange/export.ts'
import { writeJson, writeMarkdown } from '../../src/exchange/formats/speki/write.ts'
import { speki } from '../../src/exchange/formats/speki.ts'
import { type ImportOutcome, importBundle, WITHOUT_PREVIEW } from '../../src/exchange/import-bundle.ts'
import { findEvidence } from '../../src/store/proof.ts'
import { agent, person, workspace } from '../domain/plan/workspace.ts'

const TOOL = { name: 'beads', title: 'Beads' } as const

function prd(ref: string, change: Partial<BundlePrd> = {}): BundlePrd {
  return {
    ref,
    title: `Title of ${ref}`,
    kind: 'prd',
    state: 'draft',
    body: `# ${ref}\n\n## Requirements\n\n- FR-1: The page lists orders.\n- FR-2: The page prints labels.\n`,
    repositories: [],
    owners: ['ann'],
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_100_000,
    extra: { labels: ['x'] },
    ...change,
  }
}

function task(ref: string, change: Partial<BundleTask> = {}): BundleTask {
  return {
    ref,
    title: `Title of ${ref}`,
    description: 'Text\n\n## Not a heading of ours\n\n\\# nor this\n```yaml\nx: 1\n```',
    status: 'todo',
    criteria: ['It lists 20 orders'],
    test_cases: ['lists_20'],
    requirements: [],
    depends_on: [],
    complexity: 'medium',
    priority: 50,
    context: { files: ['src/a.ts'], notes: 'a ``` b' },
    notes: [{ text: 'Looked at it', by: 'bob', at: 1_700_000_050_000 }],
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_060_000,
    extra: {},
    ...change,
  }
}

function bundle(change: Partial<Bundle> = {}): Bundle {
  return {
    format: 'beads',
    prds: [prd('a'), prd('b', { kind: 'tech_spec', parent: 'a', state: 'completed' })],
    tasks: [
      task('t1', { prd: 'a', requirements: ['FR-1'], alias: 'US-001', status: 'done', finished_at: 1_700_000_070_000 }),
      task('t2', { prd: 'a', requirements: ['FR-1', 'FR-2'], depends_on: ['t1'], extra: { labels: [1] } }),
      task('t3', { depends_on: ['t2', 't1'], status: 'blocked', block_reason: 'no answer' }),
    ],
    knowledge: [
      {
        ref: 'k1',
        kind: 'lesson',
        category: 'testing',
        text: 'Seed\n\n## it',
        by: 'bob',
        at: 1_700_000_000_000,
        extra: { a: null },
      },
      {
        ref: 'k2',
        kind: 'suggestion',
        category: 'api',
        text: 'Try',
        task: 't2',
        by: 'ann',
        at: 1_700_000_000_001,
        extra: {},
      },
    ],
    homeless: [],
    ...change,
  }
}

async function run(
  service: Service,
  what: Bundle,
  caller: Caller = person,
  confirm?: string | typeof WITHOUT_PREVIEW,
): Promise<ImportOutcome> {
  return await importBundle(service, caller, {
    bundle: what,
    format: { name: what.format, title: TOOL.title },
    root: '/somewhere/project',
    repositoryId: 1,
    ...(confirm !== undefined && { confirm }),
  })
}

async function imported(service: Service, what: Bundle, caller?: Caller): Promise<ImportOutcome> {
  return await run(service, what, caller, WITHOUT_PREVIEW)
}

/** Without what differs from workspace to workspace: keys by their order, counters. */
function comparable({ prds, tasks, knowledge }: Bundle) {
  const names = new Map([
    ...prds.map(({ ref }, index) => [ref, `prd ${index}`] as const),
    ...tasks.map(({ ref }, index) => [ref, `task ${index}`] as const),
    ...knowledge.map(({ ref }, index) => [ref, `knowledge ${index}`] as const),
  ])
  const name = (ref: string | undefined) => (ref === undefined ? undefined : names.get(ref))
  return {
    prds: prds.map(({ revision: _, version: __, ...rest }) => ({
      ...rest,
      ref: name(rest.ref),
      parent: name(rest.parent),
    })),
    tasks: tasks.map(({ revision: _, ...rest }) => ({
      ...rest,
      ref: name(rest.ref),
      prd: name(rest.prd),
      depends_on: rest.depends_on.map(name).toSorted(),
      requirements: rest.requirements.map((label) => label.replace(/^[^#]+(?=#)/, (ref) => name(ref) ?? ref)),
    })),
    knowledge: knowledge.map((rest) => ({ ...rest, ref: name(rest.ref), task: name(rest.task) })),
  }
}

const ways = [
  ['JSON', (what: Bundle) => [{ path: 'speki-export.json', text: writeJson(what) }]],
  ['Markdown', writeMarkdown],
] as const

describe('an import', () => {
  it('shows first and writes nothing, then imports what was shown', async () => {
    const service = await workspace({ api: {} })
    const preview = await run(service, bundle())
    expect(preview.plan.newTasks).toHaveLength(3)
    expect((await exportBundle(service, undefined)).prds).toEqual([])
    const done = await run(service, bundle(), person, preview.confirm)
    expect([...done.prds.keys()]).toEqual(['a', 'b'])
    expect((await exportBundle(service, undefined)).tasks).toHaveLength(3)
  })

  it('takes no word for a token', async () => {
    const service = await workspace({ api: {} })
    await expect(run(service, bundle(), person, 'now')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('refuses a token of another preview and changes nothing', async () => {
    const service = await workspace({ api: {} })
    const { confirm } = await run(service, bundle())
    await expect(run(service, bundle({ tasks: [], knowledge: [] }), person, confirm)).rejects.toMatchObject({
      code: 'conflict',
    })
    expect((await exportBundle(service, undefined)).prds).toEqual([])
  })

  it('keeps ids, states, dependencies, dates, notes and what has no counterpart', async () => {
    const service = await workspace({ api: {} })
    await imported(service, bundle())
    const out = await exportBundle(service, undefined)
    expect(out.prds[1]).toMatchObject({
      kind: 'tech_spec',
      state: 'completed',
      parent: out.prds[0]?.ref,
      owners: ['ann'],
      created_at: 1_700_000_000_000,
      extra: { labels: ['x'] },
    })
    const [first, second, third] = ['Title of t1', 'Title of t2', 'Title of t3'].map((title) =>
      out.tasks.find((entry) => entry.title === title),
    )
    expect(first).toMatchObject({
      alias: 'US-001',
      status: 'done',
      requirements: ['FR-1'],
      finished_at: 1_700_000_070_000,
    })
    expect(second).toMatchObject({
      requirements: ['FR-1', 'FR-2'],
      depends_on: [first?.ref],
      extra: { labels: [1] },
      notes: [{ text: 'Looked at it', by: 'bob', at: 1_700_000_050_000 }],
    })
    expect(third).toMatchObject({ status: 'blocked', block_reason: 'no answer', depends_on: [first?.ref, second?.ref] })
    expect(out.knowledge[0]).toMatchObject({
      text: 'Seed\n\n## it',
      by: 'bob',
      at: 1_700_000_000_000,
      extra: { a: null },
    })
  })

  it('says where a finished task has no proof', async () => {
    const service = await workspace({ api: {} })
    const { tasks } = await imported(service, bundle())
    const evidence = await service.database.read((reader) => findEvidence(reader, tasks.get('t1') ?? 0))
    expect(evidence?.override?.reason).toBe('imported as done from Beads')
  })

  it('makes ready what waits for nothing open', async () => {
    const service = await workspace({ api: {} })
    const { tasks } = await imported(service, bundle())
    const rows = await service.database.read((reader) =>
      reader.sql.selectFrom('task').select(['id', 'waiting_on']).orderBy('id').execute(),
    )
    expect(rows).toEqual([
      { id: tasks.get('t1'), waiting_on: 0 },
      { id: tasks.get('t2'), waiting_on: 0 },
      { id: tasks.get('t3'), waiting_on: 1 },
    ])
  })

  it('needs a repository for tasks and says so in the preview', async () => {
    const service = await workspace({})
    const order = { bundle: bundle(), format: TOOL, root: '/somewhere/project' }
    const preview = await importBundle(service, person, order)
    expect(preview.plan.left.join()).toContain('need a repository')
    await expect(importBundle(service, person, { ...order, confirm: WITHOUT_PREVIEW })).rejects.toMatchObject({
      code: 'precondition_failed',
    })
    expect((await exportBundle(service, undefined)).prds).toEqual([])
  })
})

describe('importing again', () => {
  it('changes nothing where nothing changed', async () => {
    const service = await workspace({ api: {} })
    await imported(service, bundle())
    const before = await exportBundle(service, undefined)
    const again = await run(service, bundle())
    expect(again.plan).toMatchObject({
      newPrds: [],
      newTasks: [],
      newKnowledge: [],
      changedPrds: [],
      changedTasks: [],
      conflicts: [],
      unchanged: 7,
    })
    expect(again.confirm).toBeUndefined()
    await imported(service, bundle())
    expect(await exportBundle(service, undefined)).toEqual(before)
  })

  it('takes over what changed there, keeps what changed here, and names what changed on both sides', async () => {
    const service = await workspace({ api: {} })
    const { tasks } = await imported(service, bundle())
    await service.database.write(async (tx) => {
      await tx.sql
        .updateTable('task')
        .set({ title: 'Here', priority: 1 })
        .where('id', '=', tasks.get('t2') ?? 0)
        .execute()
    })
    const changed = bundle()
    const [, second, third] = changed.tasks
    if (second === undefined || third === undefined) throw new Error('three tasks')
    changed.tasks = [
      ...changed.tasks.slice(0, 1),
      { ...second, title: 'There', criteria: ['New'] },
      { ...third, status: 'todo', block_reason: undefined, depends_on: [] },
      task('t4', { prd: 'a' }),
    ]
    const outcome = await imported(service, changed)
    expect(outcome.plan.conflicts).toEqual([`TASK-${tasks.get('t2')}: title was changed on both sides`])
    const out = await exportBundle(service, undefined)
    const find = (ref: string) => out.tasks.find((entry) => entry.ref === `TASK-${outcome.tasks.get(ref)}`)
    expect(find('t2')).toMatchObject({ title: 'Here', priority: 1, criteria: ['New'] })
    expect(find('t3')).toMatchObject({ status: 'todo', depends_on: [] })
    expect(find('t4')).toMatchObject({ title: 'Title of t4' })
    // The conflict does not vanish because it was named once.
    expect((await run(service, changed)).plan.conflicts).toHaveLength(1)
  })

  it('merges texts that were edited in different places, and refuses to choose in the same place', async () => {
    const service = await workspace({ api: {} })
    const { prds } = await imported(service, bundle())
    const { editPrd } = await import('../../src/domain/prd-edit.ts')
    await editPrd(
      service,
      person,
      prds.get('a') ?? 0,
      1,
      { replacements: [{ old: 'prints labels', new: 'prints labels on A6' }] },
      'edit',
    )
    const there = bundle()
    const [first, ...others] = there.prds
    if (first === undefined) throw new Error('a PRD')
    const edited = (old: string, text: string) => ({
      ...there,
      prds: [{ ...first, body: first.body.replace(old, text) }, ...others],
    })
    await imported(service, edited('lists orders', 'lists 20 orders'))
    const text = (await exportBundle(service, undefined)).prds[0]?.body
    expect(text).toContain('lists 20 orders')
    expect(text).toContain('prints labels on A6')
    const outcome = await imported(service, edited('prints labels', 'prints nothing'))
    expect(outcome.plan.conflicts[0]).toMatch(/^PRD-1: its text was changed on both sides/)
    expect((await exportBundle(service, undefined)).prds[0]?.body).toBe(text)
  })

  it('says what is gone there and leaves it here', async () => {
    const service = await workspace({ api: {} })
    await imported(service, bundle())
    const outcome = await run(service, bundle({ tasks: bundle().tasks.slice(0, 2) }))
    expect(outcome.plan.left).toEqual(['t3 is no longer where it came from; here it stays'])
  })

  it('refuses a circle that only both sides together make', async () => {
    const service = await workspace({ api: {} })
    const { tasks } = await imported(service, bundle())
    const { setDependencies } = await import('../../src/store/task-links.ts')
    const [t2, t3] = [tasks.get('t2') ?? 0, tasks.get('t3') ?? 0]
    await service.database.write(async (tx) => {
      await setDependencies(tx, t3, [])
      await setDependencies(tx, t2, [])
    })
    const there = bundle()
    await imported(service, { ...there, tasks: there.tasks.map((entry) => ({ ...entry, depends_on: [] })) })
    await service.database.write((tx) => setDependencies(tx, t2, [t3]))
    const closing = {
      ...there,
      tasks: there.tasks.map((entry) => ({ ...entry, depends_on: entry.ref === 't3' ? ['t2'] : [] })),
    }
    await expect(imported(service, closing)).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('an agent that imports', () => {
  it('approves nothing', async () => {
    const service = await workspace({ api: {} })
    const outcome = await imported(
      service,
      bundle({ prds: [prd('a', { state: 'approved' })], tasks: [], knowledge: [] }),
      agent,
    )
    expect(outcome.plan.left).toEqual(['a is approved where it comes from; here a person approves it'])
    expect((await exportBundle(service, undefined)).prds[0]?.state).toBe('in_review')
  })

  it('finishes no task that is here, and brings no finished one into a PRD that is here', async () => {
    const service = await workspace({ api: {} })
    await imported(service, bundle())
    const there = bundle()
    const finished = {
      ...there,
      tasks: [
        ...there.tasks.map((entry) => ({ ...entry, status: 'done' as const, block_reason: undefined })),
        task('t9', { prd: 'a', status: 'done' }),
      ],
    }
    const outcome = await imported(service, finished, agent)
    expect(outcome.plan.left).toHaveLength(3)
    const out = await exportBundle(service, undefined)
    expect(out.tasks.filter(({ status }) => status === 'done').map(({ title }) => title)).toEqual(['Title of t1'])
  })
})

describe('what SPEKI exports', () => {
  for (const [name, write] of ways) {
    it(`comes back from ${name} as it was`, async () => {
      const first = await workspace({ api: {} })
      await imported(first, bundle())
      const out = await exportBundle(first, undefined)
      const back = speki.read(write(out))
      expect(back).toEqual(out)
      const second = await workspace({ api: {} })
      await imported(second, back)
      expect(comparable(await exportBundle(second, undefined))).toEqual(comparable(out))
      expect((await run(second, back)).confirm).toBeUndefined()
    })

    it(`changes nothing when ${name} comes back to where it was made`, async () => {
      const service = await workspace({ api: {} })
      await imported(service, bundle())
      const out = await exportBundle(service, undefined)
      expect((await run(service, speki.read(write(out)))).plan).toMatchObject({
        newPrds: [],
        newTasks: [],
        changedPrds: [],
        changedTasks: [],
        conflicts: [],
        newKnowledge: [],
      })
    })
  }
})

describe('every format', async () => {
  const { formats } = await import('../../src/exchange/formats/index.ts')
  const { importFrom } = await import('../../src/exchange/import.ts')
  const root = join(import.meta.dirname, 'fixtures')
  const projects = readdirSync(root).flatMap((format) =>
    readdirSync(join(root, format)).map((project) => ({ format, project })),
  )

  it('has a project here', () => {
    const folders = new Set(projects.map(({ format }) => format.replaceAll('-', '_')))
    expect(formats.map(({ name }) => name).filter((name) => name !== 'speki' && !folders.has(name))).toEqual([])
  })

  for (const { format, project } of projects) {
    it(`${format}/${project}: import, export, import is the identity, and a second import brings nothing`, async () => {
      const path = join(root, format, project)
      const signal = AbortSignal.timeout(20_000)
      const first = await workspace({ api: {} })
      const order = {
        path,
        format: formats.find(({ name }) => name === format.replaceAll('-', '_'))?.name,
        repository: 'api',
      }
      const { confirm } = await importFrom(first, person, order, signal)
      await importFrom(first, person, { ...order, confirm }, signal)
      expect((await importFrom(first, person, order, signal)).confirm).toBeUndefined()
      const out = await exportBundle(first, undefined)
      for (const [, write] of ways) {
        const second = await workspace({ api: {} })
        await imported(second, speki.read(write(out)))
        expect(comparable(await exportBundle(second, undefined))).toEqual(comparable(out))
      }
    })
  }
})
