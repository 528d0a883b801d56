import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../../src/commands/run-command.ts'
import { SpekiError } from '../../src/errors.ts'
import { splitByShell } from './parsed-command.ts'

/** What a line that is no command is told; nothing of it reaches a workspace. */
async function refusalOf(line: string): Promise<{ message: string; next: unknown }> {
  const error: unknown = await runCommand(splitByShell([`speki ${line}`])[0] ?? [], () => undefined).catch(
    (thrown) => thrown,
  )
  if (!(error instanceof SpekiError))
    throw error instanceof CommanderError ? new Error(`bare: ${error.message}`) : error
  return { message: error.message, next: error.hint }
}

describe('a word that is no command, and the line as it was meant', () => {
  test.each([
    ['repo register ./api', 'speki repository register ./api'],
    ['repo ls', 'speki repository list'],
    ['issue list --ready', 'speki task list --ready'],
    ['prd show PRD-1', 'speki prd get PRD-1'],
    ['specs list', 'speki prd list'],
    ['task finish TASK-1', 'speki task complete TASK-1'],
    ['task start --prd PRD-1', 'speki task claim --prd PRD-1'],
    ['--db x.db lessons find orders', 'speki --db x.db knowledge search orders'],
    ['tsak lst', 'speki task list'],
    ["prd new 'Two words'", "speki prd create 'Two words'"],
  ])('%s', async (line, meant) => {
    expect(await refusalOf(line)).toMatchObject({ message: expect.stringContaining('Did you mean'), next: meant })
  })

  test.each([
    ['frobnicate', 'speki --help'],
    ['prd zzzz PRD-1', 'speki prd --help'],
  ])('%s is like none of them', async (line, help) => {
    expect(await refusalOf(line)).toEqual({ message: expect.not.stringContaining('Did you mean'), next: help })
  })
})

describe('a flag that is none', () => {
  test.each([
    ["task create T --criterion 'It works'", "speki task create T --acceptance-criteria 'It works'"],
    ['task create T --repo api', 'speki task create T --repository api'],
    ['task list --state=todo', 'speki task list --status=todo'],
    ['task update TASK-1 --comment seen', 'speki task update TASK-1 --note seen'],
    ['task list --raedy', 'speki task list --ready'],
    ['task list --zzzz', 'speki task list --help'],
  ])('%s', async (line, next) => {
    expect((await refusalOf(line)).next).toBe(next)
  })
})

describe('a word too many', () => {
  test.each([
    ['task list --status todo in_progress', '--status takes one value, and "in_progress" is a second.'],
    ['task list --status todo urgent', '--status takes one value, and "urgent" is a second.'],
    ['prd list --state draft approved', '"approved" is a second'],
    ['prd create O --repositories api web', 'too many arguments'],
    ['task get TASK-1 TASK-2', 'too many arguments'],
  ])('%s', async (line, message) => {
    expect(await refusalOf(line)).toEqual({ message: expect.stringContaining(message), next: expect.any(String) })
  })
})
