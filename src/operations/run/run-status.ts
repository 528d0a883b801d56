import { z } from 'zod'
import { AgentUsage } from '../../../schemas/agent.ts'
import type { LoggedEvent } from '../../../schemas/event.ts'
import { ChangeSetKey, keyNumber, PrdKey, RunKey, TaskKey, taskKey } from '../../../schemas/key.ts'
import { FailureClass, type Run, RunState } from '../../../schemas/run.ts'
import { TaskStatus } from '../../../schemas/task.ts'
import type { RunTask } from '../../domain/run/read.ts'
import { type Sentence, type Step, step } from '../../step.ts'
import { isoTime } from '../answer.ts'
import { nextWork } from '../next-work.ts'
import { type Call, defineOperation, Next } from '../operation.ts'
import { type Cutter, plain } from '../text.ts'

const RunRow = z.object({
  id: RunKey,
  title: z.string(),
  state: RunState,
  wanted: z.string().optional().describe('What was asked for and has not happened yet'),
  prd: PrdKey.optional(),
  change_set: ChangeSetKey,
  tasks: z.int32(),
  reason: z.string().optional(),
  started_at: z.string().optional(),
  ended_at: z.string().optional(),
})

/** In which order people want to see tasks. */
const URGENCY: readonly TaskStatus[] = ['in_progress', 'in_review', 'failed', 'blocked', 'todo', 'done', 'cancelled']

export const runStatus = defineOperation({
  name: 'run_status',
  title: 'Run status',
  description:
    'Progress of a run: tasks, attempts, failures with reasons, spending, events. Without run the newest runs.',
  toolset: 'execution',
  effect: 'read',
  action: 'run.read',
  input: z.object({
    run: RunKey.optional(),
    after: z.int32().min(0).optional().describe('events_cursor; without run its number'),
  }),
  output: z.object({
    runs: z.array(RunRow).optional(),
    run: RunRow.optional(),
    tasks: z
      .array(
        z.object({
          id: TaskKey,
          title: z.string(),
          repository: z.string(),
          status: TaskStatus,
          attempts: z.int32(),
          working: z.string().optional().describe('Agents at work on it now'),
          failure: FailureClass.optional().describe('Of the newest failed attempt'),
          summary: z.string().optional(),
        }),
      )
      .optional()
      .describe('What is going on first, then what failed; of a long list only the beginning'),
    done: z.int32().optional().describe('Tasks that are done'),
    workers: z.int32().optional().describe('Workers that live; 0: nothing moves until speki worker starts'),
    spend: AgentUsage.optional(),
    events: z
      .array(z.object({ at: z.string(), type: z.string(), subject: z.string(), detail: z.string().optional() }))
      .optional(),
    events_cursor: z.int32().optional(),
    next: Next,
  }),
  summarize: ({ run, runs, done }) =>
    run === undefined
      ? `${runs?.length ?? 0} runs`
      : `${run.id} ${run.state}: ${done} of ${run.tasks} tasks done${run.reason === undefined ? '' : `; ${run.reason}`}`,
  async run({ run: id, after }, { service, caller, cut }) {
    const { countRuns, detailOf, readRun, readRuns, readRunEvents } = await import('../../domain/run/read.ts')
    if (id === undefined) {
      const found = await readRuns(service, caller, ROWS, after)
      const runs = cut.list(
        'runs',
        found,
        { chars: 6500, total: await countRuns(service, caller, after) },
        // A whole answer stops at a full page too.
        (shown) => step('run_status', { after: keyNumber(found[shown - 1]?.id) }),
        rowOf,
      )
      return {
        runs,
        next: runs[0] === undefined ? await startStep(service, caller) : [step('run_status', { run: runs[0].id })],
      }
    }
    const { run, tasks, workers } = await readRun(service, caller, keyNumber(id))
    const { events, cursor } = await readRunEvents(service, caller, keyNumber(id), after, 50)
    // What does not fit comes with the next call; without a cursor the newest count.
    const newest = after === undefined
    const page = cut.page('events', newest ? events.toReversed() : events, 2000, (event, part) =>
      lineOf(event, detailOf(event), part),
    )
    const shown = newest ? page.toReversed() : page
    const last = newest ? cursor : (events[shown.length - 1]?.id ?? cursor)
    const rows = cut.list(
      'tasks',
      tasks.toSorted((a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status)),
      { chars: 3500 },
      run.prd === undefined ? reportOf(run.id) : step('task_list', { prd: run.prd }),
      taskRow,
    )
    return {
      run: rowOf(run, cut.within('run')),
      tasks: rows,
      done: tasks.filter(({ status }) => status === 'done').length,
      workers,
      spend: run.spend,
      events: shown,
      events_cursor: last,
      next: nextOfRun({ ...run, cursor: last, workers }),
    }
  },
})

