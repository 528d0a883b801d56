import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyNumber } from '../../../schemas/key.ts'
import type { PlannedTask } from '../../../schemas/plan.ts'
import { submitPlan } from '../../../src/domain/plan/submit.ts'
import { editPrd } from '../../../src/domain/prd/edit.ts'
import type { Service } from '../../../src/domain/service.ts'
import { claimTask } from '../../../src/domain/task/claim.ts'
import { overrideCompletion } from '../../../src/domain/task/complete.ts'
import { createTask } from '../../../src/domain/task/create.ts'
import { SpekiError } from '../../../src/errors.ts'
import { runs } from '../../property-runs.ts'
import { agent, bodyOf, draft, person, prdOf, submit, task, workspace } from './workspace.ts'

async function rows(service: Service): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of ['plan', 'task', 'task_dependency', 'task_requirement', 'event', 'counter'] as const) {
    counts[table] = (
      await service.database.read(
        async ({ sql }) =>
          await sql
            .selectFrom(table)
            .select((eb) => eb.fn.countAll<number>().as('n'))
            .executeTakeFirstOrThrow(),
      )
    ).n
  }
  return counts
}

async function problemsOf(
  service: Service,
  prd: string,
  tasks: readonly PlannedTask[],
): Promise<{ code: string; message: string }[]> {
  const before = await rows(service)
  try {
    await submitPlan(service, agent, { prd, baseRevision: 1, tasks, dryRun: false })
  } catch (error) {
    expect(await rows(service)).toEqual(before)
    if (error instanceof SpekiError) return error.details?.['problems'] as { code: string; message: string }[]
    throw error
  }
  throw new Error('the plan was accepted')
}

describe('a plan is refused', () => {
  test.each([
    ['duplicate_ref', [task('A', { requirements: ['FR-001'] }), task('A', { title: 'Other' })], /A stands 2 times/],
    ['unknown_repository', [task('A', { requirements: ['FR-001'], repository: 'nowhere' })], /no repository "nowhere"/],
    [
      'repository_outside_prd',
      [task('A', { requirements: ['FR-001'], repository: 'web' })],
      /web is no repository of PRD-1/,
    ],
    ['unknown_requirement', [task('A', { requirements: ['FR-001', 'FR-999'] })], /no requirement "FR-999"/],
    ['unknown_dependency', [task('A', { requirements: ['FR-001'], depends_on: ['Z'] })], /A → Z/],
    ['unknown_dependency', [task('A', { requirements: ['FR-001'], depends_on: ['TASK-77'] })], /A → TASK-77/],
    ['self_dependency', [task('A', { requirements: ['FR-001'], depends_on: ['A'] })], /waits for itself/],
    [
      'cycle',
      [
        task('A', { requirements: ['FR-001'], depends_on: ['B'] }),
        task('B', { depends_on: ['C'] }),
        task('C', { depends_on: ['A'] }),
      ],
      /A → B → C → A/,
    ],
    ['uncovered_requirement', [task('A')], /No task realises FR-001/],
    [
      'duplicate_task',
      [task('A', { requirements: ['FR-001'], title: 'Store the order' }), task('B', { title: 'store the  order!' })],
      /A and B are the same work/,
    ],
    ['missing_criteria', [task('A', { requirements: ['FR-001'], acceptance_criteria: [] })], /no acceptance criterion/],
    [
      'untestable_criterion',
      [task('A', { requirements: ['FR-001'], acceptance_criteria: ['Errors are handled gracefully.'] })],
      /"gracefully" cannot be tested/,
    ],
    [
      'oversized_task',
      [
        task('A', {
          requirements: ['FR-001'],
          acceptance_criteria: Array.from({ length: 11 }, (_, index) => `It answers ${index}.`),
        }),
      ],
      /11 criteria/,
    ],
    ['kept_task_conflict', [task('TASK-5', { requirements: ['FR-001'] })], /TASK-5 is no task of PRD-1/],
  ])('for %s', async (code, tasks, message) => {
    const service = await workspace({ api: {}, web: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    const problems = await problemsOf(service, prd, tasks)
    expect(problems.map((problem) => problem.code)).toContain(code)
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message)
  })

  test('with everything that is wrong at once', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(2), ['api'])
    const problems = await problemsOf(service, prd, [
      task('A', { repository: 'x', depends_on: ['B'] }),
      task('B', { depends_on: ['A', 'Z'], acceptance_criteria: [], requirements: ['FR-9'] }),
    ])
    expect(new Set(problems.map((problem) => problem.code))).toEqual(
      new Set([
        'unknown_repository',
        'unknown_requirement',
        'unknown_dependency',
        'missing_criteria',
        'cycle',
        'uncovered_requirement',
      ]),
    )
  })

  test('where a cycle leads through a task that exists', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    const { created } = await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
    const own = created[0]?.task ?? ''
    const draftOf = {
      title: 'Later',
      repository: 'api',
      description: '',
      acceptanceCriteria: [],
      testCases: [],
      requirements: [],
      complexity: 'low' as const,
      priority: 50,
      context: {},
    }
    const later = await createTask(service, person, { ...draftOf, dependsOn: [keyNumber(own)] })
    const problems = await problemsOf(service, prd, [task(own, { requirements: ['FR-001'], depends_on: [later.id] })])
    expect(problems).toMatchObject([
      { code: 'cycle', message: expect.stringContaining(`${own} → ${later.id} → ${own}`) },
    ])
  })

  test('where the PRD moved on', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    await editPrd(service, person, 1, 1, { body: bodyOf(2) }, 'more')
    await expect(submit(service, prd, [task('A', { requirements: ['FR-001'] })])).rejects.toThrow(
      /cut from revision 1 of PRD-1, which is at revision 2/,
    )
  })
})

