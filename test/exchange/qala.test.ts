import { expect, test } from 'vitest'
import { qala } from '../../src/exchange/formats/qala.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const PRD = 'specs/20260112-080000-ferry.prd.md'
const TECH = 'specs/20260112-080000-ferry.tech.md'
const TASKS = '.speki/specs/a.prd/tasks.json'
const spec = (path = 'specs/a.prd.md', text = '# A\n') => ({ path, text })
const tasks = (stories: unknown, path = TASKS) => ({ path, text: JSON.stringify({ userStories: stories }) })
const story = (id: string, more: object = {}) => ({ id, title: `Story ${id}`, passes: false, ...more })

test('a spec with one story is one PRD with one task', () => {
  const bundle = readProject(qala, 'qala/small')
  expect(bundle.prds).toEqual([
    {
      ref: 'specs/20260110-090000-coffee.prd.md',
      title: 'Coffee orders',
      kind: 'prd',
      state: 'draft',
      body: '# Coffee orders\n\n## Functional requirements\n\n- FR-1: The office MUST see every open order.\n',
      repositories: [],
      owners: [],
      extra: { tasks: { projectName: 'coffee', branchName: 'main' } },
    },
  ])
  expect(bundle.tasks).toEqual([
    {
      ref: 'specs/20260110-090000-coffee.prd.md/US-001',
      alias: 'US-001',
      prd: 'specs/20260110-090000-coffee.prd.md',
      title: 'As a guest, I want to order a coffee',
      description: 'From the phone.',
      status: 'todo',
      acceptance_criteria: ['The order is on the board'],
      test_cases: [],
      requirements: [],
      depends_on: [],
      complexity: 'medium',
      priority: 1,
      context: {},
      notes: [],
      extra: {},
    },
  ])
  expect(bundle.homeless).toEqual([])
})

test('types, parents, states and dates of specs are kept, and what reviews said of them', () => {
  const [prd, tech, bug] = readProject(qala, 'qala/rich').prds
  expect(prd).toMatchObject({
    ref: PRD,
    kind: 'prd',
    state: 'in_review',
    created_at: at('2026-01-12T08:00:00Z'),
    updated_at: at('2026-01-20T16:30:00Z'),
    extra: {
      metadata: { status: 'decomposed' },
      tasks: { status: 'partial', statusMessage: 'one story is open' },
      'session.json': { suggestions: [{ status: 'pending' }], chatMessages: [{ content: 'Is a day enough?' }] },
      'decompose_progress.json': { verdict: 'PASS' },
      'verdicts/clarity.json': { issues: ['vague'] },
    },
  })
  expect(prd?.body.startsWith('---\ntype: prd\n')).toBe(true)
  expect(tech).toMatchObject({ ref: TECH, kind: 'tech_spec', state: 'in_progress', parent: PRD })
  expect(bug).toMatchObject({ kind: 'bug', state: 'draft', parent: PRD })
})

test('tasks stand in the order of the queue, and stories wait for what achieves them', () => {
  const bundle = readProject(qala, 'qala/rich')
  expect(bundle.tasks.map(({ alias, status, depends_on }) => [alias, status, depends_on])).toEqual([
    ['TS-003', 'todo', []],
    ['TS-002', 'todo', [`${TECH}/TS-001`]],
    ['US-001', 'todo', [`${TECH}/TS-001`, `${TECH}/TS-002`]],
    ['US-002', 'todo', [`${PRD}/US-001`, `${TECH}/TS-002`, `${TECH}/TS-003`]],
    ['TS-001', 'done', []],
  ])
  expect(taskOf(bundle, `${TECH}/TS-003`)).toMatchObject({
    notes: [{ text: 'Was being worked on in the queue of qala.', at: at('2026-01-19T08:00:00Z') }],
    extra: { queue: { status: 'running', queuedAt: '2026-01-19T07:00:00Z' } },
  })
})

