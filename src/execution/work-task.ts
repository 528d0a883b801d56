import type { DiagnosticReport } from '../../schemas/run.ts'
import { holdRun } from '../domain/run/land.ts'
import { type Assignment, endAttempt, type PlaceAttempt, tryAgain, type WorkerCaller } from '../domain/run/work.ts'
import { SpekiError } from '../errors.ts'
import { listAttempts } from '../store/attempts.ts'
import { type AttemptOutcome, executeAttempt } from './attempt.ts'
import type { ExecutionContext } from './context.ts'
import { diagnose } from './diagnose.ts'

/**
 * Works on a claimed task until it landed or is for a person: the same agent again from the start, told what failed, and
 * the last time the fallback where the run names one. Resolves when the task is in nobody's hands.
 */
export async function workOnTask(
  context: ExecutionContext,
  worker: WorkerCaller,
  first: Assignment,
  place: PlaceAttempt,
  signal: AbortSignal,
): Promise<void> {
  const { options } = first.run
  let assignment = first
  let graced = false
  for (;;) {
    const before = await failuresOf(context, first)
    const outcome = await attemptSafely(context, worker, assignment, before, signal)
    if (outcome.kind === 'landed') return
    if (outcome.kind === 'stopped') {
      await endAttempt(context.service, worker, assignment, { state: 'released', afterwards: 'todo' })
      return
    }
    const { report } = outcome
    if (outcome.kind === 'infra' && !graced) {
      // What failed once from outside may have been a moment: a lock, a busy machine.
      graced = true
      await endAttempt(context.service, worker, assignment, { state: 'interrupted', report, afterwards: 'keep' })
      assignment = await tryAgain(context.service, worker, assignment, place)
      continue
    }
    if (outcome.kind === 'infra') {
      await endAttempt(context.service, worker, assignment, { state: 'interrupted', report, afterwards: 'todo' })
      await holdRun(context.service, worker, first.run.id, report.summary)
      return
    }
    const tries = before.length + 1
    const last = tries >= options.attempts
    const afterwards = last ? 'failed' : 'keep'
    const reason = `${report.class} after ${tries} ${tries === 1 ? 'attempt' : 'attempts'}: ${report.summary}`.slice(
      0,
      500,
    )
    await endAttempt(context.service, worker, assignment, { state: 'failed', report, afterwards, reason })
    if (last) return
    const agent = tries + 1 === options.attempts ? options.fallback : undefined
    assignment = await tryAgain(context.service, worker, assignment, place, agent)
  }
}

/** Reports of the tries at this task in this run that were at fault. */
async function failuresOf(context: ExecutionContext, { attempt, run }: Assignment): Promise<DiagnosticReport[]> {
  const attempts = await context.service.database.read((reader) =>
    listAttempts(reader, { taskId: attempt.taskId, runId: run.id, state: 'failed' }),
  )
  const since = run.retriedAt ?? 0
  return attempts.flatMap(({ report, startedAt }) => (report === undefined || startedAt < since ? [] : [report]))
}

/** What stands in the way of an attempt from outside (no commit, disk full, git that fails) is no fault of the work either. */
async function attemptSafely(
  context: ExecutionContext,
  worker: WorkerCaller,
  assignment: Assignment,
  before: readonly DiagnosticReport[],
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    return await executeAttempt(context, worker, assignment, before, signal)
  } catch (error) {
    // A worker that was taken for dead must not write any more.
    if (error instanceof SpekiError && error.code === 'conflict') throw error
    if (signal.aborted) return { kind: 'stopped' }
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
      kind: 'infra',
      report: {
        ...report,
        class: detail.startsWith('The install failed') ? 'INSTALL' : 'INFRA_ENV',
        summary: detail,
        cause: 'The ground for the work could not be laid.',
      },
    }
  }
}