test('a dry run stores nothing', async () => {
  const service = await workspace({ api: {} })
  const prd = await prdOf(service, bodyOf(1), ['api'])
  const before = await rows(service)
  const outcome = await submit(service, prd, [task('A', { requirements: ['FR-001'] })], 1, true)
  expect(outcome).toMatchObject({ plan: undefined, created: [{ ref: 'A' }] })
  expect(await rows(service)).toEqual(before)
})

test('two plans at once never share a key', async () => {
  const service = await workspace({ api: {} })
  const first = await prdOf(service, bodyOf(3), ['api'])
  const second = await prdOf(service, bodyOf(3), ['api'])
  const plan = (prefix: string) =>
    [1, 2, 3].map((index) => task(`${prefix}${index}`, { requirements: [`FR-00${index}`] }))
  const outcomes = await Promise.all([submit(service, first, plan('A')), submit(service, second, plan('B'))])
  const keys = outcomes.flatMap((outcome) => outcome.created.map((entry) => entry.task))
  expect(new Set(keys).size).toBe(6)
})

describe('after an edit', () => {
  test('finished and claimed tasks stay, open ones are gone on with, and only what changed is new', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(4), ['api'])
    await submit(service, prd, (await draft(service, prd)).tasks)
    await overrideCompletion(service, person, 1, 'done before')
    await claimTask(service, agent, { task: 2 })
    const { requirements } = await editPrd(
      service,
      person,
      1,
      1,
      { body: bodyOf(5).replace('The answer to question 4 is 4.', 'The answer to question 4 is 44.') },
      'more',
    )
    const next = await draft(service, prd)
    const outcome = await submit(service, prd, next.tasks, 2)

    expect(requirements.staleTasks).toEqual([4])
    expect(next.kept.map((entry) => entry.task)).toEqual(['TASK-1', 'TASK-2'])
    expect(next.tasks.map((entry) => entry.ref)).toEqual(['TASK-3', 'TASK-4', expect.stringMatching(/^US-\d+$/)])
    expect(outcome).toMatchObject({
      updated: ['TASK-3', 'TASK-4'],
      kept: ['TASK-1', 'TASK-2'],
      cancelled: [],
      created: [{ task: 'TASK-5' }],
    })
    const changed = await service.database.read(
      async ({ sql }) =>
        await sql.selectFrom('task').select(['criteria', 'stale']).where('id', '=', 4).executeTakeFirstOrThrow(),
    )
    expect(changed).toEqual({ criteria: '["The answer to question 4 is 44."]', stale: 0 })
  })

  test('an open task that the plan leaves out is cancelled with the reason', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(2), ['api'])
    await submit(service, prd, (await draft(service, prd)).tasks)
    const { cancelled } = await submit(service, prd, [
      task('ALL', { title: 'Everything', requirements: ['FR-001', 'FR-002'] }),
    ])
    const old = await service.database.read(
      async ({ sql }) => await sql.selectFrom('task').select(['status', 'cause']).where('id', 'in', [1, 2]).execute(),
    )
    expect(cancelled).toEqual(['TASK-1', 'TASK-2'])
    expect(old).toEqual([1, 2].map(() => ({ status: 'cancelled', cause: '{"kind":"plan","plan":2}' })))
  })

  test('a finished task whose requirement changed no longer counts as its cover', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    await submit(service, prd, (await draft(service, prd)).tasks)
    await overrideCompletion(service, person, 1, 'done')
    await editPrd(
      service,
      person,
      1,
      1,
      { replacements: [{ old: 'question 1 is 1', new: 'question 1 is 11' }] },
      'changed',
    )
    const next = await draft(service, prd)
    expect(next.tasks).toMatchObject([
      { requirements: ['FR-001'], acceptance_criteria: ['The answer to question 1 is 11.'] },
    ])
  })
})

test('random plans: what is accepted is a covering graph without a cycle, and a planted fault is always found', async () => {
  const service = await workspace({ api: {}, web: {} })
  const shape = fc.record({
    size: fc.integer({ min: 2, max: 12 }),
    edges: fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 30 }),
    fault: fc.constantFrom('none', 'cycle', 'dangling', 'uncovered', 'repository'),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ size, edges, fault }) => {
      const prd = await prdOf(service, bodyOf(size), ['api', 'web'])
      const tasks = Array.from({ length: size }, (_, index) =>
        task(`T${index}`, {
          title: `Do part ${index} alone ${index * 31}`,
          repository: index % 2 === 0 ? 'api' : 'web',
          requirements: [`FR-${String(index + 1).padStart(3, '0')}`],
          // Edges lead to earlier tasks only, so without a fault there is no cycle.
          depends_on: [
            ...new Set(
              edges
                .filter(([from]) => from % size === index)
                .map(([, to]) => to % size)
                .filter((to) => to < index)
                .map((to) => `T${to}`),
            ),
          ],
        }),
      )
      const [first, last] = [tasks[0], tasks.at(-1)]
      if (first === undefined || last === undefined) return
      if (fault === 'cycle') {
        first.depends_on.push(last.ref)
        if (!last.depends_on.includes('T0')) last.depends_on.push('T0')
      } else if (fault === 'dangling') last.depends_on.push('GONE')
      else if (fault === 'uncovered') last.requirements = []
      else if (fault === 'repository') last.repository = 'nowhere'
      const codes = {
        cycle: 'cycle',
        dangling: 'unknown_dependency',
        uncovered: 'uncovered_requirement',
        repository: 'unknown_repository',
      }
      if (fault === 'none') expect((await submit(service, prd, tasks)).created).toHaveLength(size)
      else expect((await problemsOf(service, prd, tasks)).map((problem) => problem.code)).toContain(codes[fault])
    }),
    { numRuns: runs(60) },
  )
})
