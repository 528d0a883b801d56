import { expect, test } from 'vitest'
import { taskMaster } from '../../src/exchange/formats/task-master.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const LIST = '.taskmaster/tasks/tasks.json'
const list = (value: unknown) => [{ path: LIST, text: JSON.stringify(value) }]
const master = (...tasks: unknown[]) => list({ master: { tasks, metadata: {} } })

test('an old untagged project becomes one PRD with its document word for word', () => {
  const bundle = readProject(taskMaster, 'task-master/small')
  expect(bundle.prds).toEqual([
    {
      ref: 'master',
      title: 'Tide Tables',
      kind: 'prd',
      state: 'in_progress',
      body: '# Tide Tables\n\nThe command prints the next high water of a station.\n',
      repositories: [],
      owners: [],
      extra: { projectName: 'Tide Tables', version: '1.0.0', source: 'scripts/prd.txt', document: 'scripts/prd.txt' },
    },
  ])
  expect(bundle.tasks).toEqual([
    {
      ref: 'master:1',
      alias: '1',
      prd: 'master',
      title: 'Read station data',
      description:
        'Parse the yearly CSV of one station.\n\n## Details\n\nUse a streaming parser; files have up to 9,000 lines.',
      status: 'done',
      acceptance_criteria: [],
      test_cases: ['Parse a recorded year and compare the row count.'],
      requirements: [],
      depends_on: [],
      complexity: 'medium',
      priority: 30,
      context: {},
      notes: [],
      extra: {},
    },
    {
      ref: 'master:2',
      alias: '2',
      prd: 'master',
      title: 'Print the next tide',
      description: 'Show time and height of the next high water.',
      status: 'todo',
      acceptance_criteria: [],
      test_cases: [],
      requirements: [],
      depends_on: ['master:1'],
      complexity: 'medium',
      priority: 70,
      context: {},
      notes: [],
      extra: {},
    },
  ])
  expect(bundle.homeless).toEqual([])
})

test('each tag is a PRD with the one document that can be its own', () => {
  const { prds } = readProject(taskMaster, 'task-master/rich')
  expect(prds.map(({ ref, title, state, kind }) => ({ ref, title, state, kind }))).toEqual([
    { ref: 'master', title: 'Parcel desk', state: 'in_progress', kind: 'prd' },
    { ref: 'returns-portal', title: 'Returns portal', state: 'draft', kind: 'prd' },
    { ref: 'spike', title: 'spike', state: 'draft', kind: 'prd' },
    { ref: '.taskmaster/docs/prd-insurance.txt', title: 'prd-insurance', state: 'draft', kind: 'prd' },
  ])
  expect(prds[0]?.body).toBe('# Parcel desk\n\nStaff print a label for every order and see where the parcel is.\n')
  expect(prds[0]?.created_at).toBe(at('2025-07-01T09:00:00.000Z'))
  expect(prds[0]?.extra).toMatchObject({ owner: 'mara', complexityReport: { meta: { thresholdScore: 5 } } })
  expect(prds[2]?.body).toBe(
    '# spike\n\nThrow-away experiments\n\nTasks of the tag "spike" of Task Master, which came without a document of their own.\n',
  )
})

test('states are kept, and what somebody worked on starts over with a note', () => {
  const bundle = readProject(taskMaster, 'task-master/rich')
  expect(Object.fromEntries(bundle.tasks.map((task) => [task.ref, task.status]))).toEqual({
    'master:1': 'done',
    'master:2.1': 'in_review',
    'master:2.2': 'todo',
    'master:2': 'todo',
    'master:3.1': 'blocked',
    'master:3': 'blocked',
    'master:4': 'cancelled',
    'returns-portal:1': 'todo',
  })
  expect(taskOf(bundle, 'master:1').finished_at).toBe(at('2025-07-02T08:00:00Z'))
  const begun = taskOf(bundle, 'master:2')
  expect(begun.notes).toEqual([{ text: 'was in progress for mara', at: at('2025-07-03T08:30:00Z') }])
  expect(begun.extra).toMatchObject({ status: 'in-progress', assignee: 'mara' })
  expect(taskOf(bundle, 'master:3').block_reason).toBe('deferred in Task Master')
})

