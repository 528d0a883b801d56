import { expect, test } from 'vitest'
import { specKit } from '../../src/exchange/formats/spec-kit.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const SEATS = 'specs/002-seat-plan/spec.md'
const FOLDER = 'specs/001-a'
const spec = (text = '# Feature Specification: A\n') => ({ path: `${FOLDER}/spec.md`, text })
const tasks = (text: string, folder = FOLDER) => ({ path: `${folder}/tasks.md`, text })
const waits = (text: string): Record<string, string[]> =>
  Object.fromEntries(
    readFiles(specKit, [spec(), tasks(text)]).tasks.map((task) => [
      task.alias,
      task.depends_on.map((ref) => ref.slice(ref.lastIndexOf('/') + 1)).sort(),
    ]),
  )

test('a feature is a PRD with the tasks of its list', () => {
  const bundle = readProject(specKit, 'spec-kit/small')
  const ref = 'specs/001-bird-feeder/spec.md'
  expect(bundle.prds).toMatchObject([
    {
      ref,
      title: 'Bird feeder',
      kind: 'prd',
      state: 'draft',
      created_at: at('2026-04-01T00:00:00Z'),
      extra: { feature: '001-bird-feeder', branch: '001-bird-feeder' },
    },
  ])
  expect(bundle.tasks).toEqual([
    expect.objectContaining({
      ref: `${ref}/T001`,
      alias: 'T001',
      prd: ref,
      title: 'Create the project',
      status: 'todo',
    }),
    expect.objectContaining({
      ref: `${ref}/T002`,
      requirements: ['FR-001'],
      depends_on: [`${ref}/T001`],
      context: { files: ['src/count.py'] },
      extra: { section: ['Tasks: Bird feeder', 'Phase 2: Core'] },
    }),
  ])
})

test('the plan is a tech spec below the spec and keeps the documents beside it', () => {
  const { prds } = readProject(specKit, 'spec-kit/rich')
  expect(prds.map(({ ref, title, kind, state, parent }) => [ref, title, kind, state, parent])).toEqual([
    ['specs/001-old-lights/spec.md', 'Old lights', 'prd', 'completed', undefined],
    [SEATS, 'Seat plan', 'prd', 'in_progress', undefined],
    ['specs/002-seat-plan/plan.md', 'Implementation Plan: Seat plan', 'tech_spec', 'in_progress', SEATS],
  ])
  expect(prds[0]?.extra).toEqual({ feature: '001-old-lights', status: 'Implemented' })
  expect(prds[1]).toMatchObject({ created_at: at('2026-05-04T00:00:00Z'), extra: { status: 'Draft' } })
  expect(prds[2]?.extra).toMatchObject({
    documents: {
      'data-model.md': '# Data model\n\nA seat has a row.\n',
      'contracts/seats.yaml': 'openapi: 3.1.0\npaths: {}\n',
    },
  })
  expect(prds[2]?.extra['tasks.md']).toContain('**Checkpoint**: Foundation ready')
  expect(prds[2]?.extra['tasks.md']).toContain('- [ ] Every story has a test')
})

test('phases, stories, [P] and words say what waits for what', () => {
  const bundle = readProject(specKit, 'spec-kit/rich')
  const numbers = (refs: readonly string[]) => refs.map((ref) => ref.slice(ref.lastIndexOf('/') + 1)).sort()
  expect(bundle.tasks.map(({ alias, status, depends_on }) => [alias, status, numbers(depends_on)])).toEqual([
    ['T001', 'done', []],
    ['T002', 'done', []],
    ['T003', 'done', ['T001', 'T002']],
    ['T004', 'todo', ['T001', 'T002']],
    ['T005', 'todo', ['T003', 'T004']],
    ['T006', 'todo', ['T005']],
    ['T007', 'todo', ['T005']],
    ['T008', 'todo', ['T005', 'T006', 'T007']],
    ['T009', 'todo', ['T003', 'T004', 'T006']],
    ['T010', 'todo', ['T008', 'T009']],
    ['T011', 'todo', ['T008', 'T009']],
  ])
})

