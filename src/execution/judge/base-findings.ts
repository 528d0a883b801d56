import type { CheckCommand } from '../../../schemas/repository.ts'
import { NO_TEST_RAN } from '../../validation/run-checks.ts'
import type { Baseline } from './baseline.ts'
import { ignoredNamed, MISSING_DEPENDENCY } from './missing-here.ts'

/** What a baseline says of a run that would begin on it. */
export interface BaseFinding {
  readonly level: 'ok' | 'note' | 'stop'
  readonly message: string
}

/** What is beside a baseline. */
interface Beside {
  readonly name: string
  readonly commands: readonly CheckCommand[]
  /** Tests that tasks of the run are to make green. */
  readonly wanted: readonly string[]
  /** What git ignores in the working copy. */
  readonly ignored: readonly string[]
}

type Check = Baseline['checks'][number]

/**
 * The base is the measure: what is red there for want of something in a fresh worktree would excuse every later failure, and
 * where nothing is green nothing can be proven; both stop a run. What is red for its own reasons is not held against the work.
 */
export function baseFindings(baseline: Baseline, beside: Beside): readonly BaseFinding[] {
  const off = (kind: string) => `speki repository commands ${beside.name} --off ${kind} --reason "…"`
  const found = baseline.checks.map((check) => {
    const { level, message } = findingOf(check, beside)
    const kind = kindOf(check.command, beside.commands)
    return level !== 'stop' || kind === undefined || kind === 'test'
      ? { level, message }
      : { level, message: `${message} A check that cannot run here is switched off with: ${off(kind)}.` }
  })
  if (found.some(({ level }) => level === 'stop') || baseline.checks.length === 0) return found
  const tests = baseline.checks.filter(({ command }) => kindOf(command, beside.commands) === 'test')
  const proving = tests.length > 0 ? tests : baseline.checks
  if (proving.some((check) => isGreen(check) || isNamed(check, beside.wanted) || isWithoutTests(check))) return found
  const lines = proving.map(({ command }) => command.join(' ')).join(', ')
  const message = `Nothing of ${lines} is green on the base, so work cannot be proven here: mend the base first, or name in test_cases the red tests that the task is to make green. A check that cannot run here is switched off with: ${off('test')}.`
  return [...found, { level: 'stop', message }]
}

function findingOf({ command, runs }: Check, { wanted, ignored }: Beside): BaseFinding {
  const line = command.join(' ')
  const red = runs.filter(({ status }) => status !== 'passed')
  const first = red[0]?.firstError ?? 'no reason was printed'
  const always = red.length === runs.length
  const stop = (message: string): BaseFinding => ({ level: 'stop', message })
  if (red.length === 0) return { level: 'ok', message: `${line}: green on the base.` }
  if (red.some(({ status }) => status === 'not_started'))
    return stop(`${line} cannot be started: ${red[0]?.firstError ?? 'is it installed?'}`)
  if (red.some(({ status }) => status === 'timed_out') && always)
    return stop(`${line} does not end on the base (${first}): register a command that does, or switch the check off.`)
  if (isWithoutTests({ command, runs }))
    return {
      level: 'note',
      message: `${line}: no test ran on the base, so the work has to bring tests that are green.`,
    }
  const missing = [...new Set(red.flatMap((run) => run.missing ?? []))]
  if (always && red.some(({ firstError }) => MISSING_DEPENDENCY.test(firstError ?? '')))
    return stop(
      `${line} lacks a dependency in a fresh worktree (${first}): install it in the working copy, or register the repository that provides it.`,
    )
  const needed = ignoredNamed(missing, ignored)
  if (always && needed.length > 0)
    return stop(
      `${line} needs ${needed.join(', ')}, which git ignores, so that a fresh worktree lacks it: name it in a file .worktreeinclude at the top of the working copy (as in .gitignore), or register a check that makes it.`,
    )
  const check = { command, runs }
  if (always && missing.length > 0 && !isGreen(check) && !isNamed(check, wanted))
    return stop(
      `${line} is red before the work for want of something in a fresh worktree (${missing[0]}): install it, or name ignored files it needs in .worktreeinclude at the top of the working copy.`,
    )
  const tests = [...new Set(red.flatMap(({ failed }) => failed ?? []))]
  const which = tests.length > 0 ? tests.slice(0, 5).join(', ') : first
  const how = always ? 'red before the work' : 'flaky before the work'
  const lacks = missing.length === 0 ? '' : ` (something is missing in a fresh worktree: ${missing[0]})`
  return { level: 'note', message: `${line} is ${how} and will not be held against it: ${which}${lacks}` }
}

/** It was green once, or a test of it. */
function isGreen({ runs }: Check): boolean {
  return runs.some(({ status, green = [] }) => status === 'passed' || green.length > 0)
}

/** Nothing is red: there is nothing yet that could be. */
function isWithoutTests({ runs }: Check): boolean {
  return runs.length > 0 && runs.every(({ firstError }) => firstError === NO_TEST_RAN)
}

function isNamed({ runs }: Check, wanted: readonly string[]): boolean {
  return runs.some(({ failed = [] }) => failed.some((id) => wanted.some((name) => name !== '' && id.includes(name))))
}

function kindOf(argv: readonly string[], commands: readonly CheckCommand[]): CheckCommand['kind'] | undefined {
  return commands.find((command) => command.argv.join('\0') === argv.join('\0'))?.kind
}
