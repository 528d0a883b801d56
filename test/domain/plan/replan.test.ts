import { describe, expect, test } from 'vitest'
import { keyNumber } from '../../../schemas/key.ts'
import { editPrd } from '../../../src/domain/prd/edit.ts'
import type { Service } from '../../../src/domain/service.ts'
import { overrideCompletion } from '../../../src/domain/task/complete.ts'
import { createTask, type TaskDraft } from '../../../src/domain/task/create.ts'
import { SpekiError } from '../../../src/errors.ts'
import { bodyOf, draft, person, prdOf, submit, task, workspace } from './workspace.ts'

const follow = async (service: Service, change: Partial<TaskDraft>) =>
  await createTask(service, person, {
    title: 'Later',
    repository: 'api',
    description: '',
    acceptanceCriteria: [],
    testCases: [],
    requirements: [],
    dependsOn: [],
    complexity: 'low',
    priority: 50,
    context: {},
    ...change,
  })

/** The codes of what is wrong; none where the plan is accepted. */
async function codesOf(submitted: Promise<unknown>): Promise<string[]> {
  try {
    await submitted
    return []
  } catch (error) {
    if (!(error instanceof SpekiError)) throw error
    return (
      (error.details?.['problems'] as { code: string }[] | undefined)?.map((problem) => problem.code) ?? [error.code]
    )
  }
}

const statusesOf = async (service: Service) =>
  Object.fromEntries(
    (
      await service.database.read(
        async ({ sql }) => await sql.selectFrom('task').select(['id', 'status']).orderBy('id').execute(),
      )
    ).map((row) => [`TASK-${row.id}`, row.status]),
  )

/** Adds a requirement at the end, so that nothing else is touched, then drafts and submits what was drafted. */
async function replan(service: Service, prd: string, text: string) {
  await editPrd(
    service,
    person,
    keyNumber(prd),
    1,
    {
      body: `${text}\n### FR-900: Extra [repo: api]\n\nThe system shall answer 900.\n\nAcceptance criteria:\n- The answer is 900.\n`,
    },
    'more',
  )
  const next = await draft(service, prd)
  return { next, outcome: await submit(service, prd, next.tasks, 2) }
}

