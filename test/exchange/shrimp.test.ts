import { expect, test } from 'vitest'
import { shrimp } from '../../src/exchange/formats/shrimp.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const LIST = 'data/tasks.json'
const ID = '0d9f6f3a-1111-4aaa-8bbb-00000000000'
const list = (...tasks: unknown[]) => [{ path: LIST, text: JSON.stringify({ tasks }) }]

test('a small plan keeps ids, order and dates', () => {
  const bundle = readProject(shrimp, 'shrimp/small')
  const [first, second] = ['4b1c8c1e-5c0e-4d52-9a5d-0f6a4a6f0001', '4b1c8c1e-5c0e-4d52-9a5d-0f6a4a6f0002']
  expect(bundle.tasks).toMatchObject([
    {
      ref: first,
      alias: first,
      title: 'List open windows',
      description: 'Read the sensors.',
      status: 'todo',
      extra: {},
    },
    { ref: second, alias: second, depends_on: [first], created_at: at('2025-06-01T10:00:00Z') },
  ])
  expect(bundle.prds).toEqual([])
  expect(bundle.homeless).toEqual([])
})

test('a rich plan keeps everything that was said of a task', () => {
  const bundle = readProject(shrimp, 'shrimp/rich')
  expect(taskOf(bundle, `${ID}1`)).toEqual({
    ref: `${ID}1`,
    alias: `${ID}1`,
    prd: bundle.prds[0]?.ref,
    title: 'Measure the importer',
    description: 'Find where the time goes.\n\n## Implementation guide\n\nRun it under the profiler.',
    status: 'done',
    acceptance_criteria: ['A flame graph is stored', 'The slowest function is named'],
    test_cases: [],
    requirements: [],
    depends_on: [],
    complexity: 'medium',
    priority: 50,
    context: { files: ['bench/import.ts'], references: ['src/import.ts:10-80'] },
    notes: [
      { text: 'Use the recorded 2 GB file.' },
      { text: 'Parsing takes 80 % of the time.', at: at('2025-06-01T18:00:00Z') },
    ],
    created_at: at('2025-06-01T17:34:37.571Z'),
    updated_at: at('2025-06-01T18:00:00Z'),
    finished_at: at('2025-06-01T18:00:00Z'),
    extra: {
      agent: 'perf',
      relatedFiles: [
        { path: 'bench/import.ts', type: 'CREATE', description: 'new benchmark' },
        { path: 'src/import.ts', type: 'REFERENCE', description: 'what is measured', lineStart: 10, lineEnd: 80 },
      ],
    },
  })
})

test('states are read in both languages, and running work starts over with a note', () => {
  const bundle = readProject(shrimp, 'shrimp/rich')
  expect(taskOf(bundle, `${ID}2`)).toMatchObject({
    status: 'todo',
    notes: [{ text: 'was in progress', at: at('2025-06-02T09:00:00Z') }],
    extra: { status: 'in_progress' },
    depends_on: [`${ID}1`],
  })
  expect(taskOf(bundle, `${ID}3`)).toMatchObject({
    status: 'blocked',
    block_reason: 'blocked in Shrimp',
    depends_on: [`${ID}2`],
  })
  expect(taskOf(bundle, `${ID}4`)).toMatchObject({ status: 'todo', title: '旧任务' })
})

test('the analysis that tasks share is their specification, word for word', () => {
  const { prds, tasks } = readProject(shrimp, 'shrimp/rich')
  expect(prds).toMatchObject([
    {
      title: 'The importer reads line by line',
      kind: 'tech_spec',
      state: 'in_progress',
      body: 'The importer reads line by line. Batching is the way out.',
    },
  ])
  expect(tasks.map((task) => task.prd === prds[0]?.ref)).toEqual([true, true, false, false])
})

test('snapshots and fields of the list have no home', () => {
  const { homeless } = readProject(shrimp, 'shrimp/rich')
  expect(homeless.map(({ path, what }) => `${path}: ${what}`)).toEqual([
    'shrimp_data/memory/tasks_memory_2025-06-01T15-59-16.json: snapshot of a plan that was cleared',
    'shrimp_data/tasks.json: field initialRequest',
  ])
})

test('a list is known by its folder or by the snapshots beside it', () => {
  expect(shrimp.claims(['src/tasks.json', 'tasks/tasks.json', 'package.json'])).toEqual([])
  expect(shrimp.claims(['work/tasks.json', 'work/memory/tasks_memory_2025-01-01.json'])).toHaveLength(2)
  expect(shrimp.claims(['.shrimp/tasks.json'])).toEqual(['.shrimp/tasks.json'])
})

test('a date that is none is kept as it was', () => {
  const bundle = readFiles(
    shrimp,
    list({ id: 'a', name: 'x', createdAt: 'yesterday', updatedAt: '2025-02-30T00:00:00Z' }),
  )
  expect(bundle.tasks[0]).toMatchObject({ extra: { createdAt: 'yesterday', updatedAt: '2025-02-30T00:00:00Z' } })
  expect(bundle.tasks[0]?.created_at).toBeUndefined()
})

test.each([
  ['broken JSON', '{"tasks": [\n{"id": "a"\n"name": "x"}]}', 'line 3, column 1'],
  ['a bare word', '{"tasks": [none]}', 'line 1, column 12'],
  ['no list', '{}', 'tasks'],
  ['a missing id', '{"tasks":[{"name":"x"}]}', 'tasks[0].id'],
  ['an empty id', '{"tasks":[{"id":"","name":"x"}]}', 'tasks[0].id'],
  ['a missing name', '{"tasks":[{"id":"a"}]}', 'tasks[0].name'],
  ['a status of the wrong type', '{"tasks":[{"id":"a","name":"x","status":{}}]}', 'tasks[0].status'],
  [
    'an id twice',
    '{"tasks":[{"id":"a","name":"x"},{"id":"a","name":"y"}]}',
    'the id a is taken by data/tasks.json, tasks[0]',
  ],
  ['an unknown dependency', '{"tasks":[{"id":"a","name":"x","dependencies":[{"taskId":"b"}]}]}', 'a depends on b'],
  ['a task that waits for itself', '{"tasks":[{"id":"a","name":"x","dependencies":["a"]}]}', 'a depends on itself'],
  ['a prototype key', '{"tasks":[],"__proto__":{}}', '__proto__'],
])('%s is refused', (_, text, message) => {
  expect(refusalOf(shrimp, [{ path: LIST, text }]).message).toContain(message)
})

test('10,000 tasks are read in seconds', () => {
  const tasks = Array.from({ length: 10_000 }, (_, index) => ({
    id: `task-${index}`,
    name: `Task ${index}`,
    description: 'What it is about. '.repeat(5),
    implementationGuide: 'How to go about it. '.repeat(20),
    verificationCriteria: '1. one\n2. two',
    dependencies: index > 0 ? [{ taskId: `task-${index - 1}` }] : [],
    relatedFiles: [{ path: 'src/a.ts', type: 'TO_MODIFY' }],
    createdAt: '2025-06-01T17:34:37.571Z',
  }))
  timed(shrimp, list(...tasks), 10_000)
})
