import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentUsage } from '../../../schemas/agent.ts'
import type { DiagnosticReport } from '../../../schemas/run.ts'
import type { AgentEnd } from '../../agents/agent.ts'
import { listRefusedActs } from '../../domain/run/refused-act.ts'
import { type Assignment, noteAttempt } from '../../domain/run/work.ts'
import { consult } from '../../domain/service.ts'
import type { WorkerCaller } from '../../domain/worker.ts'
import { SpekiError } from '../../errors.ts'
import { ifMissing } from '../../expected.ts'
import { treeOf } from '../../git/commit.ts'
import { changedLines, changedPaths } from '../../git/difference.ts'
import { git } from '../../git/git.ts'
import { traceTo } from '../../git/git-trace.ts'
import { readSharedState, type SharedState } from '../../git/shared-state.ts'
import { treeHash } from '../../git/tree.ts'
import { endMarked } from '../../process/marked.ts'
import { spendOf } from '../../store/run/runs.ts'
import type { ExecutionContext } from '../context.ts'
import { baselineOf } from '../judge/baseline.ts'
import type { GateFinding } from '../judge/gate/judge-change.ts'
import { isTestFile } from '../judge/gate/languages.ts'
import { type Verdict, verify, type Work } from '../judge/verify.ts'
import { attemptFolder, evidenceFolder } from '../places.ts'
import { sandboxFor } from '../sandbox.ts'
import type { Contest } from './contest.ts'
import { diagnose } from './diagnose.ts'
import { type Ground, openGround } from './ground.ts'
import { keepTree } from './keep-tree.ts'
import { land } from './land.ts'
import { answerIn, codeMessage, digestMessage, firstMessage } from './prompt.ts'
import { protectedPathsFor } from './protected-paths.ts'
import { addUsage, runSession } from './run-session.ts'
import { type AgentChange, undoAgentChanges } from './shared-changes.ts'
import { writeTestsFirst } from './test-first.ts'

/** How an attempt went. Of `infra`, `outdone` and `stopped` no work is at fault: they use up no try. */
export type AttemptOutcome =
  | { readonly kind: 'landed' }
  | { readonly kind: 'failed' | 'infra' | 'outdone'; readonly report: DiagnosticReport }
  | { readonly kind: 'stopped' }

/** What an attempt begins with, beside its task. */
export interface Try {
  /** Of the tries before. */
  readonly before: readonly DiagnosticReport[]
  /** With those that work on the task at the same time. */
  readonly contest: Contest
}

const NONE: ReadonlyMap<string, string> = new Map()

/** Messages to one session: the task, and digests of what was red. */
const MAX_ROUNDS = 3

/** Outcomes after which a session is worth another message. */
const RESUMABLE = new Set<AgentEnd['outcome']>(['ended', 'denied', 'schema_miss'])

/**
 * One try at a task: a worktree of its own, an agent, its judgement, and then either a commit in the change set or
 * everything taken back, with a report. Rejects only for defects and a worker that was taken for dead.
 */
export async function executeAttempt(
  context: ExecutionContext,
  worker: WorkerCaller,
  assignment: Assignment,
  of: Try,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { attempt, claim } = assignment
  const ground = await openGround(context, worker, assignment, signal)
  const evidence = evidenceFolder(context.folder, attempt.taskId, attempt.number)
  const shared = await readSharedState(ground.repository.root, signal)
  const baseline = await baselineOf(context, worker, ground.repository, ground.base, signal)
  const protectedPaths = protectedPathsFor(claim.task)
  const beside = attemptFolder(context.folder, attempt.taskId, attempt.number)
  const sandbox = await sandboxFor(context, worker, { role: 'check' }, { ...ground, beside })
  const judged = {
    caller: worker,
    baseline,
    protectedPaths,
    frozen: NONE,
    mark: attempt.mark,
    sandbox,
    task: claim.task,
  }
  const work = { ...ground, ...judged }
  const clear = async () => await ground.close(AbortSignal.timeout(60_000))
  const tried = await converse(context, worker, assignment, { ...of, work, shared, evidence, clear, signal })
  if (tried.kind === 'landed') return tried
  // Nothing may write any more when the work is kept and its place taken away.
  await endMarked(attempt.mark)
  const kept = await keepTree({ ...attempt, base: ground.base }, AbortSignal.timeout(120_000))
  await clear()
  if (tried.kind === 'stopped') return tried
  return { ...tried, report: { ...tried.report, ...(kept !== undefined && { kept }) } }
}

interface Conversation extends Try {
  readonly work: Work & Ground
  readonly shared: SharedState
  readonly evidence: string
  readonly clear: () => Promise<void>
  readonly signal: AbortSignal
}

