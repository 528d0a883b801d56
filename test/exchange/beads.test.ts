import { expect, test } from 'vitest'
import { beads } from '../../src/exchange/formats/beads.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const LIST = '.beads/issues.jsonl'
const lines = (...issues: unknown[]) => [{ path: LIST, text: issues.map((issue) => JSON.stringify(issue)).join('\n') }]
const issue = (id: string, ...dependsOn: [type: string, id: string][]) => ({
  id,
  title: `Issue ${id}`,
  status: 'open',
  priority: 2,
  issue_type: id.startsWith('E') ? 'epic' : 'task',
  dependencies: dependsOn.map(([type, depends_on_id]) => ({ issue_id: id, depends_on_id, type })),
})

test('issues outside any epic are tasks without a PRD, oldest first', () => {
  const bundle = readProject(beads, 'beads/small')
  expect(bundle.prds).toEqual([])
  expect(bundle.tasks).toEqual([
    {
      ref: 'fern-2',
      alias: 'fern-2',
      title: 'Buy a can',
      description: '',
      status: 'done',
      acceptance_criteria: [],
      test_cases: [],
      requirements: [],
      depends_on: [],
      complexity: 'medium',
      priority: 50,
      context: {},
      notes: [],
      created_at: at('2026-01-01T09:00:00Z'),
      updated_at: at('2026-01-03T10:00:00Z'),
      finished_at: at('2026-01-03T10:00:00.123Z'),
      extra: { issue_type: 'chore', close_reason: 'Closed' },
    },
    expect.objectContaining({ ref: 'fern-1', status: 'todo', priority: 30, extra: { issue_type: 'task' } }),
  ])
})

test('an epic is a PRD, and its children belong to it', () => {
  const { prds, tasks } = readProject(beads, 'beads/rich')
  expect(prds).toEqual([
    {
      ref: 'kiln-a1',
      title: 'Firing schedules',
      kind: 'prd',
      state: 'in_progress',
      body: 'Potters pick a schedule and the kiln follows it.\n\n## Design\n\nA schedule is a list of ramps.\n\n## Acceptance criteria\n\n- A schedule survives a restart',
      repositories: [],
      owners: ['ines@example.org'],
      created_at: at('2026-02-01T08:00:00Z'),
      updated_at: at('2026-02-02T08:00:00Z'),
      extra: { issue_type: 'epic', owner: 'ines@example.org', labels: ['kiln'], status: 'open', priority: 1 },
    },
  ])
  expect(
    tasks
      .filter((task) => task.prd === 'kiln-a1')
      .map((task) => task.ref)
      .sort(),
  ).toEqual(['kiln-a1.1', 'kiln-a1.2'])
})

test('criteria, notes, comments, dates and links are kept', () => {
  const task = taskOf(readProject(beads, 'beads/rich'), 'kiln-a1.1')
  expect(task).toMatchObject({
    acceptance_criteria: ['A stored schedule is read back', 'Names are unique'],
    notes: [
      { text: 'Ask Ines for the old file.' },
      { text: 'Looks fine.', by: 'tom', at: at('2026-02-02T09:00:00Z') },
      { text: 'Stored in SQLite.', at: at('2026-02-03T08:00:00Z') },
    ],
    priority: 10,
    created_at: at('2026-02-01T16:01:00Z'),
    finished_at: at('2026-02-03T08:00:00Z'),
    extra: {
      estimated_minutes: 240,
      close_reason: 'Stored in SQLite.',
      comments: [{ id: 1 }],
      dependencies: [{ depends_on_id: 'kiln-a1', type: 'parent-child', created_by: 'ines' }],
    },
  })
})

test('states are kept; held work says why', () => {
  const bundle = readProject(beads, 'beads/rich')
  expect(taskOf(bundle, 'kiln-a1.2')).toMatchObject({
    status: 'todo',
    notes: [{ text: 'was in progress for tom', at: at('2026-02-04T08:00:00Z') }],
    description: 'Control loop.\n\n## Design\n\nPID, one step a second.',
    depends_on: ['kiln-a1.1'],
    extra: { status: 'in_progress', assignee: 'tom' },
  })
  expect(taskOf(bundle, 'kiln-c3')).toMatchObject({
    status: 'blocked',
    block_reason: 'deferred in Beads until 2026-06-01T00:00:00Z',
    depends_on: [],
    priority: 90,
  })
  expect(taskOf(bundle, 'kiln-d4')).toMatchObject({ status: 'blocked', block_reason: 'waits for external:firmware:v2' })
})

test('who waits for an epic waits for its issues; who waited for a deleted issue waits no more', () => {
  const task = taskOf(readProject(beads, 'beads/rich'), 'kiln-b2')
  expect(task.depends_on).toEqual(['kiln-a1.1', 'kiln-a1.2'])
  expect(task.extra).toMatchObject({ external_ref: 'gh-9' })
  expect(task.extra['dependencies']).toHaveLength(2)
})