/** Runs that are read for the list. */
const ROWS = 100

function lineOf(event: LoggedEvent, said: string, cut: Cutter) {
  const { at, type, subject } = event
  const readOn = step('activity_list', { subject, follow: true, cursor: String(event.id - 1), limit: 1 })
  const detail = cut.text('detail', plain(said), 200, readOn)
  return { at: isoTime(at), type, subject, ...(detail !== '' && { detail }) }
}

function taskRow({ id, attempts, working, report, title, repository, status, reason }: RunTask, cut: Cutter) {
  const task = taskKey(id)
  const summary = report?.summary ?? reason
  return {
    id: task,
    title,
    repository,
    status,
    attempts: attempts.length,
    ...(working.length > 0 && { working: working.map(({ agent }) => agent).join(', ') }),
    ...(report !== undefined && status !== 'done' && { failure: report.class }),
    ...(summary !== undefined &&
      status !== 'done' && { summary: cut.text('summary', plain(summary), 200, step('task_get', { task })) }),
  }
}

function reportOf(run: string): Sentence {
  return `Read speki://run/${run}/report`
}

function rowOf(run: Run, cut: Cutter) {
  const over = ['succeeded', 'failed', 'cancelled'].includes(run.state)
  return {
    id: run.id,
    title: run.title,
    state: run.state,
    ...(!over && run.wanted !== 'run' && run.state !== 'paused' && { wanted: run.wanted }),
    ...(run.prd !== undefined && { prd: run.prd }),
    change_set: run.changeSet,
    tasks: run.tasks.length,
    ...(run.reason !== undefined && { reason: cut.text('reason', plain(run.reason), 500, reportOf(run.id)) }),
    ...(run.startedAt !== undefined && { started_at: isoTime(run.startedAt) }),
    ...(run.endedAt !== undefined && { ended_at: isoTime(run.endedAt) }),
  }
}

/** What could be run; where nothing could, what there is to be done. */
async function startStep(service: Call['service'], caller: Call['caller']): Promise<Step[]> {
  const { readOutlook } = await import('../../domain/outlook.ts')
  const { ready } = await readOutlook(service, caller, {})
  if (ready === undefined) return await nextWork(service, caller)
  return [step('run_start', ready.prd === undefined ? { tasks: [ready.task] } : { prd: ready.prd })]
}

interface Standing {
  readonly id: string
  readonly state: RunState
  readonly changeSet: string
  /** Where its events are read on. */
  readonly cursor?: number
  readonly workers?: number
}

/** What brings a run on, or what was made by it. */
export function nextOfRun({ id: run, state, changeSet, cursor, workers }: Standing): (Step | Sentence)[] {
  if (state === 'succeeded') return [step('changeset_get', { change_set: changeSet })]
  if (state === 'failed') return [reportOf(run), step('run_control', { run, action: 'retry' })]
  if (state === 'cancelled') return [step('run_control', { run, action: 'retry' })]
  if (state === 'paused') return [step('run_control', { run, action: 'resume' })]
  const follow = step('run_status', { run, after: cursor })
  return workers === 0 ? ['Nothing moves until a worker starts: speki worker --until-idle', follow] : [follow]
}