/** Messages to the agent until its work passes, or is given up. */
async function converse(
  context: ExecutionContext,
  worker: WorkerCaller,
  assignment: Assignment,
  { work: first, shared, evidence, before, contest, clear, signal }: Conversation,
): Promise<AttemptOutcome> {
  const { attempt, claim, run } = assignment
  const { options } = run
  const held = { attempt, token: claim.lease.token, task: claim.task }
  const agent = context.createAgent(options)
  let work = first
  const briefing = { claim, before, beside: work.beside }
  let text = firstMessage(briefing)
  let resume: string | undefined
  let usage: AgentUsage = {}
  if (options.testFirst) {
    const tests = await writeTestsFirst(context, agent, assignment, work, briefing, evidence, signal)
    if (tests.kind === 'failed')
      return { kind: blameless(tests.end, tests.report.changed) ? 'infra' : 'failed', report: tests.report }
    work = { ...work, frozen: tests.frozen }
    usage = tests.usage
    resume = tests.session
    text = codeMessage(briefing, [...tests.frozen.keys()], resume !== undefined)
  }
  const trace = join(evidence, 'git-trace.jsonl')
  let lastUsage: AgentUsage | undefined
  let report: DiagnosticReport | undefined
  let refused = 0
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const costUsd = await budgetLeft(context, worker, assignment, usage)
    if (costUsd !== undefined && costUsd <= 0) break
    const message = {
      repository: work.repository,
      text,
      resume,
      worktree: work.worktree,
      evidence,
      protectedPaths: work.protectedPaths,
      mark: attempt.mark,
      environment: { ...work.environment, ...traceTo(trace) },
      costUsd,
    }
    const { end, loop } = await runSession(context, worker, agent, options, message, signal)
    usage = addUsage(usage, end.usage, resume === undefined ? undefined : lastUsage)
    lastUsage = end.usage
    await noteAttempt(context.service, worker, attempt, { session: end.session, rounds: round, usage })
    const meddled = await undoAgentChanges(work.repository.root, shared, trace, AbortSignal.timeout(30_000))
    if (signal.aborted) return { kind: 'stopped' }
    if (isOver(end) && !(await isThere(work.worktree))) return { kind: 'failed', report: runAway(work, end) }
    const changed = await pathsChanged(work, signal)
    const facts = { end, changed, loop, unmet: [], conflicts: [], kept: undefined }
    if (blameless(end, changed)) return { kind: 'infra', report: diagnose({ ...facts, verdict: undefined }) }

    const acts = await listRefusedActs(context.service, worker, attempt)
    const reached = acts.slice(0, acts.length - refused)
    refused = acts.length
    const { root } = work.repository
    const meddling = [...meddled.map((change) => wordChange(root, change)), ...reached.map(wordReaching)]
    let verdict = meddling.length > 0 ? await refuseMeddling(work, meddling, signal) : await judge()
    const answer = answerIn(end.answer, end.lastMessage)
    const unmet = unmetCriteria(claim.task.acceptanceCriteria, answer)
    let conflicts: readonly string[] = []
    while (verdict.green && unmet.length === 0 && conflicts.length === 0) {
      if (!(await contest.mayLand(await linesToRead(work, verdict.tree, signal))))
        return { kind: 'outdone', report: outdone(changed) }
      if (signal.aborted) return { kind: 'stopped' }
      const landed = await land(
        context,
        worker,
        held,
        work,
        { verdict, answer, lastMessage: end.lastMessage },
        clear,
        signal,
      )
      if (landed.kind === 'landed') return { kind: 'landed' }
      if (landed.kind === 'conflict') conflicts = landed.paths
      else {
        // Other work landed meanwhile: what is proven must be what will stand there.
        const baseline = await baselineOf(context, worker, work.repository, landed.base, signal)
        work = { ...work, base: landed.base, baseline }
        verdict = await judge()
      }
    }
    report = diagnose({ ...facts, verdict, unmet, conflicts })
    if (report.class === 'INFRA_ENV') return { kind: 'infra', report }
    if (!RESUMABLE.has(end.outcome) || end.session === undefined || conflicts.length > 0 || loop) break
    resume = end.session
    text = digestMessage(report)
  }
  return { kind: 'failed', report: report ?? spent() }

  async function judge(): Promise<Verdict> {
    try {
      work = { ...work, environment: await work.renew(signal) }
    } catch (error) {
      if (!(error instanceof SpekiError && error.code === 'precondition_failed')) throw error
      // Where the working copy is gone, that is no fault of the work.
      await git(work.repository.root, ['rev-parse', '--git-dir'], signal)
      const findings = [{ class: 'CROSS_REPO' as const, message: `${error.message} ${error.hint}` }]
      return { green: false, tree: await treeHash(work.worktree, signal), checks: [], findings }
    }
    return await verify(context, work, signal)
  }
}