test('memories are knowledge; deleted issues and files beside have no home', () => {
  const { knowledge, homeless } = readProject(beads, 'beads/rich')
  expect(knowledge).toEqual([
    {
      ref: 'memory:kiln-voltage',
      kind: 'lesson',
      category: 'patterns',
      text: 'The test kiln runs on 230 V.',
      at: at('2026-02-02T00:00:00Z'),
      extra: { key: 'kiln-voltage' },
    },
  ])
  expect(homeless.map(({ path, what }) => `${path}: ${what}`)).toEqual([
    '.beads/deletions.jsonl: settings or history of Beads',
    '.beads/issues.jsonl: deleted issue kiln-x9',
  ])
})

test('a parent that is no epic waits for its parts, which wait for what holds back their epic', () => {
  const bundle = readFiles(
    beads,
    lines(
      issue('E1', ['blocks', 'a']),
      issue('a'),
      issue('b', ['parent-child', 'E1']),
      issue('c', ['parent-child', 'b']),
      issue('E2', ['parent-child', 'E1']),
      issue('d', ['parent-child', 'E2'], ['blocks', 'E1']),
    ),
  )
  expect(Object.fromEntries(bundle.tasks.map((task) => [task.ref, [task.prd, task.depends_on]]))).toEqual({
    a: [undefined, []],
    b: ['E1', ['a', 'c']],
    c: ['E1', ['a']],
    d: ['E2', ['a']],
  })
  expect(bundle.prds.map(({ ref, parent }) => [ref, parent])).toEqual([
    ['E1', undefined],
    ['E2', 'E1'],
  ])
})

test('an epic that waits for its own child only has it', () => {
  const bundle = readFiles(beads, lines(issue('E1', ['blocks', 'a']), issue('a', ['parent-child', 'E1'])))
  expect(bundle.tasks[0]?.depends_on).toEqual([])
})

test('templates and unknown records have no home', () => {
  const bundle = readFiles(beads, lines({ ...issue('t'), is_template: true }, { _type: 'schema', version: 2 }))
  expect(bundle.tasks).toEqual([])
  expect(bundle.homeless.map(({ what }) => what)).toEqual(['template t', 'record of type schema in line 2'])
})

test('a state of the project’s own and a date before time are kept as they were', () => {
  const odd = { ...issue('a'), status: 'triage', priority: 9, closed_at: '0001-01-01T00:00:00Z' }
  expect(readFiles(beads, lines(odd)).tasks[0]).toMatchObject({
    status: 'todo',
    extra: { status: 'triage', priority: 9, closed_at: '0001-01-01T00:00:00Z' },
  })
})

const good = JSON.stringify(issue('a'))
const chain = Array.from({ length: 80 }, (_, index) =>
  JSON.stringify(issue(`n${index}`, ...(index > 0 ? [['parent-child', `n${index - 1}`] as [string, string]] : []))),
)
test.each([
  ['a broken line', `${good}\n\n{"id": "b",}`, 'line 3, column 12: this is no JSON'],
  ['a merge conflict', `${good}\n<<<<<<< HEAD\n${good}`, 'line 2, column 1'],
  ['a line that is no issue', '[]', 'line 1'],
  ['a missing id', '{"title":"x"}', 'line 1, id'],
  ['a missing title', '{"id":"a"}', 'line 1: a has no title'],
  ['an epic without a title', '{"id":"a","issue_type":"epic"}', 'line 1: a has no title'],
  ['an id twice', `${good}\n${good}`, 'line 2: the id a is taken by line 1'],
  ['a priority of the wrong type', '{"id":"a","title":"x","priority":"high"}', 'line 1, priority'],
  [
    'a dependency without target',
    '{"id":"a","title":"x","dependencies":[{}]}',
    'line 1, dependencies[0].depends_on_id',
  ],
  ['an unknown dependency', JSON.stringify(issue('a', ['blocks', 'zz'])), 'a depends on zz'],
  ['an issue that waits for itself', JSON.stringify(issue('a', ['blocks', 'a'])), 'a depends on itself'],
  [
    'a circle of parents',
    [issue('a', ['parent-child', 'b']), issue('b', ['parent-child', 'a'])].map((one) => JSON.stringify(one)).join('\n'),
    'in a circle',
  ],
  ['parents without end', chain.join('\n'), 'more than 64 levels'],
  ['a prototype key', '{"id":"a","title":"x","__proto__":{}}', '__proto__'],
])('%s is refused', (_, text, message) => {
  expect(refusalOf(beads, [{ path: LIST, text }]).message).toContain(message)
})

test('a few lines that mean a million dependencies are refused', () => {
  const children = Array.from({ length: 1100 }, (_, index) => issue(`c${index}`, ['parent-child', 'E1']))
  const waiting = Array.from({ length: 1100 }, (_, index) => issue(`w${index}`, ['blocks', 'E1']))
  expect(refusalOf(beads, lines(issue('E1'), ...children, ...waiting)).message).toContain('dependencies')
})

test('10,000 issues are read in seconds', () => {
  const issues = Array.from({ length: 10_000 }, (_, index) => ({
    ...issue(
      `x-${index}`,
      ['parent-child', `E${index % 100}`],
      ...(index > 99 ? [['blocks', `x-${index - 100}`] as [string, string]] : []),
    ),
    description: 'What it is about. '.repeat(20),
    acceptance_criteria: '- one\n- two',
    created_at: '2026-02-01T08:00:00Z',
  }))
  timed(beads, lines(...Array.from({ length: 100 }, (_, index) => issue(`E${index}`)), ...issues), 10_000)
})
