import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { textReader } from '../../src/commands/operation/input.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { parsedWords } from './parsed-command.ts'

const read = async (line: string) => await parsedWords(line.split(' '))

describe('a flag takes its own value and no word after it', () => {
  test.each([
    ['task list --ready PRD-9', { ready: true, prd: 'PRD-9' }],
    ['task list PRD-9 --ready', { ready: true, prd: 'PRD-9' }],
    ['task list --no-ready PRD-9', { ready: false, prd: 'PRD-9' }],
    ['task list --ready=false PRD-9', { ready: false, prd: 'PRD-9' }],
    ['task list --ready=true --stale', { ready: true, stale: true }],
    ['task claim --worktree TASK-2 --json', { worktree: true, task: 'TASK-2' }],
    ['prd check --apply-split PRD-1', { apply_split: true, prd: 'PRD-1' }],
    ['prd create --template Orders', { template: true, title: 'Orders' }],
    ['run start --dry-run PRD-1', { dry_run: true, prd: 'PRD-1' }],
    ['prd create --repositories api Orders', { repositories: ['api'], title: 'Orders' }],
    ['prd get --include requirements PRD-1', { include: ['requirements'], prd: 'PRD-1' }],
    ['run start --tasks TASK-1 --tasks TASK-2', { tasks: ['TASK-1', 'TASK-2'] }],
    ['task update TASK-1 --depends-on=', { task: 'TASK-1', depends_on: [] }],
    ['task update --title=a=b TASK-1', { task: 'TASK-1', title: 'a=b' }],
    ['task list -- --ready=false', { prd: '--ready=false' }],
    ['task list --limit 5', { limit: 5 }],
  ])('%s', async (line, args) => {
    expect(await read(line)).toMatchObject({ args })
  })

  test.each([
    ['prd create Orders --repositories api web', /too many arguments/],
    ['task list --ready=maybe', /--ready is true or false, not "maybe"/],
    ['task list --limit', /argument missing/],
    ['task list --limit many', /--limit takes a number, not "many"/],
    ['task list --limit=', /--limit takes a number/],
    ['prd get PRD-1 --include everything', /Allowed choices/],
    ['task list --raedy', /Did you mean --ready/],
    ['tsak list', /Did you mean task/],
    ['task lst', /Did you mean list/],
  ])('%s is refused', async (line, message) => {
    await expect(read(line)).rejects.toThrow(message)
  })
})

describe('a text', () => {
  test.each([
    [['prd', 'create', 'T', '--body', '-'], 'one\ntwo\n', { title: 'T', body: 'one\ntwo\n' }],
    [['prd', 'create', 'T', '--body', '@-'], 'one\ntwo\n', { body: 'one\ntwo\n' }],
    [['prd', 'create', '-', '--template'], 'Orders\n', { title: 'Orders' }],
    [['task', 'update', 'TASK-1', '--note', '-'], 'seen\n', { note: 'seen' }],
    [['task', 'create', 'T', '--acceptance-criteria', '-'], 'It works.\r\n', { acceptance_criteria: ['It works.'] }],
    [['plan', 'submit', 'PRD-1', '--tasks', '-'], '[{"a":1}]\n', { tasks: [{ a: 1 }] }],
    [['task', 'update', 'TASK-1', '--note', '@@ann has seen it'], '', { note: '@ann has seen it' }],
    [['repository', 'register', '@scope'], '', { path: '@scope' }],
  ])('%j reads %j', async (words, input, args) => {
    expect(await parsedWords(words, input)).toMatchObject({ args })
  })

  test('may be a file, wherever a text stands', async () => {
    const folder = await temporaryFolder()
    const body = join(folder, 'body.md')
    writeFileSync(body, '# Orders\n\nText.\n')
    const title = join(folder, 'title.txt')
    writeFileSync(title, 'Orders\n')
    expect(await parsedWords(['prd', 'create', `@${title}`, '--body', `@${body}`])).toMatchObject({
      args: { title: 'Orders', body: '# Orders\n\nText.\n' },
    })
  })

  test('of a file that cannot be read is told by name, with what to do', async () => {
    const folder = await temporaryFolder()
    await expect(parsedWords(['prd', 'create', 'T', '--body', `@${folder}/none.md`])).rejects.toMatchObject({
      code: 'not_found',
      message: `--body: there is no such file: ${folder}/none.md.`,
      hint: expect.stringContaining('@@'),
    })
    await expect(parsedWords(['prd', 'create', 'T', '--body', `@${folder}`])).rejects.toThrow(/that is a folder/)
    await expect(parsedWords(['prd', 'create', 'T', '--body', '@'])).rejects.toThrow(/no such file|that is a folder/)
  })

  test('does not wait for a terminal, nor read standard input twice', async () => {
    async function* empty() {}
    const terminal = textReader(Object.assign(empty(), { isTTY: true }))
    await expect(terminal('--body', '-')).rejects.toThrow(/--body reads standard input, and that is the terminal/)
    const piped = textReader(empty())
    await piped('--body', '-')
    await expect(piped('--note', '-')).rejects.toThrow(/--body has read standard input, so --note cannot/)
  })

  test('that is JSON and is not told as such', async () => {
    await expect(parsedWords(['plan', 'submit', 'PRD-1', '--tasks', '[{'])).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('--tasks is not JSON'),
    })
  })
})

test('behind a flag that takes several of its words, each of them is a value', async () => {
  expect(await parsedWords(['prd', 'get', 'PRD-1', '--include', 'body', 'tasks'])).toMatchObject({
    args: { prd: 'PRD-1', include: ['body', 'tasks'] },
  })
  expect(await parsedWords(['prd', 'get', '--include', 'body', 'tasks', 'PRD-1'])).toMatchObject({
    args: { prd: 'PRD-1', include: ['body', 'tasks'] },
  })
  expect(await parsedWords(['task', 'list', '--status', 'todo', 'PRD-1'])).toMatchObject({
    args: { prd: 'PRD-1', status: 'todo' },
  })
})