describe('a re-draft that is submitted as it is cancels nothing whose requirement still stands', () => {
  test('where one of two repositories is finished', async () => {
    const service = await workspace({ api: {}, web: {} })
    const text = bodyOf(1, () => ' [repo: api, web]')
    const prd = await prdOf(service, text, ['api', 'web'])
    await submit(service, prd, (await draft(service, prd)).tasks)
    await overrideCompletion(service, person, 1, 'done')
    const { outcome } = await replan(service, prd, text)
    expect(outcome.cancelled).toEqual([])
    expect(await statusesOf(service)).toMatchObject({ 'TASK-1': 'done', 'TASK-2': 'todo' })
  })

  test('where a requirement was cut in parts', async () => {
    const service = await workspace({ api: {} })
    const criteria = Array.from({ length: 23 }, (_, index) => `- The answer to ${index} is ${index}.`).join('\n')
    const text = `# X\n\n## Requirements\n\n### FR-001: Many\n\nThe system shall answer.\n\nAcceptance criteria:\n${criteria}\n`
    const prd = await prdOf(service, text, ['api'])
    await submit(service, prd, (await draft(service, prd)).tasks)
    const { outcome } = await replan(service, prd, text)
    expect(outcome.cancelled).toEqual([])
  })

  test('where a part of a requirement is finished', async () => {
    const service = await workspace({ api: {} })
    const text = bodyOf(1)
    const prd = await prdOf(service, text, ['api'])
    await submit(service, prd, [
      task('A', { title: 'Write it', requirements: ['FR-001'] }),
      task('B', { title: 'Measure it', requirements: ['FR-001'], depends_on: ['A'] }),
    ])
    await overrideCompletion(service, person, 1, 'done')
    const { outcome } = await replan(service, prd, text)
    expect(outcome.cancelled).toEqual([])
    expect(outcome.created).toHaveLength(1)
  })

  test('where a bug has its regression test and its fix', async () => {
    const service = await workspace({ api: {} })
    const text = bodyOf(1)
    const prd = await prdOf(service, text, ['api'], 'bug')
    await submit(service, prd, (await draft(service, prd)).tasks)
    const { outcome } = await replan(service, prd, text)
    expect(outcome.cancelled).toEqual([])
    expect(outcome.updated).toEqual(['TASK-1', 'TASK-2'])
  })

  test('where a task traces to no requirement, and where the plan decided what the text leaves open', async () => {
    const service = await workspace({ api: {}, web: {} })
    const text = bodyOf(1)
    const prd = await prdOf(service, text, ['api', 'web'])
    await submit(service, prd, [
      task('CI', { title: 'Set up the pipeline' }),
      task('A', { repository: 'web', requirements: ['FR-001'], depends_on: ['CI'] }),
    ])
    const { next, outcome } = await replan(service, prd, text)
    expect(next.questions).toEqual([])
    expect(outcome.cancelled).toEqual([])
    expect(outcome.updated.toSorted()).toEqual(['TASK-1', 'TASK-2'])
  })

  test('and drops the task of a requirement that is gone, with the edges to it', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(2), ['api'])
    await submit(service, prd, [
      task('A', { requirements: ['FR-001'] }),
      task('B', { requirements: ['FR-002'], depends_on: ['A'] }),
    ])
    await editPrd(service, person, 1, 1, { body: bodyOf(2).replace(/### FR-001[\s\S]*?(?=### FR-002)/, '') }, 'less')
    const next = await draft(service, prd)
    expect(next.tasks).toMatchObject([{ ref: 'TASK-2', depends_on: [] }])
    const outcome = await submit(service, prd, next.tasks, 2)
    expect(outcome).toMatchObject({ cancelled: ['TASK-1'], updated: ['TASK-2'], ready: 1 })
  })
})

test('work added outside any plan survives a plan that does not name it', async () => {
  const service = await workspace({ api: {} })
  const prd = await prdOf(service, bodyOf(1), ['api'])
  await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
  const found = await follow(service, { title: 'Found on the way', prd: 1 })
  const outcome = await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
  expect(outcome.cancelled).toEqual([])
  expect(outcome.kept).toContain(found.id)
})

test('a plan sent again with the same refs does not create what is finished a second time', async () => {
  const service = await workspace({ api: {} })
  const prd = await prdOf(service, bodyOf(2), ['api'])
  const plan = [task('A', { requirements: ['FR-001'] }), task('B', { requirements: ['FR-002'], depends_on: ['A'] })]
  await submit(service, prd, plan)
  await overrideCompletion(service, person, 1, 'done')
  const outcome = await submit(service, prd, plan)
  expect(outcome).toMatchObject({ created: [], kept: ['TASK-1'], updated: ['TASK-2'], cancelled: [], ready: 1 })
  const edges = await service.database.read(
    async ({ sql }) => await sql.selectFrom('task_dependency').selectAll().execute(),
  )
  expect(edges).toEqual([{ task_id: 2, depends_on: 1 }])
})

describe('a plan is refused', () => {
  test('that waits for a task it cancels, or for one that is cancelled', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
    expect(
      await codesOf(
        submit(service, prd, [task('N', { title: 'New', requirements: ['FR-001'], depends_on: ['TASK-1'] })]),
      ),
    ).toEqual(['unknown_dependency'])
    await submit(service, prd, [task('N', { title: 'New', requirements: ['FR-001'] })])
    expect(
      await codesOf(
        submit(service, prd, [task('O', { title: 'Newer', requirements: ['FR-001'], depends_on: ['TASK-1'] })]),
      ),
    ).toEqual(['unknown_dependency'])
  })

  test('whose cycle leads through the task that a ref goes on with', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
    const later = await follow(service, { dependsOn: [1] })
    expect(
      await codesOf(submit(service, prd, [task('A', { requirements: ['FR-001'], depends_on: [later.id] })])),
    ).toEqual(['cycle'])
  })

  test.each(['task-1', 'TASK-1'])('where %s waits for its own key', async (ref) => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, bodyOf(1), ['api'])
    await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
    expect(
      await codesOf(submit(service, prd, [task(ref, { requirements: ['FR-001'], depends_on: ['TASK-1'] })])),
    ).toEqual(['self_dependency'])
  })

  test('where a label stands for two requirements', async () => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(
      service,
      '# X\n\n## Requirements\n\n- FR-001: The system shall answer 1.\n- FR-001: The system shall answer 2.\n',
      ['api'],
    )
    expect(await codesOf(submit(service, prd, [task('A', { requirements: ['FR-001'] })]))).toContain(
      'unknown_requirement',
    )
  })
})

