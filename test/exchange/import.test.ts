import { describe, expect, it } from 'vitest'
import { wordConflict } from '../../src/exchange/conflict.ts'
import { exportBundle } from '../../src/exchange/export.ts'
import { importBundle, WITHOUT_PREVIEW } from '../../src/exchange/import-bundle.ts'
import { findEvidence } from '../../src/store/task/proof.ts'
import { agent, person, workspace } from '../domain/plan/workspace.ts'

import { BEADS, bundle, imported, prd, run, task } from './bundle.ts'

describe('an import', () => {
  it('shows first and writes nothing, then imports what was shown', async () => {
    const service = await workspace({ api: {} })
    const preview = await run(service, bundle())
    expect(preview.plan.newTasks).toHaveLength(3)
    expect((await exportBundle(service, person, undefined)).prds).toEqual([])
    const done = await run(service, bundle(), person, preview.confirm)
    expect([...done.prds.keys()]).toEqual(['a', 'b'])
    expect((await exportBundle(service, person, undefined)).tasks).toHaveLength(3)
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
    expect((await exportBundle(service, person, undefined)).prds).toEqual([])
  })

  it('keeps ids, states, dependencies, dates, notes and what has no counterpart', async () => {
    const service = await workspace({ api: {} })
    await imported(service, bundle())
    const out = await exportBundle(service, person, undefined)
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
    const order = { bundle: bundle(), format: BEADS, root: '/somewhere/project' }
    const preview = await importBundle(service, person, order)
    expect(preview.plan.left.join()).toContain('need a repository')
    await expect(importBundle(service, person, { ...order, confirm: WITHOUT_PREVIEW })).rejects.toMatchObject({
      code: 'precondition_failed',
    })
    expect((await exportBundle(service, person, undefined)).prds).toEqual([])
  })
})