test('subtasks are tasks, which their parent waits for and which wait for what it waits for', () => {
  const bundle = readProject(taskMaster, 'task-master/rich')
  expect(Object.fromEntries(bundle.tasks.map((task) => [task.alias, task.depends_on]))).toMatchObject({
    '2': ['master:1', 'master:2.1', 'master:2.2'],
    '2.1': ['master:1'],
    '2.2': ['master:2.1', 'master:1'],
    '3': ['master:1', 'master:2.1', 'master:3.1'],
    '3.1': ['master:2.1', 'master:1'],
  })
})

test('criteria, test cases, files, complexity and everything else are kept', () => {
  const bundle = readProject(taskMaster, 'task-master/rich')
  expect(taskOf(bundle, 'master:1')).toMatchObject({
    test_cases: ['GET /health answers 200', 'The container starts within 5 s'],
    complexity: 'low',
    extra: { complexityReport: { complexityScore: 2, reasoning: 'Known ground.' } },
  })
  expect(taskOf(bundle, 'master:2')).toMatchObject({ complexity: 'high', priority: 10 })
  expect(taskOf(bundle, 'master:3')).toMatchObject({
    acceptance_criteria: ['Every event is stored once', 'A carrier outage is retried for 24 h'],
    context: { files: ['src/carrier.ts'], references: ['docs/carrier.md'] },
    extra: { relevantFiles: [{ description: 'client' }, { description: 'their API' }] },
  })
  expect(taskOf(bundle, 'master:4').extra).toEqual({ priority: 'someday', jira: 'PAR-12' })
  expect(taskOf(bundle, 'returns-portal:1')).toMatchObject({ complexity: 'high', extra: { complexity: 8 } })
})

test('what has no home is named', () => {
  const { homeless } = readProject(taskMaster, 'task-master/rich')
  expect(homeless.map(({ path, what }) => `${path}: ${what}`).sort()).toEqual([
    '.taskmaster/config.json: settings of Task Master',
    '.taskmaster/docs/call.md: document beside the tasks',
    '.taskmaster/reports/task-complexity-report.json: complexity of task 9',
    '.taskmaster/state.json: settings of Task Master',
    '.taskmaster/tasks/task_001.txt: text of a task, made from tasks.json',
  ])
})

test('a long text is cut at a word for the field and kept whole beside it', () => {
  const details = 'word '.repeat(6000).trim()
  const strategy = `- ${'check '.repeat(120).trim()}`
  const title = 'Name '.repeat(80).trim()
  const bundle = readFiles(taskMaster, master({ id: 1, title, description: 'Short.', details, testStrategy: strategy }))
  const task = taskOf(bundle, 'master:1')
  expect(task.description.length).toBeLessThanOrEqual(20_000)
  expect(task.description).toMatch(/ word…$/)
  expect(task.title).toMatch(/^Name .* Name…$/)
  expect(task.test_cases[0]).toMatch(/check…$/)
  expect(task.extra).toEqual({ title, description: 'Short.', details, testStrategy: strategy })
})

test('a part that waits for its parent is not waited for by it', () => {
  const part = { id: 1, title: 'Part', status: 'pending', dependencies: ['7'] }
  const bundle = readFiles(taskMaster, master({ id: 7, title: 'Whole', subtasks: [part] }))
  expect(taskOf(bundle, 'master:7').depends_on).toEqual([])
  expect(taskOf(bundle, 'master:7.1').depends_on).toEqual(['master:7'])
})

test('what a finished task waited for may be gone', () => {
  const bundle = readFiles(taskMaster, master({ id: 1, title: 'Done', status: 'done', dependencies: [99] }))
  expect(bundle.tasks[0]?.depends_on).toEqual([])
  expect(bundle.homeless).toMatchObject([{ path: LIST, what: 'dependency of task 1 on 99' }])
})

test('a folder without tasks.json is no Task Master project', () => {
  expect(taskMaster.claims(['tasks/list.json', 'README.md', '.taskmaster/config.json'])).toEqual([])
})

