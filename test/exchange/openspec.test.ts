import { expect, test } from 'vitest'
import { openspec } from '../../src/exchange/formats/openspec.ts'
import { at, readFiles, readProject, refusalOf, taskOf, timed } from './vendor-project.ts'

const ALARM = 'openspec/changes/add-leak-alarm~2'
const CHANGE = 'openspec/changes/add-x'
const proposal = (text = '# Add x\n', folder = CHANGE) => ({ path: `${folder}/proposal.md`, text })
const tasks = (text: string, folder = CHANGE) => ({ path: `${folder}/tasks.md`, text })

test('a change is one PRD with a task for every check box', () => {
  const bundle = readProject(openspec, 'openspec/small')
  expect(bundle.prds).toEqual([
    {
      ref: 'openspec/changes/add-quiet-hours',
      title: 'Add quiet hours',
      kind: 'prd',
      state: 'draft',
      body: '# Change: Add quiet hours\n\n## Why\nPhones ring at night.\n',
      repositories: [],
      owners: [],
      extra: { change: 'add-quiet-hours' },
    },
  ])
  expect(bundle.tasks.map(({ ref, alias, title, status }) => [ref, alias, title, status])).toEqual([
    ['openspec/changes/add-quiet-hours/1.1', '1.1', 'Keep the hours', 'todo'],
    ['openspec/changes/add-quiet-hours/1.2', '1.2', 'Hold messages back', 'todo'],
  ])
  expect(bundle.knowledge.map(({ category, text }) => [category, text.split('\n')[0]])).toEqual([
    ['tooling', 'Tech Stack'],
    ['testing', 'Testing Strategy'],
    ['patterns', 'Conventions'],
  ])
})

test('capabilities are completed PRDs, changes hold proposal and deltas word for word', () => {
  const { prds } = readProject(openspec, 'openspec/rich')
  expect(prds.map(({ ref, title, kind, state, parent }) => [ref, title, kind, state, parent])).toEqual([
    ['openspec/specs/billing/invoices/spec.md', 'Invoices', 'prd', 'completed', undefined],
    ['openspec/specs/meter-reading/spec.md', 'Meter Reading Specification', 'prd', 'completed', undefined],
    [ALARM, 'Add leak alarm', 'prd', 'in_progress', undefined],
    [`${ALARM}/design.md`, 'Leak alarm: design', 'tech_spec', 'in_progress', ALARM],
    ['openspec/changes/add-meter-list', 'List of meters', 'prd', 'completed', undefined],
    ['openspec/changes/add-leak-alarm', 'First try of a leak alarm', 'prd', 'completed', undefined],
  ])
  const change = prds.find(({ ref }) => ref === ALARM)
  expect(change?.body).toBe(
    [
      '## Why\nLeaks are found too late.\n\n## What Changes\n- An alarm within an hour\n',
      '<!-- specs/alarms/spec.md -->\n\n## ADDED Requirements\n\n### Requirement: Alarm channel\nThe system SHALL send alarms by text message.\n',
      '<!-- specs/meter-reading/spec.md -->\n\n## ADDED Requirements\n\n### Requirement: Leak alarm\nThe system SHALL warn within one hour.\n\n#### Scenario: Water runs at night\n- **WHEN** 20 litres run between 2 and 3\n- **THEN** the owner is warned\n',
    ].join('\n'),
  )
  expect(change).toMatchObject({
    created_at: at('2026-03-02T00:00:00Z'),
    extra: { change: 'add-leak-alarm', '.openspec.yaml': { schema: 'spec-driven', goal: 'Fewer leaks' } },
  })
  expect(change?.extra['tasks.md']).toContain('Two people can share these.')
  expect(change?.extra['tasks.md']).toContain('9.9 An example in a fence')
})

test('boxes say how far tasks are, and a task waits for its parts', () => {
  const bundle = readProject(openspec, 'openspec/rich')
  expect(bundle.tasks.map(({ ref, alias, status, depends_on }) => [ref, alias, status, depends_on])).toEqual([
    [`${ALARM}/1.1`, '1.1', 'done', [`${ALARM}/1.1.1`, `${ALARM}/1.1.2`]],
    [`${ALARM}/1.1.1`, '1.1.1', 'done', []],
    [`${ALARM}/1.1.2`, '1.1.2', 'todo', []],
    [`${ALARM}/1.2`, '1.2', 'todo', []],
    [`${ALARM}/2.1`, '2.1', 'todo', []],
    [`${ALARM}/2-new-templates-for-the-text`, undefined, 'todo', []],
    [`${ALARM}/try-it-on-the-farm`, undefined, 'todo', []],
    ['openspec/changes/add-meter-list/1.1', '1.1', 'done', []],
    ['openspec/changes/add-meter-list/1.2', '1.2', 'cancelled', []],
  ])
  expect(taskOf(bundle, `${ALARM}/1.1`)).toMatchObject({
    title: 'Read the meter hourly',
    description: 'Use the old driver.',
    extra: { section: ['Tasks', '1. Detection'] },
  })
  expect(taskOf(bundle, `${ALARM}/2.1`)).toMatchObject({
    notes: [{ text: 'was in progress' }],
    extra: { box: 'in progress' },
  })
  expect(taskOf(bundle, 'openspec/changes/add-meter-list/1.2')).toMatchObject({
    notes: [{ text: 'Its box was still open when the change was archived on 2026-02-01.' }],
    updated_at: at('2026-02-01T00:00:00Z'),
    extra: { box: 'open' },
  })
})

