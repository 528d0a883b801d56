import { expect, test } from 'vitest'
import { backlogMd } from '../../src/exchange/formats/backlog-md.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const PATH = 'backlog/tasks/task-1 - One.md'
const file = (text: string, path = PATH) => ({ path, text })
const task = (id: string, fields = '', body = '') =>
  file(`---\nid: ${id}\ntitle: Task ${id}\nstatus: To Do\n${fields}---\n${body}`, `backlog/tasks/${id} - Name.md`)

test('a backlog without milestones is one PRD without invented requirements', () => {
  const bundle = readProject(backlogMd, 'backlog-md/small')
  expect(bundle.prds).toEqual([
    {
      ref: 'backlog',
      title: 'Park map',
      kind: 'prd',
      state: 'in_progress',
      body: '# Park map\n\nThe whole backlog of Backlog.md, which has no milestones.\n',
      repositories: [],
      owners: [],
      extra: {},
    },
  ])
  expect(bundle.tasks).toEqual([
    {
      ref: 'task-1',
      alias: 'task-1',
      prd: 'backlog',
      title: 'Draw the map',
      description: 'A map of the park with every bench.',
      status: 'todo',
      acceptance_criteria: ['Every bench is on the map'],
      test_cases: [],
      requirements: [],
      depends_on: [],
      complexity: 'medium',
      priority: 50,
      context: {},
      notes: [],
      created_at: at('2025-06-04T00:00:00Z'),
      extra: { labels: [] },
    },
    expect.objectContaining({
      ref: 'task-2',
      status: 'done',
      depends_on: ['task-1'],
      priority: 70,
      created_at: at('2025-06-05T09:30:00Z'),
      extra: { labels: ['print'], assignee: ['@lea', '@jon'] },
    }),
  ])
})

test('every section of a task has its place', () => {
  expect(taskOf(readProject(backlogMd, 'backlog-md/rich'), 'orch-10')).toEqual({
    ref: 'orch-10',
    alias: 'ORCH-10',
    prd: 'milestone:m-1',
    title: 'Ripeness: the model',
    description:
      'Tell ripe rows from the photos.\n\n## Background\n\nRows differ by sort.\n\n## Implementation Plan\n\n1. Label 500 photos\n2. Train',
    status: 'todo',
    acceptance_criteria: ['A row has a ripeness from 0 to 1', 'A photo without fruit\ngives no value', 'Tests pass'],
    test_cases: [],
    requirements: [],
    depends_on: ['orch-7', 'orch-10.1'],
    complexity: 'medium',
    priority: 30,
    context: { files: ['src/ripeness.ts'], references: ['https://example.org/ripeness'] },
    notes: [
      { text: 'was in progress for @lea', at: at('2026-03-05T18:00:00Z') },
      { text: 'Labels are in the shared drive.' },
      { text: 'Half of the photos are labelled.' },
      { text: 'Use the photos of last year too.', by: '@jon', at: at('2026-03-04T09:00:00Z') },
    ],
    created_at: at('2026-03-01T07:15:00Z'),
    updated_at: at('2026-03-05T18:00:00Z'),
    extra: {
      status: 'In Progress',
      assignee: ['@lea'],
      reporter: '@jon',
      labels: ['model'],
      milestone: 'm-1',
      ordinal: 2000,
      type: 'feature',
      'Acceptance Criteria checked': [1],
    },
  })
})

test('folders say how a task stands', () => {
  const bundle = readProject(backlogMd, 'backlog-md/rich')
  expect(Object.fromEntries(bundle.tasks.map(({ ref, status, prd }) => [ref, [status, prd]]))).toEqual({
    'orch-10.1': ['in_review', 'milestone:m-1'],
    'orch-10': ['todo', 'milestone:m-1'],
    'draft-1': ['blocked', undefined],
    'orch-5': ['cancelled', undefined],
    'orch-7': ['done', undefined],
    'orch-11': ['todo', 'milestone:Winter'],
  })
  expect(bundle.tasks.map((one) => one.ref).slice(0, 2)).toEqual(['orch-10.1', 'orch-10'])
  expect(taskOf(bundle, 'draft-1').block_reason).toBe('still a draft in Backlog.md')
  expect(taskOf(bundle, 'orch-5').extra).toMatchObject({ folder: 'archive', status: 'To Do' })
  expect(taskOf(bundle, 'orch-7').created_at).toBe(at('2026-02-03T00:00:00Z'))
  expect(taskOf(bundle, 'orch-11')).toMatchObject({ description: 'Text without a heading.', depends_on: ['orch-10'] })
})

test('milestones and specifications are PRDs, decisions are knowledge', () => {
  const { prds, knowledge } = readProject(backlogMd, 'backlog-md/rich')
  expect(prds.map(({ ref, title, state }) => ({ ref, title, state }))).toEqual([
    { ref: 'milestone:m-1', title: 'Harvest', state: 'in_progress' },
    { ref: 'milestone:Winter', title: 'Winter', state: 'draft' },
    { ref: 'doc:doc-1', title: 'Ripeness API', state: 'draft' },
  ])
  expect(prds[0]).toMatchObject({
    body: '## Description\n\nPickers see which rows are ripe.',
    extra: { id: 'm-1', planned_end: '2026-09-01' },
  })
  expect(prds[2]?.body).toBe('# Ripeness API\n\nGET /rows answers every row with its ripeness.')
  expect(knowledge).toEqual([
    {
      ref: 'decision:decision-1',
      kind: 'lesson',
      category: 'architecture',
      text: 'Decision (accepted): Photos stay on site\n\n## Context\n\nThe line is slow.\n\n## Decision\n\nPhotos are kept on the farm.',
      at: at('2026-02-20T00:00:00Z'),
      extra: { id: 'decision-1', title: 'Photos stay on site', status: 'accepted' },
    },
  ])
})