/** Whether the session came as far as to act at all. */
function isOver({ outcome }: AgentEnd): boolean {
  return outcome !== 'api_error' && outcome !== 'not_started'
}

async function isThere(worktree: string): Promise<boolean> {
  return (await lstat(worktree).catch(ifMissing(undefined)))?.isDirectory() ?? false
}

/** Nobody else writes there: what is gone the agent took away. */
function runAway({ worktree, base }: Ground, end: AgentEnd): DiagnosticReport {
  const message = `The agent removed or moved the folder that it was to work in, ${worktree}, and its work with it.`
  const verdict = { green: false, tree: base, checks: [], findings: [{ class: 'SCOPE' as const, message }] }
  return diagnose({ end, verdict, changed: [], loop: false, unmet: [], conflicts: [], kept: undefined })
}

/** The agent's program or its service failed before anything came of it. */
function blameless(end: AgentEnd, changed: readonly string[]): boolean {
  if (end.outcome === 'api_error' || end.outcome === 'not_started') return true
  return end.outcome === 'crashed' && changed.length === 0
}

type Meddling = Omit<GateFinding, 'class'>

/** The repository it comes from is a person's. */
function wordChange(root: string, { name, before, now, restored }: AgentChange): Meddling {
  const how = `from ${wordValues(before)} to ${wordValues(now)}`
  const left = restored ? 'it was put back' : 'look at it: it was not put back'
  return { path: name, message: `The agent changed ${name} of ${root} ${how}; ${left}.` }
}

function wordValues(values: string | undefined): string {
  return values?.replaceAll('\0', ', ') ?? 'not there'
}

function wordReaching(act: string): Meddling {
  return { message: `The agent reached for what only people do: speki ${act}. It was refused. Do the work alone.` }
}

/** Reaching for what is people's outweighs whatever else was done. */
async function refuseMeddling(work: Work, meddling: readonly Meddling[], signal: AbortSignal): Promise<Verdict> {
  const findings = meddling.map((each) => ({ ...each, class: 'TAMPER' as const }))
  return { green: false, tree: await treeHash(work.worktree, signal), checks: [], findings }
}

async function pathsChanged(work: Work, signal: AbortSignal): Promise<readonly string[]> {
  const { root } = work.repository
  const from = await treeOf(root, work.base, signal)
  const changed = await changedPaths(root, from, await treeHash(work.worktree, signal), signal)
  return changed.map(({ path }) => path)
}

/** How much somebody has to read of the work; tests are not held against it. */
async function linesToRead(work: Work, tree: string, signal: AbortSignal): Promise<number> {
  const { root } = work.repository
  const lines = await changedLines(root, await treeOf(root, work.base, signal), tree, signal)
  return lines.reduce((sum, { path, lines }) => sum + (isTestFile(path) ? 0 : lines), 0)
}

function unmetCriteria(criteria: readonly string[], answer: ReturnType<typeof answerIn>): readonly string[] {
  const unmet = new Set(answer?.criteria.filter(({ met }) => !met).map(({ criterion }) => criterion))
  return criteria.filter((_, index) => unmet.has(index + 1))
}

/** What of the run's money is left; undefined where there is no limit. */
async function budgetLeft(
  context: ExecutionContext,
  worker: WorkerCaller,
  { run, attempt }: Assignment,
  usage: AgentUsage,
): Promise<number | undefined> {
  const limit = run.options.budget.costUsd
  if (limit === undefined) return undefined
  const all = await consult(context.service, worker, 'run.read', (reader) => spendOf(reader, run.id))
  // This attempt's own spending is in the sum as of its last note.
  return limit - Math.max(all.costUsd ?? 0, usage.costUsd ?? 0, attempt.usage.costUsd ?? 0)
}

function outdone(changed: readonly string[]): DiagnosticReport {
  return {
    class: 'OUTDONE',
    summary: 'It was proven, and so was the attempt beside it, which landed: there is no more to read in it.',
    cause: 'Of attempts side by side one can land.',
    findings: [],
    changed: [...changed],
    output: '',
    next: ['Compare the kept work with what landed, where this way looks better.'],
  }
}

function spent(): DiagnosticReport {
  return {
    class: 'BUDGET',
    summary: 'The money of the run is spent.',
    cause: 'Attempts before this one used it up.',
    findings: [],
    changed: [],
    output: '',
    next: ['Start a new run with a larger budget for what is left.'],
  }
}