test('settings that agents are told are knowledge, the rest is named', () => {
  const { knowledge, homeless } = readProject(openspec, 'openspec/rich')
  expect(knowledge.map(({ ref, text }) => [ref, text])).toEqual([
    ['openspec/config.yaml#context', 'Rust, one binary.'],
    ['openspec/config.yaml#rules.tasks', 'Rules for tasks:\n- Name the crate in each task\n- Two hours at most'],
  ])
  expect(homeless.map(({ path, what }) => `${path}: ${what}`)).toEqual([
    'openspec/AGENTS.md: instructions for OpenSpec',
    'openspec/config.yaml: settings of OpenSpec: schema',
    'openspec/changes/add-leak-alarm/notes.md: document of a change',
  ])
})

test('a change keeps its refs when it is archived', () => {
  const list = '- [x] 1.1 One\n- [x] 1.2 Two\n'
  const archive = 'openspec/changes/archive/2026-05-01-add-x'
  const open = readFiles(openspec, [proposal(), tasks(list)])
  const archived = readFiles(openspec, [proposal('# Add x\n', archive), tasks(list, archive)])
  expect(open.prds[0]).toMatchObject({ ref: CHANGE, state: 'in_progress' })
  expect(archived.prds[0]).toMatchObject({ ref: CHANGE, state: 'completed', updated_at: at('2026-05-01T00:00:00Z') })
  expect(archived.tasks.map(({ ref }) => ref)).toEqual(open.tasks.map(({ ref }) => ref))
})

test('a number that is there twice counts on', () => {
  const bundle = readFiles(openspec, [proposal(), tasks('- [ ] 1.1 One\n- [x] 1.1 Other\n')])
  expect(bundle.tasks.map(({ ref, alias }) => [ref, alias])).toEqual([
    [`${CHANGE}/1.1`, '1.1'],
    [`${CHANGE}/1.1~2`, '1.1'],
  ])
})

test('lines under a box describe it, and comments have no boxes', () => {
  const bundle = readFiles(openspec, [
    proposal(),
    tasks(
      '- [ ] **1.1** Do it\n  - in src/a.ts\n\n  Then look.\n\nAnd rest.\n<!--\n- [ ] 1.2 no\n-->\n1. [X] 1.3 Yes\n',
    ),
  ])
  expect(bundle.tasks.map(({ alias, title, description, status }) => [alias, title, description, status])).toEqual([
    ['1.1', 'Do it', '- in src/a.ts\n\nThen look.', 'todo'],
    ['1.3', 'Yes', '', 'done'],
  ])
  expect(bundle.prds[0]?.extra['tasks.md']).toBe('And rest.\n<!--\n- [ ] 1.2 no\n-->')
})

test('the folder itself and folders inside a larger project are found', () => {
  expect(openspec.claims(['changes/add-x/proposal.md', 'specs/a/spec.md', 'src/a.ts'])).toEqual([
    'changes/add-x/proposal.md',
    'specs/a/spec.md',
  ])
  expect(openspec.claims(['apps/a/openspec/specs/b/spec.md', 'README.md'])).toEqual(['apps/a/openspec/specs/b/spec.md'])
  expect(openspec.claims(['specs/001-a/spec.md', 'docs/changes.md'])).toEqual([])
})

test.each([
  ['broken YAML', [proposal(), { path: `${CHANGE}/.openspec.yaml`, text: 'schema: a\ncreated: "x\n' }], 'line '],
  ['YAML that is a list', [{ path: 'openspec/config.yaml', text: '- a\n' }], 'openspec/config.yaml, line 1'],
  ['a prototype key', [{ path: 'openspec/config.yaml', text: '__proto__: {a: 1}\n' }], '__proto__'],
  ['brackets without end', [{ path: 'openspec/config.yaml', text: `a: ${'['.repeat(20_000)}` }], 'nested'],
  [
    'lists in lists without end',
    [{ path: 'openspec/config.yaml', text: `a:\n  ${'- '.repeat(50_000)}b\n` }],
    'openspec/config.yaml',
  ],
  [
    'aliases that grow',
    [
      {
        path: 'openspec/config.yaml',
        text: `a: &a [x]\n${Array.from({ length: 30 }, (_, n) => `k${n}: &k${n} [*${n > 0 ? `k${n - 1}` : 'a'}, *${n > 0 ? `k${n - 1}` : 'a'}]`).join('\n')}\n`,
      },
    ],
    'without end',
  ],
  ['a text too large', [proposal('x'.repeat(1_048_577))], '1048576 are the most'],
  ['a NUL character', [proposal('# a\0')], 'NUL'],
  ['too many tasks', [proposal(), tasks('- [ ] a\n'.repeat(50_001))], '50001 tasks'],
])('%s is refused', (_, files, message) => {
  expect(refusalOf(openspec, files).message).toContain(message)
})

test('10,000 tasks are read in seconds', () => {
  const files = Array.from({ length: 100 }, (_, change) => {
    const folder = `openspec/changes/change-${change}`
    const list = Array.from(
      { length: 100 },
      (__, index) => `- [ ] ${Math.floor(index / 10)}.${index % 10} Do it\n  in detail\n`,
    )
    return [proposal(`# Change ${change}\n`, folder), tasks(list.join(''), folder)]
  }).flat()
  timed(openspec, files, 10_000)
})