describe('importing again', () => {
  it('changes nothing where nothing changed', async () => {
    const service = await workspace({ api: {} })
    await imported(service, bundle())
    const before = await exportBundle(service, person, undefined)
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
    expect(await exportBundle(service, person, undefined)).toEqual(before)
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
      { ...second, title: 'There', acceptance_criteria: ['New'] },
      { ...third, status: 'todo', block_reason: undefined, depends_on: [] },
      task('t4', { prd: 'a' }),
    ]
    const outcome = await imported(service, changed)
    expect(outcome.plan.conflicts.map(wordConflict)).toEqual([
      `TASK-${tasks.get('t2')}: title was changed on both sides`,
    ])
    const out = await exportBundle(service, person, undefined)
    const find = (ref: string) => out.tasks.find((entry) => entry.ref === `TASK-${outcome.tasks.get(ref)}`)
    expect(find('t2')).toMatchObject({ title: 'Here', priority: 1, acceptance_criteria: ['New'] })
    expect(find('t3')).toMatchObject({ status: 'todo', depends_on: [] })
    expect(find('t4')).toMatchObject({ title: 'Title of t4' })
    // The conflict does not vanish because it was named once.
    expect((await run(service, changed)).plan.conflicts).toHaveLength(1)
  })

  it('merges texts that were edited in different places, and refuses to choose in the same place', async () => {
    const service = await workspace({ api: {} })
    const { prds } = await imported(service, bundle())
    const { editPrd } = await import('../../src/domain/prd/edit.ts')
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
    const text = (await exportBundle(service, person, undefined)).prds[0]?.body
    expect(text).toContain('lists 20 orders')
    expect(text).toContain('prints labels on A6')
    const outcome = await imported(service, edited('prints labels', 'prints nothing'))
    expect(outcome.plan.conflicts.map(wordConflict)[0]).toMatch(/^PRD-1: its text was changed on both sides/)
    expect((await exportBundle(service, person, undefined)).prds[0]?.body).toBe(text)
  })

  it('keeps what was edited here through any number of imports', async () => {
    const service = await workspace({ api: {} })
    const { tasks } = await imported(service, bundle())
    await service.database.write(async (tx) => {
      const id = tasks.get('t2') ?? 0
      await tx.sql.updateTable('task').set({ title: 'Here', complexity: 'high' }).where('id', '=', id).execute()
    })
    for (let time = 0; time < 2; time++) expect((await imported(service, bundle())).plan.changedTasks).toEqual([])
    const there = bundle()
    const outcome = await imported(service, {
      ...there,
      tasks: there.tasks.map((entry) => (entry.ref === 't2' ? { ...entry, title: 'There', priority: 7 } : entry)),
    })
    expect(outcome.plan.conflicts.map(wordConflict)).toEqual([
      `TASK-${tasks.get('t2')}: title was changed on both sides`,
    ])
    expect((await exportBundle(service, person, undefined)).tasks.find(({ title }) => title === 'Here')).toMatchObject({
      complexity: 'high',
      priority: 7,
    })
  })

  it('takes later changes of other fields while a title waits for a decision', async () => {
    const service = await workspace({ api: {} })
    const { tasks } = await imported(service, bundle())
    await service.database.write(async (tx) => {
      const id = tasks.get('t2') ?? 0
      await tx.sql.updateTable('task').set({ title: 'Here' }).where('id', '=', id).execute()
    })
    const there = bundle()
    const edited = (priority: number) => ({
      ...there,
      tasks: there.tasks.map((entry) => (entry.ref === 't2' ? { ...entry, title: 'There', priority } : entry)),
    })
    for (const priority of [10, 20, 30]) {
      const outcome = await imported(service, edited(priority))
      expect(outcome.plan.conflicts.map(wordConflict)).toHaveLength(1)
      expect(
        (await exportBundle(service, person, undefined)).tasks.find(({ title }) => title === 'Here'),
      ).toMatchObject({
        priority,
      })
    }
    const decided = edited(30)
    const outcome = await imported(service, {
      ...decided,
      tasks: decided.tasks.map((entry) => (entry.ref === 't2' ? { ...entry, title: 'Here' } : entry)),
    })
    expect(outcome.plan).toMatchObject({ conflicts: [], changedTasks: [] })
  })

  it('brings together what each side put into a description, into owners and into dependencies', async () => {
    const service = await workspace({ api: {} })
    const before = bundle({
      tasks: ['t1', 't2', 't3', 't4'].map((ref) => task(ref, { prd: 'a', description: 'First.\n\nSecond.\n\nThird.' })),
    })
    const { prds, tasks } = await imported(service, before)
    const { createTask } = await import('../../src/domain/task/create.ts')
    const { updatePrdRecord } = await import('../../src/domain/prd/prd.ts')
    const own = await createTask(service, person, {
      title: 'Ours alone',
      repository: 'api',
      description: '',
      acceptanceCriteria: [],
      testCases: [],
      requirements: [],
      dependsOn: [],
      complexity: 'low',
      priority: 50,
      context: {},
    })
    const id = (ref: string) => tasks.get(ref) ?? 0
    const { setDependencies } = await import('../../src/store/task/task-rows.ts')
    await service.database.write(async (tx) => {
      await tx.sql
        .updateTable('task')
        .set({ description: 'First, here.\n\nSecond.\n\nThird.' })
        .where('id', '=', id('t4'))
        .execute()
      const edges = [id('t1'), Number(own.id.slice(5))].map((dependsOn) => ({ task: id('t4'), dependsOn }))
      await setDependencies(tx, [id('t4')], edges)
    })
    await updatePrdRecord(service, person, prds.get('a') ?? 0, undefined, { owners: ['ann', 'here'] })
    const outcome = await imported(service, {
      ...before,
      prds: before.prds.map((entry) => (entry.ref === 'a' ? { ...entry, owners: ['there', 'ann'] } : entry)),
      tasks: before.tasks.map((entry) =>
        entry.ref === 't4'
          ? { ...entry, description: 'First.\n\nSecond.\n\nThird, there.', depends_on: ['t2'] }
          : entry,
      ),
    })
    expect(outcome.plan.conflicts).toEqual([])
    const out = await exportBundle(service, person, undefined)
    expect(out.prds[0]?.owners).toEqual(['ann', 'here', 'there'])
    const merged = out.tasks.find(({ ref }) => ref === `TASK-${id('t4')}`)
    expect(merged?.description).toBe('First, here.\n\nSecond.\n\nThird, there.')
    expect(merged?.depends_on.toSorted()).toEqual([`TASK-${id('t1')}`, `TASK-${id('t2')}`, own.id].sort())
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
    const { setDependencies } = await import('../../src/store/task/task-rows.ts')
    const [t2, t3] = [tasks.get('t2') ?? 0, tasks.get('t3') ?? 0]
    await service.database.write(async (tx) => {
      await setDependencies(tx, [t3], [])
      await setDependencies(tx, [t2], [])
    })
    const there = bundle()
    await imported(service, { ...there, tasks: there.tasks.map((entry) => ({ ...entry, depends_on: [] })) })
    await service.database.write((tx) => setDependencies(tx, [t2], [{ task: t2, dependsOn: t3 }]))
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
    expect((await exportBundle(service, person, undefined)).prds[0]?.state).toBe('in_review')
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
    const out = await exportBundle(service, person, undefined)
    expect(out.tasks.filter(({ status }) => status === 'done').map(({ title }) => title)).toEqual(['Title of t1'])
  })
})
