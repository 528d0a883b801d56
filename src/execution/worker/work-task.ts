import type { Cause } from '../../../schemas/cause.ts'
import type { DiagnosticReport } from '../../../schemas/run.ts'
import { failuresOf } from '../../domain/run/ladder.ts'
import { holdRun } from '../../domain/run/land.ts'
import { type Afterwards, type Assignment, endAttempt, type PlaceAttempt, tryAgain } from '../../domain/run/work.ts'
import { consult } from '../../domain/service.ts'
import { beat, type WorkerCaller } from '../../domain/worker.ts'
import { SpekiError } from '../../errors.ts'
import { logFailure } from '../../log.ts'
import type { RunRecord } from '../../store/run/runs.ts'
import { type AttemptOutcome, executeAttempt, type Try } from '../attempt/attempt.ts'
import { createContest } from '../attempt/contest.ts'
import { diagnose } from '../attempt/diagnose.ts'
import type { ExecutionContext } from '../context.ts'
import { takeBack } from './recover.ts'

/**
 * Works on a claimed task until it landed or is for a person: the same agent again from the start, told what failed, and
 * the last time the fallback where the run names one, or two of them side by side. Resolves when the task is in nobody's hands.
 */
export async function workOnTask(
  context: ExecutionContext,
  worker: WorkerCaller,
  first: Assignment,
  rivals: readonly Assignment[],
  place: PlaceAttempt,
  signal: AbortSignal,
): Promise<void> {
  let assignments: readonly Assignment[] = [first, ...rivals]
  let graced = false
  for (;;) {
    const before = await consult(context.service, worker, 'run.read', (reader) =>
      failuresOf(reader, first.run, first.attempt.taskId),
    )
    const contest = createContest(assignments.length)
    const tries = assignments.map(async (assignment) => {
      const outcome = await attemptSafely(context, worker, assignment, { before, contest }, signal)
      return { assignment, outcome }
    })
    // Whatever becomes of one, the others come to their end.
    await Promise.allSettled(tries)
    const ended = await Promise.all(tries)
    const step = stepAfter(
      ended.map(({ outcome }) => outcome),
      first.run,
      { failures: before.length, graced },
    )
    const open = ended.flatMap(({ assignment, outcome }) =>
      outcome.kind === 'landed' ? [] : [{ assignment, outcome }],
    )
    for (const { assignment, outcome } of open)
      await endAttempt(context.service, worker, assignment, {
        state: STATES[outcome.kind],
        report: 'report' in outcome ? outcome.report : undefined,
        afterwards: assignment === open.at(-1)?.assignment ? step.afterwards : 'keep',
        cause: step.cause,
      })
    if (step.hold !== undefined) await holdRun(context.service, worker, first.run.id, step.hold)
    if (step.over) return
    graced ||= step.graced === true
    const again = await tryAgain(context.service, worker, first, place).catch(async (error: unknown) => {
      if (!(error instanceof SpekiError && error.code === 'conflict')) throw error
      // Somebody took the task out of the run's hands.
      await beat(context.service, worker)
      return undefined
    })
    if (again === undefined) return
    assignments = again
  }
}

const MAX_SUMMARY = 450

const STATES = {
  failed: 'failed',
  infra: 'interrupted',
  outdone: 'released',
  stopped: 'released',
} as const

interface Step {
  readonly over: boolean
  readonly afterwards: Afterwards
  readonly cause?: Cause
  /** Why the run has to wait for a person. */
  readonly hold?: string
  readonly graced?: boolean
}

/** What follows for the task when all tries of one round are over. */
function stepAfter(
  outcomes: readonly AttemptOutcome[],
  run: RunRecord,
  { failures, graced }: { readonly failures: number; readonly graced: boolean },
): Step {
  const { attempts } = run.options
  if (outcomes.some(({ kind }) => kind === 'landed')) return { over: true, afterwards: 'keep' }
  if (outcomes.some(({ kind }) => kind === 'stopped')) return { over: true, afterwards: 'todo' }
  const failed = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.report] : []))
  const report = failed.at(-1)
  if (report === undefined) {
    // What failed once from outside may have been a moment: a lock, a busy machine.
    if (!graced) return { over: false, afterwards: 'keep', graced: true }
    const outside = outcomes.flatMap((outcome) => (outcome.kind === 'infra' ? [outcome.report.summary] : []))
    return { over: true, afterwards: 'todo', hold: outside.join('; ') }
  }
  const tries = failures + failed.length
  if (tries < attempts) return { over: false, afterwards: 'keep' }
  const cause = {
    kind: 'run' as const,
    run: run.id,
    failure: report.class,
    attempts: tries,
    reason: report.summary.slice(0, MAX_SUMMARY),
  }
  return { over: true, afterwards: 'failed', cause }
}

/** What stands in the way of an attempt from outside (no commit, disk full, git that fails) is no fault of the work either. */
async function attemptSafely(
  context: ExecutionContext,
  worker: WorkerCaller,
  assignment: Assignment,
  of: Try,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  let landed = false
  try {
    const outcome = await executeAttempt(context, worker, assignment, of, signal)
    landed = outcome.kind === 'landed'
    return outcome
  } catch (error) {
    // A worker that was taken for dead must not write any more; any other conflict is this task's alone.
    if (error instanceof SpekiError && error.code === 'conflict') await beat(context.service, worker)
    // It may have ended while its worktree was made: what is there goes now. Where that fails, the next worker's sweep does it.
    await takeBack(context, worker, assignment.attempt, AbortSignal.timeout(120_000)).catch(
      logFailure('attempt.take_back', { task: assignment.attempt.taskId }),
    )
    return signal.aborted ? { kind: 'stopped' } : { kind: 'infra', report: reportOf(error) }
  } finally {
    of.contest.end(landed)
  }
}

function reportOf(error: unknown): DiagnosticReport {
  const detail = error instanceof Error ? error.message : String(error)
  const report = diagnose({
    end: undefined,
    verdict: undefined,
    changed: [],
    loop: false,
    unmet: [],
    conflicts: [],
    kept: undefined,
  })
  return {
    ...report,
    class: error instanceof SpekiError && error.details?.['failure'] === 'INSTALL' ? 'INSTALL' : 'INFRA_ENV',
    summary: detail,
    cause: 'Something outside the work failed.',
    next: ['Mend what it names, then resume the run.'],
  }
}