test('fields of a task have their places, and what has none is kept', () => {
  const bundle = readProject(qala, 'qala/rich')
  expect(taskOf(bundle, `${TECH}/TS-001`)).toMatchObject({
    test_cases: ['TicketStore_Keep_Found'],
    complexity: 'low',
    priority: 2,
    finished_at: at('2026-01-18T12:00:00Z'),
    context: {
      contracts: ['POST /tickets: {"price":"number"}'],
      references: ['docs/tickets.md'],
      notes: 'patterns:\nstore: one class',
    },
    notes: [
      {
        text: '2026-01-18T12:00:00Z - TS-001\n\n- Made the table\n- **Learnings:** an index is needed',
        at: at('2026-01-18T12:00:00Z'),
      },
    ],
    extra: { achievesUserStories: ['US-001'] },
  })
  expect(taskOf(bundle, `${PRD}/US-001`)).toMatchObject({
    requirements: ['US-001'],
    notes: [{ text: 'Ask the harbour office.' }],
    extra: { reviewStatus: 'passed' },
  })
  expect(taskOf(bundle, `${PRD}/US-002`)).toMatchObject({ priority: 100, extra: { priority: 250 } })
})

test('feedback and patterns are knowledge', () => {
  const { knowledge } = readProject(qala, 'qala/rich')
  expect(
    knowledge.map(({ kind, category, text, task, by, at: when }) => [kind, category, text, task, by, when]),
  ).toEqual([
    ['blocking', 'gotchas', 'The card sandbox is down', undefined, 'TS-002', at('2026-01-19T08:30:00Z')],
    ['suggestion', 'patterns', 'Reuse the money type', `${TECH}/TS-002`, 'TS-001', at('2026-01-18T12:00:00Z')],
    ['lesson', 'database', 'The table needs an index on day', undefined, 'TS-001', at('2026-01-18T12:00:00Z')],
    ['lesson', 'patterns', 'Boats have two names', undefined, 'TS-001', undefined],
    ['lesson', 'patterns', 'Money is kept in cents', undefined, undefined, undefined],
    ['lesson', 'patterns', 'Dates are days of the harbour', undefined, undefined, undefined],
  ])
  expect(knowledge[3]?.extra).toEqual({ category: 'harbour', addedAt: 'soon' })
})

test('what has no home is named', () => {
  const { homeless } = readProject(qala, 'qala/rich')
  expect(homeless.map(({ path, what }) => `${path}: ${what}`)).toEqual([
    'specs/README.md: document',
    '.speki/task-queue.json: settings of the queue: projectName, branchName',
    '.speki/specs/20260112-080000-ferry.tech/tasks.json: story US-404 that TS-003 achieves',
    '.speki/task-queue.json: entry of the queue for TS-090 of gone.tech',
    '.speki/progress.txt: head of the log',
    '.speki/progress.txt: entry "2026-01-18 - TS-077"',
    '.speki/config.json: settings of the project: name, branchName, language, createdAt',
    '.speki/id-registry.json: register of 2 ids, of which no task has TS-090',
  ])
})

test('a lesson keeps its ref while others come and go', () => {
  const feedback = (...lessons: string[]) => ({
    path: '.speki/peer_feedback.json',
    text: JSON.stringify({ lessonsLearned: lessons.map((lesson) => ({ lesson, category: 'api' })) }),
  })
  const before = readFiles(qala, [feedback('one', 'two', 'two')]).knowledge
  const after = readFiles(qala, [feedback('two', 'three')]).knowledge
  expect(after[0]?.ref).toBe(before[1]?.ref)
  expect(new Set(before.map(({ ref }) => ref)).size).toBe(3)
})

test('tasks whose spec was deleted bring a PRD of their own', () => {
  const bundle = readFiles(qala, [tasks([story('US-001', { passes: true })])])
  expect(bundle.prds).toMatchObject([{ ref: '.speki/specs/a.prd', title: 'A', body: '# A\n', state: 'completed' }])
})

test('a text too long for its field is cut at a word and kept whole', () => {
  const long = 'word '.repeat(6000).trim()
  const [task] = readFiles(qala, [
    spec(),
    tasks([
      story('US-001', { title: long.slice(0, 400), description: long, acceptanceCriteria: [long.slice(0, 2000)] }),
    ]),
  ]).tasks
  expect(task?.description).toMatch(/ word…$/)
  expect(task?.description.length).toBeLessThanOrEqual(20_000)
  expect(task?.extra).toEqual({
    title: long.slice(0, 400),
    description: long,
    acceptanceCriteria: [long.slice(0, 2000).trim()].map(() => long.slice(0, 2000)),
  })
})

