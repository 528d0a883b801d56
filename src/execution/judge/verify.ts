import { join, posix } from 'node:path'
import type { Principal } from '../../../schemas/actor.ts'
import type { CheckResult } from '../../../schemas/evidence.ts'
import type { CheckCommand } from '../../../schemas/repository.ts'
import type { Task } from '../../../schemas/task.ts'
import { effectiveCommands } from '../../domain/repository/repository.ts'
import { removeOfAnyAge } from '../../files/remove.ts'
import { treeOf } from '../../git/commit.ts'
import { changedPaths } from '../../git/difference.ts'
import { restorePaths, treeHash } from '../../git/tree.ts'
import { asCommitted } from '../../git/worktree/as-committed.ts'
import type { Sandbox } from '../../process/sandbox.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { nearTests } from '../../validation/near-tests.ts'
import { type CheckRun, DEFAULT_LIMITS, runChecks, timeLimit } from '../../validation/run-checks.ts'
import type { ExecutionContext } from '../context.ts'
import { type Baseline, type Checked, excuseOf, isSame, runNoting, runOnCommit, runsBefore } from './baseline.ts'
import { type GateFinding, judgeChange } from './gate/judge-change.ts'
import { isTestFile } from './gate/languages.ts'
import { lostTests } from './gate/lost-tests.ts'
import { clearLeftovers } from './leftovers.ts'

/** What is to be judged: the worktree as it stands, beside the commit the attempt began at. */
export interface Work {
  /** For whom it is judged. */
  readonly caller: Principal
  readonly repository: RepositoryRecord & { readonly root: string }
  readonly worktree: string
  readonly base: string
  readonly baseline: Baseline
  readonly environment: Readonly<Record<string, string>>
  readonly protectedPaths: readonly string[]
  /** Tests that were written first, by path with the SHA-256 of their content. */
  readonly frozen: ReadonlyMap<string, string>
  readonly mark: string
  readonly sandbox: Sandbox | undefined
  readonly task: Pick<Task, 'title' | 'description' | 'context' | 'testCases'>
  /** Hears of each check as it ends. */
  readonly progress?: (message: string) => void
}

export interface Verdict {
  readonly green: boolean
  /** Tree that was judged. */
  readonly tree: string
  readonly checks: readonly Checked[]
  readonly findings: readonly GateFinding[]
}

/** Tasks that speak of documents may be done by writing some. */
const DOCUMENTS = /\b(?:doc(?:s|ument\w*)?|readme|guide|changelog|manual|tutorial|comment\w*)\b/i

/** How often a red check runs again before it counts. */
const RERUNS = 3

/**
 * Judges work in two steps: by its difference first, which is cheap and tells what no check can, then by the repository's
 * checks, cheap ones first. What is red is compared with the base and run again before it counts. What the checks left lying
 * about is taken away, and what they wrote anew that the work did not touch is put back; where they rewrite the work itself,
 * as formatters do, the result is judged once more.
 */
export async function verify(context: ExecutionContext, work: Work, signal: AbortSignal): Promise<Verdict> {
  const verdict = await judgeOnce(context, work, signal)
  return verdict === 'rewritten' ? await judgeTwice(context, work, signal) : verdict
}

async function judgeTwice(context: ExecutionContext, work: Work, signal: AbortSignal): Promise<Verdict> {
  const verdict = await judgeOnce(context, work, signal)
  if (verdict !== 'rewritten') return verdict
  const message = 'The checks change files each time they run, so nothing they show holds for what is there afterwards.'
  const tree = await treeHash(work.worktree, signal)
  return { green: false, tree, checks: [], findings: [{ class: 'POLICY_DENIED', message }] }
}

async function judgeOnce(context: ExecutionContext, work: Work, signal: AbortSignal): Promise<Verdict | 'rewritten'> {
  const { root } = work.repository
  const from = await treeOf(root, work.base, signal)
  await clearLeftovers(work.worktree, { left: work.baseline.left, named: namedPaths(work) }, signal)
  const tree = await treeHash(work.worktree, signal)
  const findings = await judgeChange(
    {
      root,
      from,
      to: tree,
      subpath: work.repository.subpath === '.' ? '' : work.repository.subpath,
      protectedPaths: work.protectedPaths,
      named: work.task.context.files ?? [],
      frozen: work.frozen,
      documents: DOCUMENTS.test(`${work.task.title} ${work.task.description}`),
    },
    signal,
  )
  if (findings.length > 0) return { green: false, tree, checks: [], findings }
  const changed = (await changedPaths(root, from, tree, signal)).map(({ path }) => path)
  const checks = await runJudged(context, work, tree, changed, signal)
  const lost = await lostFindings(context, work, changed, checks, signal)
  const { rewritten, records } = await tidy(work, tree, changed, signal)
  const passed = checks.every((check) => check.status === 'passed' || check.excused !== undefined)
  const green = checks.length > 0 && passed && lost.length === 0 && records.length === 0
  return green && rewritten ? 'rewritten' : { green, tree, checks, findings: [...lost, ...records] }
}