test('stories and ids lead to requirements, paths to files, boxes inside a task to criteria', () => {
  const bundle = readProject(specKit, 'spec-kit/rich')
  expect(taskOf(bundle, `${SEATS}/T008`)).toMatchObject({
    title: 'Show all seats in src/services/plan.ts (FR-001)',
    requirements: ['User Story 1', 'FR-001'],
    acceptance_criteria: ['Front rows', 'Back rows'],
    context: { files: ['src/services/plan.ts'] },
    extra: { story: 'US1', checked: [1] },
  })
  expect(taskOf(bundle, `${SEATS}/T005`)).toMatchObject({
    context: { files: ['tests/seats.test.ts'], references: ['specs/002-seat-plan/contracts/seats.yaml'] },
    extra: { parallel: true, story: 'US1' },
  })
  expect(taskOf(bundle, `${SEATS}/T011`).context).toEqual({})
})

test('principles are lessons', () => {
  const { knowledge } = readProject(specKit, 'spec-kit/rich')
  expect(knowledge.map(({ ref, kind, category, text }) => [ref, kind, category, text])).toEqual([
    [
      '.specify/memory/constitution.md#i-test-first',
      'lesson',
      'testing',
      'Core Principles › I. Test First\n\nTests are written and fail before any code.',
    ],
    [
      '.specify/memory/constitution.md#ii-one-library',
      'lesson',
      'patterns',
      'Core Principles › II. One Library\n\nEvery feature is a library.',
    ],
    ['.specify/memory/constitution.md#governance', 'lesson', 'patterns', 'Governance\n\nChanges need two votes.'],
  ])
})

test('phases of stories do not wait for each other, two of one story do', () => {
  const list = `## Phase 1: Setup
- [ ] T001 a
## Phase 2: User Story 1
- [ ] T002 [US1] b
## Phase 3: User Story 2
- [ ] T003 [US2] c
## Phase 4: User Story 1, the page
- [ ] T004 [US1] d
## Phase 5: Polish
- [ ] T005 e
`
  expect(waits(list)).toEqual({ T001: [], T002: ['T001'], T003: ['T001'], T004: ['T002'], T005: ['T003', 'T004'] })
})

test('ranges and sentences name dependencies', () => {
  const list = `## Phase 1: One
- [ ] T001 a
- [ ] T002 b
- [ ] T003 [P] c
## Phase 2: Two
- [ ] T004 [P] d
- [ ] T005 [P] e; depends on T001-T003

## Dependencies
- T003 blocks T002
`
  const found = waits(list)
  expect(found['T002']).toEqual(['T001', 'T003'])
  expect(found['T005']).toEqual(['T001', 'T002', 'T003'])
})

test('what is written wins over the order of the file', () => {
  const list = '## Phase 1\n- [ ] T001 a (depends on T002)\n## Phase 2\n- [ ] T002 b\n- [ ] T003 c\n'
  expect(waits(list)).toEqual({ T001: ['T002'], T002: [], T003: ['T002'] })
})

test('a dependency of finished work on nothing is named', () => {
  const bundle = readFiles(specKit, [spec(), tasks('- [x] T001 a (depends on T099)\n')])
  expect(bundle.homeless).toMatchObject([{ path: `${FOLDER}/tasks.md`, what: 'dependency of T001 on T099' }])
})

test('an id that finished tasks share counts on', () => {
  const bundle = readFiles(specKit, [spec(), tasks('- [x] T001 a\n- [x] T001 b\n- [ ] T002 c (depends on T001)\n')])
  expect(bundle.tasks.map(({ ref, alias }) => [ref.split('/').at(-1), alias])).toEqual([
    ['T001', 'T001'],
    ['T001~2', 'T001'],
    ['T002', 'T002'],
  ])
})

