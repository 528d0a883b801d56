import type { Actor } from '../../../schemas/actor.ts'
import { changeSetKey, runKey, taskKey } from '../../../schemas/key.ts'
import type { DiagnosticReport } from '../../../schemas/run.ts'
import type { Tx } from '../../store/database.ts'
import { appendEvent, type EventContent } from '../../store/events.ts'
import { type AttemptWrite, insertAttempt, type NewAttempt, updateAttempt } from '../../store/run/attempt-rows.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { insertRun, type NewRun, type RunWrite, updateRun } from '../../store/run/run-rows.ts'
import type { RunRecord } from '../../store/run/runs.ts'
import type { TaskRecord } from '../../store/task/tasks.ts'
import type { Doer } from '../task/transition.ts'

/** The one door to the rows of runs and attempts: row and event. Rules about who may do what stand with the callers. */

export async function enterRun(tx: Tx, { actor, now }: Doer, run: NewRun): Promise<void> {
  await insertRun(tx, { ...run, actor, at: now })
  await appendEvent(tx, {
    ...headOfRun(run, actor, now),
    type: 'run.queued',
    payload: {
      state: 'queued',
      wanted: 'run',
      tasks: run.tasks.length,
      agent: run.options.agent,
      changeSet: changeSetKey(run.changeSetId),
    },
  })
}

type RunMove = Exclude<Extract<EventContent, { readonly type: `run.${string}` }>, { readonly type: 'run.queued' }>

/** Changes a run and says how it stands since. */
export async function changeRun(
  tx: Tx,
  { actor, now }: Doer,
  run: RunRecord,
  type: RunMove['type'],
  write: RunWrite,
  worker?: string,
): Promise<void> {
  await updateRun(tx, run.id, write)
  await appendEvent(tx, {
    ...headOfRun(run, actor, now),
    type,
    payload: {
      state: write.state ?? run.state,
      wanted: write.wanted ?? run.wanted,
      ...(typeof write.reason === 'string' && { reason: write.reason }),
      ...(worker !== undefined && { worker }),
    },
  })
}

function headOfRun(run: { readonly id: number; readonly prdId: number | undefined }, actor: Actor, now: number) {
  return { at: now, subject: runKey(run.id), prdId: run.prdId, actor }
}

/** Enters a try at a claimed task. */
export async function enterAttempt(tx: Tx, { actor, now }: Doer, attempt: NewAttempt, task: TaskRecord): Promise<void> {
  await insertAttempt(tx, attempt)
  const payload = { ...nameOf(attempt), agent: attempt.agent }
  await appendEvent(tx, { ...headOfAttempt(task, actor, now), type: 'attempt.started', payload })
}

/** Puts a try whose worker died into the hands of another. */
export async function passOnAttempt(
  tx: Tx,
  { actor, now }: Doer,
  attempt: AttemptRecord,
  task: TaskRecord,
  worker: string,
): Promise<void> {
  await updateAttempt(tx, attempt.id, { workerId: worker })
  const payload = { ...nameOf(attempt), worker }
  await appendEvent(tx, { ...headOfAttempt(task, actor, now), type: 'attempt.inherited', payload })
}

/** Writes down what became known of a try that goes on; that is no event. */
export async function noteOfAttempt(
  tx: Tx,
  attempt: AttemptRecord,
  note: Omit<AttemptWrite, 'state' | 'workerId' | 'report' | 'endedAt'>,
): Promise<void> {
  await updateAttempt(tx, attempt.id, note)
}

/** How a try ends; `report` says why. */
export async function closeAttempt(
  tx: Tx,
  { actor, now }: Doer,
  attempt: AttemptRecord,
  task: TaskRecord,
  state: 'failed' | 'interrupted' | 'released',
  report?: DiagnosticReport,
): Promise<void> {
  await updateAttempt(tx, attempt.id, { state, report, endedAt: now })
  await appendEvent(tx, {
    ...headOfAttempt(task, actor, now),
    type: `attempt.${state}`,
    payload: { ...nameOf(attempt), ...(report !== undefined && { class: report.class, summary: report.summary }) },
  })
}

/** What was refused to it is told; that changes nothing of it. */
export async function refuseAct(
  tx: Tx,
  { actor, now }: Doer,
  attempt: AttemptRecord,
  task: TaskRecord,
  act: string,
): Promise<void> {
  const payload = { ...nameOf(attempt), act }
  await appendEvent(tx, { ...headOfAttempt(task, actor, now), type: 'attempt.refused', payload })
}

/** Its commit is in the change set. */
export async function landRow(
  tx: Tx,
  { actor, now }: Doer,
  attempt: AttemptRecord,
  task: TaskRecord,
  commit: string,
): Promise<void> {
  await updateAttempt(tx, attempt.id, { state: 'landed', commit, endedAt: now })
  const payload = { ...nameOf(attempt), commit, changeSet: changeSetKey(attempt.changeSetId) }
  await appendEvent(tx, { ...headOfAttempt(task, actor, now), type: 'attempt.landed', payload })
}

function nameOf({ runId, number }: { readonly runId: number | undefined; readonly number: number }) {
  return { ...(runId !== undefined && { run: runKey(runId) }), attempt: number }
}

function headOfAttempt(task: TaskRecord, actor: Actor, now: number) {
  return { at: now, subject: taskKey(task.id), prdId: task.prdId, repositoryId: task.repositoryId, actor }
}