/** Where suites keep what they compare with, and how such files are called. */
const RECORDED =
  /(?:^|\/)(?:tests?|specs?|__tests__|testdata|test_data|fixtures?|snapshots?|__snapshots__|goldens?|expected|expectations?|baselines?|approvals?|references?)\/|(?:^|[/._-])(?:golden|expected|baseline|snapshot|snap|approved|reference)s?[._-]|\.(?:golden|snap|expected|approved|baseline)$/i

/**
 * Puts the worktree back to the work after its checks ran: new files go, files that the work did not touch are as they were.
 * A suite that wrote what it compares with anew, other than on the base, has shown that something is not as before.
 */
async function tidy(
  work: Work,
  tree: string,
  changed: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly rewritten: boolean; readonly records: readonly GateFinding[] }> {
  const { root } = work.repository
  const written = await changedPaths(root, tree, await treeHash(work.worktree, signal), signal)
  for (const { path, change } of written)
    if (change === 'added') await removeOfAnyAge(join(work.worktree, path), work.worktree)
  const kept = written.filter(({ change }) => change !== 'added').map(({ path }) => path)
  const foreign = kept.filter((path) => !changed.includes(path))
  if (foreign.length > 0) await restorePaths(work.worktree, tree, foreign, signal)
  const records = foreign.filter((path) => RECORDED.test(path) && !work.baseline.stamped.includes(path))
  return {
    rewritten: foreign.length < kept.length,
    records: records.map((path) => ({
      class: 'TAMPER',
      path,
      message: `With the work the checks write ${path} anew, which they leave alone on the base: what it records is not as before. Where that is meant, name the file in the task and change it in the work.`,
    })),
  }
}

/** Names of vanished tests that are told. */
const TOLD = 5

/**
 * Tests that were green on the base and do not run any more, though no line of theirs was taken away: a setting or a name
 * somewhere else made them vanish. Before that is held against the work, the base has to show them once more.
 */
async function lostFindings(
  context: ExecutionContext,
  work: Work,
  changed: readonly string[],
  checks: readonly Checked[],
  signal: AbortSignal,
): Promise<readonly GateFinding[]> {
  // Test files that the task names may lose tests: that is how a requirement changes one.
  if (changed.some((path) => isTestFile(path) && namedPaths(work).includes(path))) return []
  const findings: GateFinding[] = []
  for (const check of checks) {
    const red = (check.cases ?? []).filter(({ status }) => status === 'failed').map(({ id }) => id)
    const now = { green: check.green ?? [], red }
    const known = runsBefore(work.baseline, check.argv).map((run) => run.green ?? [])
    if (check.status !== 'passed' || lostTests(known, now).length === 0) continue
    const commands = effectiveCommands(work.repository).filter(({ argv }) => isSame(argv, check.argv))
    const { rounds } = await runOnCommit(context, work.caller, work.repository, work.base, 1, signal, commands)
    const again = rounds.flat()
    const lost = lostTests([...known, ...again.map(({ green = [] }) => green)], now)
    if (lost.length === 0) continue
    const names = lost.slice(0, TOLD).join(', ')
    const message = `Of the tests that were green before, ${lost.length} did not run: ${names}${lost.length > TOLD ? ' …' : ''}. Bring them back; where the task is to change them, it has to name their file.`
    findings.push({ class: 'TAMPER', message })
  }
  return findings
}

/** Files that the task names, from the top of the repository. */
function namedPaths({ repository: { subpath }, task }: Work): readonly string[] {
  return (task.context.files ?? []).map((path) => posix.join(subpath, path))
}

/** Checks as they run on the work. */
function runOf(
  { repository, worktree, environment, mark, sandbox, baseline }: Work,
  commands: readonly CheckCommand[],
): CheckRun {
  const before = commands.flatMap(({ argv }) => runsBefore(baseline, argv)).flatMap((run) => run.durationMs ?? [])
  const timeoutMs = timeLimit(before)
  return { worktree, subpath: repository.subpath, environment, mark, sandbox, commands, ...DEFAULT_LIMITS, timeoutMs }
}