test('a list without ids has its boxes as tasks', () => {
  const bundle = readFiles(specKit, [spec(), tasks('- [ ] First thing\n- [x] Second thing\n- [ ] First thing\n')])
  expect(bundle.tasks.map(({ ref, alias, status }) => [ref.split('/').at(-1), alias, status])).toEqual([
    ['first-thing', undefined, 'todo'],
    ['second-thing', undefined, 'done'],
    ['first-thing~2', undefined, 'todo'],
  ])
})

test('one feature by itself and features beside the project are found, other folders are not', () => {
  expect(specKit.claims(['spec.md', 'tasks.md', 'logo.png'])).toEqual(['spec.md', 'tasks.md'])
  expect(specKit.claims(['app/specs/003-x/spec.md', 'app/specs/003-x/contracts/a.proto', 'app/README.md'])).toEqual([
    'app/specs/003-x/spec.md',
    'app/specs/003-x/contracts/a.proto',
  ])
  expect(specKit.claims(['specs/login/spec.md', 'docs/spec.md'])).toEqual([])
  expect(specKit.claims(['openspec/changes/archive/2026-01-02-x/tasks.md', '2026-01-02-x/tasks.md'])).toEqual([])
  expect(specKit.claims(['specs/20260319-143022-x/spec.md'])).toHaveLength(1)
  expect(specKit.claims(['.specify/memory/constitution.md', 'specs/login/spec.md'])).toHaveLength(2)
})

test.each([
  [
    'an id twice',
    [spec(), tasks('- [ ] T001 a\n- [ ] T001 b\n')],
    `${FOLDER}/tasks.md, line 2: T001 is there twice, first in line 1`,
  ],
  [
    'an unknown dependency',
    [spec(), tasks('- [ ] T001 a (depends on T002)\n')],
    'T001 depends on T002, which nothing is',
  ],
  ['a task that waits for itself', [spec(), tasks('- [ ] T001 a (depends on T001)\n')], 'depends on itself'],
  ['a spec too large', [spec('x'.repeat(1_048_577))], '1048576 are the most'],
  ['a NUL character', [spec('# a\0')], 'NUL'],
  ['half of a character', [spec('# \ud800')], 'surrogate'],
  ['too many tasks', [spec(), tasks('- [ ] a\n'.repeat(50_001))], '50001 tasks'],
  [
    'phases of thousands',
    [
      spec(),
      tasks(
        `## Phase 1\n${Array.from({ length: 4000 }, (_, n) => `- [ ] T${n} [P] a\n`).join('')}## Phase 2\n${Array.from({ length: 4000 }, (_, n) => `- [ ] T${n + 4000} [P] a\n`).join('')}`,
      ),
    ],
    'more than 1000000 dependencies',
  ],
])('%s is refused', (_, files, message) => {
  expect(refusalOf(specKit, files).message).toContain(message)
})

test('a circle that people wrote is left for the check of the whole', () => {
  const list = tasks('- [ ] T001 [P] a (depends on T002)\n- [ ] T002 [P] b (depends on T001)\n')
  const bundle = specKit.read([spec(), list])
  expect(bundle.tasks.map((task) => task.depends_on.length)).toEqual([1, 1])
})

test('10,000 tasks are read in seconds', () => {
  const files = Array.from({ length: 100 }, (_, feature) => {
    const folder = `specs/${String(feature + 100)}-feature`
    const list = Array.from({ length: 100 }, (__, index) =>
      [
        index % 20 === 0 ? `## Phase ${index / 20 + 1}: User Story ${index / 20 + 1}\n` : '',
        `- [ ] T${String(index).padStart(3, '0')} ${index % 3 === 0 ? '' : '[P] '}[US${Math.floor(index / 20) + 1}] Create a thing in src/models/thing${index}.ts (FR-001)\n`,
      ].join(''),
    )
    return [
      { path: `${folder}/spec.md`, text: `# Feature ${feature}\n\n- **FR-001**: It MUST work.\n` },
      tasks(list.join(''), folder),
    ]
  }).flat()
  timed(specKit, files, 10_000)
})
