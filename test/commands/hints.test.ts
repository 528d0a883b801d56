import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { argumentsOf } from '../../src/commands/operation/argument.ts'
import { inCommands } from '../../src/commands/operation/hints.ts'
import { commandLine } from '../../src/commands/operation/step.ts'
import { operations } from '../../src/operations/index.ts'
import { parsedWords, splitByShell } from './parsed-command.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const NAMES = operations.map(({ name }) => name).join('|')
const CALL = new RegExp(`\\b(?:${NAMES})\\b`)
const WHOLE_CALL = new RegExp(`\\b(?:${NAMES})\\b(?: \\w+=(?:"[^"]*"|\\[[^\\]]*\\]|[^\\s,;:)("]*[^\\s,;:)(".]))*`, 'g')

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

describe('a hint in commands', () => {
  test.each([
    ['Read it again with task_get task="TASK-1" and repeat.', 'Read it again with speki task get TASK-1 and repeat.'],
    ['Call prd_check id="PRD-1" lenses=["x","y"].', 'Call speki prd check PRD-1 --lenses x --lenses y.'],
    ['Set it with prd_update parent=…, or name it.', 'Set it with speki prd update --parent PARENT, or name it.'],
    ['Claim other work: task_claim without task.', 'Claim other work: speki task claim without TASK.'],
    ['run task_validate without only.', 'run speki task validate without --only.'],
    ['Pass revision from task_get, or your lease_token.', 'Pass revision from speki task get, or your --lease-token.'],
    ['`run_control action="retry"`', '`speki run control --action retry`'],
    ['Read speki://run/RUN-3/report', 'speki run report RUN-3'],
    ['There is no repository "task_list".', 'There is no repository "task_list".'],
    ['speki repository commands api --test "…"', 'speki repository commands api --test "…"'],
    ['status="todo" frees it', '--status todo frees it'],
    ['a = b, x="y", pre_task_get, task_gets', 'a = b, x="y", pre_task_get, task_gets'],
    ['prd_check id="PRD-1" lenses=["an open', 'speki prd check PRD-1 lenses=["an open'],
  ])('%s', (hint, words) => {
    expect(inCommands(hint)).toBe(words)
  })

  test('every hint and next step in the sources becomes commands that the program understands', async () => {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
      .split('\n')
      // Guides and resources are for agents; the demo is an agent.
      .filter((path) => path.endsWith('.ts') && !/^src\/(mcp|demo|commands)\//.test(path))
    const hints = files.flatMap((path) =>
      literalsOf(readFileSync(join(ROOT, path), 'utf8')).map((text) => ({ path, text })),
    )
    const found = hints.filter(({ text }) => CALL.test(text) && !new RegExp(`^(?:${NAMES})$`).test(text))
    expect(found.length).toBeGreaterThan(60)
    for (const { path, text } of found) {
      const words = inCommands(text)
      expect(words.replaceAll(/"[^"]*"/g, ''), `${path}: ${text}`).not.toMatch(CALL)
      for (const [call] of text.matchAll(WHOLE_CALL)) {
        const line = inCommands(call)
        const [split = []] = splitByShell([line])
        await parsedWords(split).catch((error: Error) => {
          // What whoever reads has to fill is no number and no choice yet.
          if (!/ [A-Z_]{2,}\b/.test(line) || !/Allowed choices|takes a number/.test(error.message))
            expect.unreachable(`${path}: ${line}: ${error.message}`)
        })
      }
    }
  })
})

/** Texts of a source, with something in each gap. */
function literalsOf(source: string): readonly string[] {
  const pattern = /'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\})*)`/g
  return [...source.replaceAll(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '').matchAll(pattern)].map(
    ([, plain, template]) =>
      plain?.replaceAll("\\'", "'") ?? (template ?? '').replaceAll(/(-)?\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}/g, '$1…'),
  )
}