test('what has no home is named', () => {
  const { homeless } = readProject(backlogMd, 'backlog-md/rich')
  expect(homeless.map(({ path, what }) => `${path}: ${what}`)).toEqual([
    'backlog/config.yml: settings of Backlog.md: project_name, task_prefix, statuses, definition_of_done',
    'backlog/docs/doc-2 - How-to-label.md: document',
    'backlog/archive/tasks/orch-7 - Old-seven.md: archived task ORCH-7',
    'backlog/completed/orch-7 - Take-photos.md: dependency of ORCH-7 on orch-3',
  ])
})

test('ids are found in any case and padding, by number alone and by the default prefix', () => {
  const bundle = readFiles(backlogMd, [
    task('back-7'),
    task('back-8', 'dependencies:\n  - BACK-007\n'),
    task('back-9', 'dependencies: [7, task-8]\n'),
    task('back-1.10', 'parent_task_id: 1\n'),
    task('back-1'),
  ])
  expect(Object.fromEntries(bundle.tasks.map((one) => [one.ref, one.depends_on]))).toEqual({
    'back-1': ['back-1.10'],
    'back-1.10': [],
    'back-7': [],
    'back-8': ['back-7'],
    'back-9': ['back-7', 'back-8'],
  })
})

test('headings in a code fence and prose beside check boxes stay text', () => {
  const body =
    '\n## Description\n\n```md\n## Implementation Plan\n```\n\n## Acceptance Criteria\n\nAll of these:\n- [ ] One\n\n## Risks\n\nRain.\n'
  const one = readFiles(backlogMd, [task('task-1', '', body)]).tasks[0]
  expect(one?.acceptance_criteria).toEqual(['One'])
  expect(one?.description).toBe(
    '```md\n## Implementation Plan\n```\n\n## Risks\n\nRain.\n\n## Acceptance Criteria\n\nAll of these:',
  )
})

test('a file without front matter is no task and is named', () => {
  const bundle = readFiles(backlogMd, [task('task-1'), file('# Notes\n', 'backlog/tasks/task-2 - Notes.md')])
  expect(bundle.tasks).toHaveLength(1)
  expect(bundle.homeless).toMatchObject([{ path: 'backlog/tasks/task-2 - Notes.md' }])
})

test('a folder called backlog is not enough', () => {
  expect(backlogMd.claims(['backlog/ideas.md', 'backlog/tasks/list.md'])).toEqual([])
  expect(backlogMd.claims(['.backlog/tasks/task-1 - x.md', 'src/a.md'])).toEqual(['.backlog/tasks/task-1 - x.md'])
})

const bomb = `a: &a [x]\n${Array.from({ length: 30 }, (_, index) => `k${index}: [*a, *a]`).join('\n')}\n`
test.each([
  ['front matter without end', '---\nid: task-1\n', 'line 1: the front matter does not end'],
  ['broken YAML', '---\nid: task-1\ntitle: "x\nstatus: To Do\n---\n', 'line '],
  ['a tab in YAML', '---\nid: task-1\nlabels:\n\t- x\n---\n', 'line 4'],
  ['a field twice', '---\nid: task-1\nid: task-2\n---\n', 'line 3'],
  ['front matter that is a list', '---\n- a\n---\n', 'no list of fields'],
  ['a missing id', '---\ntitle: x\n---\n', 'there is no id'],
  ['an id of the wrong type', '---\nid: {a: 1}\ntitle: x\n---\n', 'front matter, id'],
  ['an unknown dependency', '---\nid: task-1\ntitle: x\ndependencies: [task-9]\n---\n', 'task-1 depends on task-9'],
  ['a task that waits for itself', '---\nid: task-1\ntitle: x\ndependencies: [TASK-01]\n---\n', 'depends on itself'],
  ['a prototype key', '---\nid: task-1\ntitle: x\n__proto__: {a: 1}\n---\n', '__proto__'],
  ['aliases', `---\nid: task-1\ntitle: x\n${bomb}---\n`, 'aliases'],
  ['deep nesting', `---\nid: task-1\ntitle: x\na: ${'['.repeat(200)}${']'.repeat(200)}\n---\n`, 'more than 64 deep'],
  ['nesting without end', `---\nid: task-1\ntitle: x\na: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n---\n`, 'deep'],
  ['a NUL character', '---\nid: task-1\ntitle: x\n---\n\0', 'NUL'],
])('%s is refused', (_, text, message) => {
  const refusal = refusalOf(backlogMd, [file(text)])
  expect(refusal.message).toContain(PATH)
  expect(refusal.message).toContain(message)
})

test('an id twice is refused with both files', () => {
  const refusal = refusalOf(backlogMd, [
    task('task-1'),
    { ...task('task-1'), path: 'backlog/tasks/task-01 - Other.md' },
  ])
  expect(refusal.message).toContain('backlog/tasks/task-01 - Other.md')
  expect(refusal.message).toContain('backlog/tasks/task-1 - Name.md')
})

test('10,000 tasks are read in seconds', () => {
  const files = Array.from({ length: 10_000 }, (_, index) =>
    task(
      `task-${index + 1}`,
      `assignee: []\ncreated_date: '2026-03-01 07:15'\nlabels:\n  - a\ndependencies: [${index > 0 ? `task-${index}` : ''}]\nordinal: ${index}\n`,
      '\n## Description\n\nWhat it is about.\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 one\n- [ ] #2 two\n<!-- AC:END -->\n',
    ),
  )
  timed(backlogMd, files, 10_000)
})
