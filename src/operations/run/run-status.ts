import { z } from 'zod'
import { AgentUsage } from '../../../schemas/agent.ts'
import { ChangeSetKey, keyNumber, PrdKey, RunKey, TaskKey, taskKey } from '../../../schemas/key.ts'
import { FailureClass, RunState } from '../../../schemas/run.ts'
import { TaskStatus } from '../../../schemas/task.ts'
import { isoTime } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'
import { clip, fitting, plain } from '../text.ts'

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
    'Progress of a run: its tasks, attempts, failures with reasons, spending, and events since a cursor. Without id it lists the newest runs.',
  toolset: 'execution',
  effect: 'read',
  action: 'run.read',
  input: z.object({
    id: RunKey.optional(),
    after: z.int32().min(0).optional().describe('events_cursor of the call before: only what happened since'),
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
  async run({ id, after }, { service, caller }) {
    const { detailOf, readRun, readRuns, readRunEvents } = await import('../../domain/run/read.ts')
    if (id === undefined) {
      const runs = (await readRuns(service, caller, 20)).map(rowOf)
      return { runs, next: runs[0] === undefined ? ['run_start prd="PRD-…"'] : [`run_status id="${runs[0].id}"`] }
    }
    const { run, tasks, workers } = await readRun(service, caller, keyNumber(id))
    const { events, cursor } = await readRunEvents(service, caller, keyNumber(id), after, 50)
    const lines = events.map((event) => {
      const { id: at, type, subject } = event
      const detail = clip(plain(detailOf(event)), 200).text
      return { at, line: { at: isoTime(event.at), type, subject, ...(detail !== '' && { detail }) } }
    })
    // What does not fit comes with the next call; without a cursor the newest count.
    const shown = after === undefined ? fitting(lines.toReversed(), 2000).toReversed() : fitting(lines, 2000)
    const rows = tasks.map(({ id: task, attempts, working, report, title, repository, status, reason }) => {
      const summary = report?.summary ?? reason
      return {
        id: taskKey(task),
        title,
        repository,
        status,
        attempts: attempts.length,
        ...(working.length > 0 && { working: working.map(({ agent }) => agent).join(', ') }),
        ...(report !== undefined && status !== 'done' && { failure: report.class }),
        ...(summary !== undefined && status !== 'done' && { summary: clip(plain(summary), 200).text }),
      }
    })
    return {
      run: rowOf(run),
      tasks: fitting(
        rows.toSorted((a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status)),
        4000,
      ),
      done: rows.filter(({ status }) => status === 'done').length,
      workers,
      spend: run.spend,
      events: shown.map(({ line }) => line),
      events_cursor: shown.at(-1)?.at ?? cursor,
      next: nextOf(run.state, id, run.changeSet),
    }
  },
})

function rowOf(run: Awaited<ReturnType<typeof import('../../domain/run/read.ts').readRuns>>[number]) {
  const over = ['succeeded', 'failed', 'cancelled'].includes(run.state)
  return {
    id: run.id,
    title: run.title,
    state: run.state,
    ...(!over && run.wanted !== 'run' && run.state !== 'paused' && { wanted: run.wanted }),
    ...(run.prd !== undefined && { prd: run.prd }),
    change_set: run.changeSet,
    tasks: run.tasks.length,
    ...(run.reason !== undefined && { reason: clip(plain(run.reason), 500).text }),
    ...(run.startedAt !== undefined && { started_at: isoTime(run.startedAt) }),
    ...(run.endedAt !== undefined && { ended_at: isoTime(run.endedAt) }),
  }
}

function nextOf(state: RunState, id: string, changeSet: string): string[] {
  if (state === 'succeeded') return [`changeset_get id="${changeSet}"`]
  if (state === 'failed') return [`Read speki://run/${id}/report`, `run_control id="${id}" action="retry"`]
  if (state === 'paused') return [`run_control id="${id}" action="resume"`]
  return [`run_status id="${id}" after=…`]
}