test('a story that its own tasks wait for does not close a circle', () => {
  const bundle = readFiles(qala, [
    spec(),
    tasks([story('US-001'), story('TS-001', { dependencies: ['US-001'], achievesUserStories: ['US-001'] })]),
  ])
  expect(taskOf(bundle, 'specs/a.prd.md/US-001').depends_on).toEqual([])
  expect(taskOf(bundle, 'specs/a.prd.md/TS-001').depends_on).toEqual(['specs/a.prd.md/US-001'])
})

test('logs of runs are not read, and a folder without records is none', () => {
  expect(qala.claims(['.speki/queue-logs/1.jsonl', '.speki/specs/a/logs/1.json', 'specs/a.md'])).toEqual([])
  expect(qala.claims(['.speki/config.json', '.speki/specs/a/logs/1.json', 'specs/a.md'])).toEqual([
    '.speki/config.json',
    'specs/a.md',
  ])
})

test.each([
  ['broken JSON', [spec(), { path: TASKS, text: '{\n  "userStories": [,]\n}' }], 'line 2, column 19'],
  ['a list in place of an object', [spec(), { path: TASKS, text: '[]' }], TASKS],
  ['a missing id', [spec(), tasks([{ title: 'x' }])], 'userStories[0].id'],
  ['a title that is a number', [spec(), tasks([{ id: 'US-001', title: 7 }])], 'userStories[0].title'],
  ['an empty title', [spec(), tasks([{ id: 'US-001', title: ' ' }])], 'US-001 has no title'],
  ['an id twice', [spec(), tasks([story('US-001'), story('US-001')])], 'userStories[1]: the id US-001 is taken'],
  ['an unknown dependency', [spec(), tasks([story('US-001', { dependencies: ['US-9'] })])], 'US-001 depends on US-9'],
  [
    'a task that waits for itself',
    [spec(), tasks([story('US-001', { dependencies: ['US-001'] })])],
    'depends on itself',
  ],
  ['a prototype key', [spec(), { path: TASKS, text: '{"__proto__": {"a": 1}}' }], '__proto__'],
  ['deep nesting', [spec(), { path: TASKS, text: `{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}` }], 'deep'],
  [
    'too many tasks',
    [spec(), tasks(Array.from({ length: 50_001 }, (_, index) => story(`US-${index}`)))],
    '50001 tasks',
  ],
  ['two specs of one name', [spec(), spec('specs/b/a.prd.md'), tasks([])], 'belong to this or to specs/a.prd.md'],
  [
    'a queue of the wrong type',
    [{ path: '.speki/task-queue.json', text: '{"queue": {}}' }],
    '.speki/task-queue.json, queue',
  ],
  [
    'a blocking item without words',
    [{ path: '.speki/peer_feedback.json', text: '{"blocking": [{}]}' }],
    'blocking[0].issue',
  ],
  ['broken front matter', [spec('specs/a.prd.md', '---\ntype: prd\nparent: "x\n---\n')], 'specs/a.prd.md, line '],
])('%s is refused', (_, files, message) => {
  expect(refusalOf(qala, files).message).toContain(message)
})

test('10,000 tasks are read in seconds', () => {
  const files = Array.from({ length: 100 }, (_, file) => [
    spec(`specs/s${file}.tech.md`, `# Spec ${file}\n\n- FR-1: It MUST work.\n`),
    tasks(
      Array.from({ length: 100 }, (__, index) =>
        story(`TS-${file * 100 + index}`, {
          acceptanceCriteria: ['one', 'two'],
          dependencies: index > 0 ? [`TS-${file * 100 + index - 1}`] : [],
        }),
      ),
      `.speki/specs/s${file}.tech/tasks.json`,
    ),
  ]).flat()
  timed(qala, files, 10_000)
})
