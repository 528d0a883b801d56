import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readArguments } from '../../src/operations/arguments.ts'
import { operations } from '../../src/operations/index.ts'

function read(name: string, args: unknown): Record<string, unknown> {
  const operation = operations.find((entry) => entry.name === name)
  if (operation === undefined) throw new Error(name)
  return readArguments(name, operation.input, args)
}

function refusal(name: string, args: unknown): string {
  try {
    read(name, args)
  } catch (error) {
    if (error instanceof z.ZodError)
      return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n')
    return String(error)
  }
  return 'taken'
}

const plan = { prd: 'PRD-1', base_revision: 1 }
const task = { ref: 'T1', title: 'One', repository: 'api' }

describe('numbers and truth values in the words of other languages', () => {
  test.each([
    ['prd_list', 'limit', ['5', ' 5 ', '+5', '5.0', '05'], 5],
    ['prd_list', 'deleted', ['true', 'True', 'TRUE', ' true '], true],
    ['prd_list', 'deleted', ['false', 'False', 'FALSE'], false],
  ])('%s %s takes %j', (name, argument, words, value) => {
    for (const word of words) expect(read(name, { [argument]: word })).toMatchObject({ [argument]: value })
  })

  test.each([
    ['limit', 'five'],
    ['limit', ''],
    ['limit', '5 6'],
    ['limit', '0x5'],
    ['deleted', 'perhaps'],
    ['deleted', ''],
  ])('%s=%j is refused', (argument, word) => {
    expect(refusal('prd_list', { [argument]: word })).toMatch(argument)
  })
})

describe('an unknown name is refused with the nearest that is known', () => {
  test.each([
    [
      'plan_submit',
      { ...plan, tasks: [{ ...task, dependencies: ['T0'] }] },
      /tasks\.0: "dependencies" is unknown; did you mean "depends_on"/,
    ],
    [
      'plan_submit',
      { ...plan, tasks: [task, { ...task, dependsOn: ['T1'] }] },
      /tasks\.1: "dependsOn" is unknown; did you mean "depends_on"/,
    ],
    [
      'plan_submit',
      { ...plan, tasks: [{ ...task, files: ['a'] }] },
      /"files" is unknown; did you mean "context\.files"/,
    ],
    [
      'plan_submit',
      { ...plan, tasks: [{ ...task, context: { contract: ['a'] } }] },
      /tasks\.0\.context: "contract" is unknown; did you mean "contracts"/,
    ],
    [
      'task_complete',
      { task: 'TASK-1', lease_token: 'x', evidence: { summary: 'x', criterias: [] } },
      /evidence: "criterias" is unknown; did you mean "criteria"/,
    ],
    [
      'task_complete',
      {
        task: 'TASK-1',
        lease_token: 'x',
        evidence: { summary: 'x', criteria: [{ criterion: 1, met: true, how: 'x', proof: 'y' }] },
      },
      /evidence\.criteria\.0: "proof" is unknown; known are criterion, met, how/,
    ],
    [
      'prd_edit',
      { prd: 'PRD-1', base_revision: 1, replacements: [{ old: 'a', new: 'b', line: 3 }] },
      /replacements\.0: "line" is unknown/,
    ],
    [
      'task_create',
      { title: 'x', repository: 'api', acceptance: ['x'] },
      /"acceptance" is unknown; did you mean "acceptance_criteria"/,
    ],
    ['speki_status', { surprise: true }, /"surprise" is unknown; known are prd, repository/],
  ])('%s %j', (name, args, message) => {
    expect(refusal(name, args)).toMatch(message)
  })
})

describe('each key has one name, and others are taken for it', () => {
  test.each([
    ['prd_get', { id: 'PRD-1' }, { prd: 'PRD-1' }],
    ['prd_get', { prd_id: 'prd-1' }, { prd: 'PRD-1' }],
    ['plan_draft', { id: 'PRD-1' }, { prd: 'PRD-1' }],
    ['task_get', { id: 'TASK-1' }, { task: 'TASK-1' }],
    ['task_get', { task_id: 'TASK-1' }, { task: 'TASK-1' }],
    ['task_get', { taskId: 'TASK-1' }, { task: 'TASK-1' }],
    ['run_status', { id: 'RUN-1' }, { run: 'RUN-1' }],
    ['run_control', { run_id: 'RUN-1', action: 'pause' }, { run: 'RUN-1' }],
    ['changeset_get', { id: 'CS-1' }, { change_set: 'CS-1' }],
    ['changeset_integrate', { changeset: 'CS-1' }, { change_set: 'CS-1' }],
    ['task_claim', { repo: 'api' }, { repository: 'api' }],
  ])('%s %j', (name, args, expected) => {
    expect(read(name, args)).toMatchObject(expected)
  })

  test('the key of another noun is none', () => {
    expect(refusal('task_list', { id: 'TASK-1' })).toMatch(/"id" is unknown/)
  })

  test('two names with different values contradict each other', () => {
    expect(refusal('prd_get', { id: 'PRD-1', prd: 'PRD-2' })).toMatch(/prd was given twice/)
    expect(read('prd_get', { id: 'PRD-1', prd: 'PRD-1' })).toMatchObject({ prd: 'PRD-1' })
  })
})

describe('a value that came as text is taken for what it is', () => {
  test.each([
    ['prd_get', { prd: 'PRD-1', revision: '3' }, { revision: 3 }],
    ['prd_get', { prd: 'PRD-1', include: 'requirements' }, { include: ['requirements'] }],
    ['prd_get', { prd: 'PRD-1', include: '["body","tasks"]' }, { include: ['body', 'tasks'] }],
    ['task_claim', { worktree: 'true' }, { worktree: true }],
    ['task_list', { ready: 'false' }, { ready: false }],
    ['activity_list', { cursor: 12 }, { cursor: '12' }],
    ['run_start', { prd: 'PRD-1', budget_usd: '2.5' }, { budget_usd: 2.5 }],
    ['plan_submit', { ...plan, tasks: JSON.stringify([{ ...task, priority: '3' }]) }, { tasks: [{ priority: 3 }] }],
    [
      'plan_submit',
      { ...plan, tasks: [{ ...task, acceptance_criteria: 'one' }] },
      { tasks: [{ acceptance_criteria: ['one'] }] },
    ],
    ['task_create', { title: 'x', repository: 'api', context: '{"files":["a"]}' }, { context: { files: ['a'] } }],
  ])('%s %j', (name, args, expected) => {
    expect(read(name, args)).toMatchObject(expected)
  })

  test('what is none stays refused', () => {
    expect(refusal('prd_get', { prd: 'PRD-1', revision: 'newest' })).toMatch(/revision/)
    expect(refusal('task_claim', { worktree: 'maybe' })).toMatch(/worktree/)
    expect(refusal('plan_submit', { ...plan, tasks: '[{"ref":' })).toMatch(/tasks/)
  })

  test('a text that looks like a number or a list stays a text where one is wanted', () => {
    expect(read('knowledge_add', { text: '[1]', category: 'api' })).toMatchObject({ text: '[1]' })
    expect(read('prd_list', { query: '5' })).toMatchObject({ query: '5' })
  })
})