async function runJudged(
  context: ExecutionContext,
  work: Work,
  tree: string,
  changed: readonly string[],
  signal: AbortSignal,
): Promise<readonly Checked[]> {
  const judged: Checked[] = []
  for (const command of effectiveCommands(work.repository)) {
    const near = await nearRed(work, command, changed, signal)
    if (near !== undefined) {
      judged.push(near)
      continue
    }
    const [result] = await runNoting(runOf(work, [command]), signal)
    if (result === undefined) continue
    const known = excuseOf(result, work.baseline, work.task.testCases)
    const clean = known === undefined ? await onceCommitted(work, command, result, tree, signal) : undefined
    if (clean !== undefined) judged.push(clean)
    else {
      const excused = known ?? (await flaky(context, work, result, signal))
      judged.push(excused === undefined ? result : { ...result, excused })
      work.progress?.(`${result.kind}: ${result.status}`)
    }
  }
  return judged
}

/** What a suite may say that wants everything committed; one without a report may say nothing at all. */
const WANTS_CLEAN =
  /\bgit (?:diff|status)\b|^diff --git |\buncommitted|\bunclean\b|\bdirty\b|not (?:a )?clean|out of date|up[- ]to[- ]date/im

/**
 * Suites that look whether everything is committed are red on any work before it lands. Such a check counts as it is on the
 * committed work: green there, and red again where it is not.
 */
async function onceCommitted(
  work: Work,
  command: CheckCommand,
  result: CheckResult,
  tree: string,
  signal: AbortSignal,
): Promise<Checked | undefined> {
  const failed = (result.cases ?? []).filter(({ status }) => status === 'failed')
  if (result.status !== 'failed' || (failed.length > 0 && !WANTS_CLEAN.test(result.outputTail))) return undefined
  const run = async () => (await runNoting(runOf(work, [command]), signal))[0]
  const committed = await asCommitted(work.worktree, tree, run, signal)
  if (committed?.status !== 'passed') return undefined
  return (await run())?.status === 'failed' ? committed : undefined
}

/** A suite that takes so long on the base is worth a look at the tests near the change first. */
const LONG_MS = 10_000

/**
 * The tests near the change, where the suite takes long: red every time, they say within seconds what the suite would. Undefined
 * where they are green, or nobody can tell; then the suite decides.
 */
async function nearRed(
  work: Work,
  command: CheckCommand,
  changed: readonly string[],
  signal: AbortSignal,
): Promise<Checked | undefined> {
  const { repository, worktree, baseline } = work
  const before = runsBefore(baseline, command.argv)
  if (command.kind !== 'test' || before.every(({ durationMs = 0 }) => durationMs < LONG_MS)) return undefined
  const below = repository.subpath === '.' ? '' : `${repository.subpath}/`
  const paths = changed.flatMap((path) => (path.startsWith(below) ? [path.slice(below.length)] : []))
  const argv = await nearTests(command.argv, join(worktree, repository.subpath), paths)
  if (argv === undefined) return undefined
  const run = { ...runOf(work, [command]), commands: [{ ...command, argv: [...argv] }] }
  let red: CheckResult | undefined
  for (let round = 0; round <= RERUNS; round += 1) {
    const [result] = await runChecks(run, () => {}, signal)
    // Excused by the suite's own runs on the base, which the same tests are part of.
    if (result?.status !== 'failed' || (result.cases ?? []).length === 0) return undefined
    if (excuseOf({ ...result, argv: command.argv }, baseline, work.task.testCases) !== undefined) return undefined
    red = result
  }
  return red
}

/**
 * Runs a red test check again. Red every time: it is red. Green at times: excused only where the base flips too, as else
 * the work made it so.
 */
async function flaky(
  context: ExecutionContext,
  work: Work,
  result: CheckResult,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (result.status !== 'failed' || result.kind !== 'test') return undefined
  const commands = effectiveCommands(work.repository).filter(({ argv }) => isSame(argv, result.argv))
  const run = runOf(work, commands)
  const again: CheckResult[] = []
  for (let round = 0; round < RERUNS; round += 1) again.push(...(await runChecks(run, () => {}, signal)))
  if (again.every(({ status }) => status !== 'passed')) return undefined
  const { rounds } = await runOnCommit(context, work.caller, work.repository, work.base, RERUNS, signal, commands)
  const base = rounds.flat()
  const red = base.filter(({ status }) => status !== 'passed').length
  return red === 0 ? undefined : `flaky on the base too: red in ${red} of ${base.length} runs`
}