const nested = `{"master":{"tasks":[{"id":1,"title":"x","a":${'['.repeat(5000)}${']'.repeat(5000)}}]}}`
test.each([
  ['broken JSON', '{\n  "master": {\n    "tasks": [ { "id": 1, ]\n', 'line 3, column 27: this is no JSON'],
  ['JSON that ends too early', '{\n"master": {"tasks": [', 'line 2, column 22: the text ends before the JSON does'],
  ['a list of words', '"tasks"', 'this is no list of tasks'],
  ['no tags', '{"name": "x"}', 'no field of it holds tasks'],
  ['tasks beside tags', '{"tasks": [], "master": {"tasks": []}}', 'tasks stand beside the tags master'],
  ['a task that is none', '{"master":{"tasks":[7]}}', 'master.tasks[0]'],
  ['a missing id', '{"master":{"tasks":[{"title":"x"}]}}', 'master.tasks[0].id'],
  ['a missing title', '{"master":{"tasks":[{"id":1}]}}', 'master.tasks[0].title'],
  ['an empty title', '{"master":{"tasks":[{"id":1,"title":" "}]}}', '1 has no title'],
  ['a title of the wrong type', '{"a":{"tasks":[{"id":1,"title":[]}]}}', 'a.tasks[0].title'],
  ['tasks of the wrong type', '{"a":{"tasks":{}}}', 'a.tasks'],
  [
    'an id twice',
    '{"a":{"tasks":[{"id":1,"title":"x"},{"id":"1","title":"y"}]}}',
    'a.tasks[1]: the id 1 is taken by a.tasks[0]',
  ],
  [
    'an unknown dependency',
    '{"a":{"tasks":[{"id":1,"title":"x","dependencies":[9]}]}}',
    'task 1 depends on 9, which nothing is',
  ],
  [
    'a task that waits for itself',
    '{"a":{"tasks":[{"id":1,"title":"x","dependencies":[1]}]}}',
    'task 1 depends on itself',
  ],
  ['a prototype key', '{"a":{"tasks":[{"id":1,"title":"x","__proto__":{"polluted":1}}]}}', '__proto__'],
  ['deep nesting', nested, 'more than 64 deep'],
  ['a NUL character', '{"a":{"tasks":[{"id":1,"title":"x\\u0000"}]}}', 'NUL'],
  ['half a surrogate pair', '{"a":{"tasks":[{"id":1,"title":"x\\ud800"}]}}', 'surrogate'],
  ['a merge conflict', '{\n<<<<<<< HEAD\n"master": {}\n}', 'line 2, column 1'],
])('%s is refused', (_, text, message) => {
  expect(refusalOf(taskMaster, [{ path: LIST, text }]).message).toContain(`${LIST}`)
  expect(refusalOf(taskMaster, [{ path: LIST, text }]).message).toContain(message)
})

test('all unknown dependencies are named at once', () => {
  const refusal = refusalOf(taskMaster, master(...[1, 2, 3].map((id) => ({ id, title: 'x', dependencies: [id + 10] }))))
  expect(refusal.message).toContain('task 1 depends on 11')
  expect(refusal.message).toContain('task 2 depends on 12, task 3 depends on 13')
})

test('tags with the names of object members are tags like others', () => {
  const text = '{"constructor":{"tasks":[{"id":1,"title":"x"}]},"toString":{"tasks":[]}}'
  const bundle = readFiles(taskMaster, [{ path: LIST, text }])
  expect(bundle.prds.map((prd) => prd.ref)).toEqual(['constructor', 'toString'])
})

test('more tasks than an import takes are refused', () => {
  const tasks = Array.from({ length: 50_001 }, (_, index) => ({ id: index + 1, title: 'x' }))
  expect(refusalOf(taskMaster, master(...tasks)).message).toContain('50001 tasks')
})

test('10,000 tasks are read in seconds', () => {
  const tasks = Array.from({ length: 2000 }, (_, index) => ({
    id: index + 1,
    title: `Task ${index + 1}`,
    description: 'What it is about. '.repeat(5),
    details: 'How to go about it. '.repeat(20),
    testStrategy: '- one\n- two',
    status: 'pending',
    dependencies: index > 0 ? [index] : [],
    subtasks: [1, 2, 3, 4].map((id) => ({ id, title: `Part ${id}`, dependencies: id > 1 ? [id - 1] : [] })),
  }))
  timed(taskMaster, master(...tasks), 10_000)
})
