import type { AgentUsage } from '../../../schemas/agent.ts'
import type { CheckResult } from '../../../schemas/evidence.ts'
import type { DiagnosticReport } from '../../../schemas/run.ts'
import type { Agent, AgentEnd } from '../../agents/agent.ts'
import { effectiveCommands } from '../../domain/repository/repository.ts'
import type { Assignment } from '../../domain/run/work.ts'
import { treeOf } from '../../git/commit.ts'
import { changedPaths, fileIn } from '../../git/difference.ts'
import { treeHash } from '../../git/tree.ts'
import { DEFAULT_LIMITS, runChecks } from '../../validation/run-checks.ts'
import type { ExecutionContext } from '../context.ts'
import { excuseOf } from '../judge/baseline.ts'
import { type GateFinding, hashOf } from '../judge/gate/judge-change.ts'
import { isTestFile } from '../judge/gate/languages.ts'
import type { Work } from '../judge/verify.ts'
import { diagnose } from './diagnose.ts'
import { type Briefing, digestMessage, testFirstMessage } from './prompt.ts'
import { addUsage, runSession } from './run-session.ts'

/** Tests that were written before the code, or why there are none worth freezing. */
export type TestsFirst =
  | {
      readonly kind: 'frozen'
      readonly frozen: ReadonlyMap<string, string>
      readonly session: string | undefined
      readonly usage: AgentUsage
    }
  | { readonly kind: 'failed'; readonly report: DiagnosticReport; readonly end: AgentEnd }

/** Messages until the tests are what they should be. */
const MAX_ROUNDS = 2
/** A test that shows that something is missing is red every time. */
const RUNS = 3
const MAX_BYTES = 1024 * 1024

/**
 * The first step of test-first: the agent writes tests and nothing else, which are red on the base each of three times. Their
 * content is frozen by hash; the code that follows has to make them green as they are.
 */
export async function writeTestsFirst(
  context: ExecutionContext,
  agent: Agent,
  { run, attempt }: Assignment,
  work: Work,
  briefing: Briefing,
  evidence: string,
  signal: AbortSignal,
): Promise<TestsFirst> {
  let text = testFirstMessage(briefing)
  let resume: string | undefined
  let usage: AgentUsage = {}
  for (let round = 1; ; round += 1) {
    const { worktree, protectedPaths, repository } = work
    const place = { repository, worktree, evidence, protectedPaths, mark: attempt.mark }
    const message = { ...place, text, resume, environment: work.environment, costUsd: run.options.budget.costUsd }
    const { end, loop } = await runSession(context, work.caller, agent, run.options, message, signal)
    usage = addUsage(usage, end.usage, undefined)
    signal.throwIfAborted()
    const { findings, checks, frozen, tree } = await judgeTests(work, signal)
    if (findings.length === 0) return { kind: 'frozen', frozen, session: end.session, usage }
    const verdict = { green: false, tree, checks, findings }
    const report = diagnose({
      end,
      verdict,
      changed: [...frozen.keys()],
      loop,
      unmet: [],
      conflicts: [],
      kept: undefined,
    })
    const goesOn = round < MAX_ROUNDS && end.outcome === 'ended' && end.session !== undefined
    if (!goesOn) return { kind: 'failed', report, end }
    resume = end.session
    text = digestMessage(report)
  }
}

async function judgeTests(work: Work, signal: AbortSignal) {
  const { root } = work.repository
  const tree = await treeHash(work.worktree, signal)
  const changed = await changedPaths(root, await treeOf(root, work.base, signal), tree, signal)
  const frozen = new Map<string, string>()
  const findings: GateFinding[] = []
  for (const { path, change } of changed) {
    const text = change === 'deleted' ? undefined : await fileIn(root, tree, path, MAX_BYTES, signal)
    if (text !== undefined && isTestFile(path)) frozen.set(path, hashOf(text))
    else
      findings.push({
        class: 'SCOPE',
        path,
        message: `${path} is no test; this step is about tests only, take it back.`,
      })
  }
  if (frozen.size === 0)
    findings.push({ class: 'NO_CHANGE', message: 'No test was written; write tests that show each criterion.' })
  const checks = findings.length > 0 ? [] : await runThrice(work, signal)
  if (
    findings.length === 0 &&
    !checks.every((check) => check.status === 'failed' && excuseOf(check, work.baseline) === undefined)
  )
    findings.push({
      class: 'NO_CHANGE',
      message:
        'The new tests are green without any code, so they show nothing: write tests that fail until the work is done.',
    })
  return { findings, checks: checks.slice(0, 1), frozen, tree }
}

async function runThrice(work: Work, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const { worktree, environment, mark, sandbox, repository } = work
  const commands = effectiveCommands(repository).filter(({ kind }) => kind === 'test')
  const run = { worktree, subpath: repository.subpath, environment, mark, sandbox, commands, ...DEFAULT_LIMITS }
  const results: CheckResult[] = []
  for (let round = 0; round < RUNS; round += 1) results.push(...(await runChecks(run, () => {}, signal)))
  return results
}