describe('a draft without questions is accepted', () => {
  test.each([
    ['requirements under one label', '- FR-001: The system shall answer 1.\n- FR-001: The system shall answer 2.\n'],
    ['requirements that begin alike', '- Validation: the name has 3 letters\n- Validation: the age is 18\n'],
    ['the same sentence in two sections', '### A\n\n- The answer is 3\n\n### B\n\n- The answer is 3\n'],
    [
      'a sign that would be cut in half',
      `- FR-001: The system shall answer 1 ${'x'.repeat(165)}${'😀'.repeat(40)}\n- FR-002: ${'😀'.repeat(600)} 7\n`,
    ],
  ])('with %s', async (_, list) => {
    const service = await workspace({ api: {} })
    const prd = await prdOf(service, `# X\n\n## Requirements\n\n${list}`, ['api'])
    const { tasks, questions } = await draft(service, prd)
    expect(questions).toEqual([])
    expect((await submit(service, prd, tasks)).created.length).toBeGreaterThan(0)
  })
})

test.each([
  'A simple PDF of the invoice is shown.',
  'The fast-forward button is visible.',
  'The page shows a good-morning message.',
  'The easy mode is listed in the menu.',
])('a criterion that one can look at is no vague one: %s', async (criterion) => {
  const service = await workspace({ api: {} })
  const prd = await prdOf(service, bodyOf(1), ['api'])
  expect(
    await codesOf(submit(service, prd, [task('A', { requirements: ['FR-001'], acceptance_criteria: [criterion] })])),
  ).toEqual([])
})

test('a dry run counts as ready what would be ready', async () => {
  const service = await workspace({ api: {} })
  const prd = await prdOf(service, bodyOf(2), ['api'])
  const plan = [task('A', { requirements: ['FR-001'] }), task('B', { requirements: ['FR-002'], depends_on: ['A'] })]
  await submit(service, prd, plan)
  await overrideCompletion(service, person, 1, 'done')
  const next = [task('TASK-2', { title: 'Do B', requirements: ['FR-002'], depends_on: ['TASK-1'] })]
  const dry = await submit(service, prd, next, 1, true)
  expect(dry.ready).toBe((await submit(service, prd, next)).ready)
})

test('work elsewhere that waits for a cancelled task is told', async () => {
  const service = await workspace({ api: {} })
  const prd = await prdOf(service, bodyOf(1), ['api'])
  await submit(service, prd, [task('A', { requirements: ['FR-001'] })])
  const waiting = await follow(service, { dependsOn: [1] })
  const outcome = await submit(service, prd, [task('N', { title: 'New', requirements: ['FR-001'] })])
  expect(outcome).toMatchObject({ cancelled: ['TASK-1'], stranded: [{ task: waiting.id, waitsFor: 'TASK-1' }] })
})

describe('evidence', () => {
  const place = async (body: string, repositories = ['api', 'web', 'docs']) => {
    const service = await workspace({ api: {}, web: {}, docs: {}, elsewhere: {} })
    const { placements, questions } = await draft(service, await prdOf(service, body, repositories))
    return { at: placements.map((placement) => [placement.requirement, placement.repository]).sort(), questions }
  }
  const of = (list: string) => `# X\n\n## Requirements\n\n${list}\n`

  test('in the text goes before evidence in a heading', async () => {
    const { at } = await place(
      of(
        '### Part [repo: web]\n\n- FR-001: The system shall answer 1 [repo: api]\n- FR-002: The system shall answer 2',
      ),
    )
    expect(at).toEqual([
      ['FR-001', 'api'],
      ['FR-002', 'web'],
    ])
  })

  test('by @name and (name)', async () => {
    const { at } = await place(
      of('- FR-001: @api The system shall answer 1\n- FR-002: (web) The system shall answer 2'),
    )
    expect(at).toEqual([
      ['FR-001', 'api'],
      ['FR-002', 'web'],
    ])
  })

  test('that names no repository of the PRD is a question', async () => {
    const { at, questions } = await place(of('- FR-001: The api shall answer 1 [repo: elsewhere]'))
    expect(at).toEqual([])
    expect(questions).toEqual([expect.stringMatching(/FR-001.*elsewhere/)])
  })

  test.each([
    [
      'a limit',
      'repositories: [docs]',
      [
        ['FR-001', 'docs'],
        ['FR-002', 'docs'],
      ],
    ],
    [
      'labels to repositories',
      'repositories:\n  FR-001: web\n  FR-002: api',
      [
        ['FR-001', 'web'],
        ['FR-002', 'api'],
      ],
    ],
    [
      'repositories to headings',
      'repositories:\n  web: [Checkout]\n  api: FR-001',
      [
        ['FR-001', 'api'],
        ['FR-002', 'web'],
      ],
    ],
  ])('in front matter as %s', async (_, front, expected) => {
    const { at } = await place(
      `---\n${front}\n---\n${of('- FR-001: The system shall answer 1\n\n### Checkout\n\n- FR-002: The system shall answer 2')}`,
    )
    expect(at).toEqual(expected)
  })
})
