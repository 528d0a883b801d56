import { describe, expect, test } from 'vitest'
import { argumentsOf } from '../../src/commands/operation/argument.ts'
import { inCommands, pageAsCommand } from '../../src/commands/operation/hints.ts'
import { commandLine } from '../../src/commands/operation/step.ts'
import { operations } from '../../src/operations/index.ts'
import { parsedWords, splitByShell } from './parsed-command.ts'

const NAMES = operations.map(({ name }) => name).join('|')
const CALL = new RegExp(`\\b(?:${NAMES})\\b`)

describe('a step as a command', () => {
  test.each([
    [{ operation: 'task_get', arguments: { task: 'TASK-1' } }, 'speki task get TASK-1'],
    [{ operation: 'task_list', arguments: { ready: true } }, 'speki task list --ready'],
    [{ operation: 'task_list', arguments: { blocked: false, limit: 5 } }, 'speki task list --no-blocked --limit 5'],
    [{ operation: 'speki_status', arguments: {} }, 'speki status'],
    [
      { operation: 'prd_check', arguments: { prd: 'PRD-1', lenses: ['completeness', 'scope'] } },
      'speki prd check PRD-1 --lenses completeness --lenses scope',
    ],
    [{ operation: 'repository_register', arguments: { path: '/absolute/path' } }, 'speki repository register PATH'],
    [
      { operation: 'prd_create', arguments: { title: "It's new", body: '@home' } },
      "speki prd create 'It'\\''s new' --body @@home",
    ],
    [
      { operation: 'task_complete', arguments: { task: 'TASK-1', lease_token: '…', evidence: { summary: 'a b' } } },
      `speki task complete TASK-1 --lease-token LEASE_TOKEN --evidence '{"summary":"a b"}'`,
    ],
    [{ operation: 'task_create', arguments: { title: '--odd' } }, 'speki task create --title=--odd'],
    [
      { operation: 'task_update', arguments: { task: 'TASK-1', depends_on: [] } },
      "speki task update TASK-1 --depends-on ''",
    ],
  ])('%j', (step, line) => {
    expect(commandLine(step)).toBe(line)
  })

  test('of every operation and every type of argument, the shell and the program read back what was meant', async () => {
    const samples = {
      boolean: [true, false],
      number: [1, 40],
      text: ['plain', "two words, it's “odd” $HOME `id`", '@at', '--dashed', 'line\nbreak', ''],
      texts: [['one'], ['one two', "it's", '@three', '--four']],
      json: [{ a: [1, 'two'] }],
    }
    const cases = operations.flatMap((operation) =>
      argumentsOf(operation).flatMap(({ name, type, choices }) => {
        const chosen = type === 'texts' ? [[...(choices ?? [])]] : choices
        return (
          (choices === undefined ? samples[type] : (chosen ?? []))
            // Places are named, not read: a text that begins with @ is one.
            .filter((value) => value !== '@at' || !['path', 'worktree'].includes(name))
            .map((value) => ({ operation: operation.name, args: { [name]: value } }))
        )
      }),
    )
    const lines = cases.map(({ operation, args }) => commandLine({ operation, arguments: args }))
    const read = []
    for (const words of splitByShell(lines)) read.push(await parsedWords(words))
    expect(read).toEqual(cases)
  })
})

describe('a description in commands', () => {
  test.each([
    ['Refine, then plan_submit.', 'Refine, then speki plan submit.'],
    ['What task_validate runs', 'What speki task validate runs'],
    [
      'Pass revision, the holder lease_token. dry_run only looks.',
      'Pass revision, the holder --lease-token. --dry-run only looks.',
    ],
    ['There is no repository "task_list".', 'There is no repository "task_list".'],
    ['a = b, pre_task_get, task_gets, some_word', 'a = b, pre_task_get, task_gets, some_word'],
  ])('%s', (description, words) => {
    expect(inCommands(description)).toBe(words)
  })

  test('no description of a command, and no help of its arguments, names a call', () => {
    const texts = operations.flatMap((operation) => [
      operation.description,
      ...argumentsOf(operation).map(({ description }) => description),
    ])
    expect(texts.map(inCommands).filter((text) => CALL.test(text.replaceAll(/"[^"]*"/g, '')))).toEqual([])
  })

  test('a report is a page to agents and a command to people; other text stays', () => {
    expect(pageAsCommand('Read speki://run/RUN-3/report')).toBe('speki run report RUN-3')
    expect(pageAsCommand('speki task update --note "Read speki://run/RUN-3/report"')).toContain('speki://')
  })
})
