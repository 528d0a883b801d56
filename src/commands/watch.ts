import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { LoggedEvent } from '../../schemas/event.ts'
import { keyNumber, RunKey, taskKey } from '../../schemas/key.ts'
import type { RunView } from '../domain/run/read.ts'
import { ifAborted } from '../expected.ts'
import { render } from './output/render.ts'
import { type Screen, screenOf } from './output/screen.ts'
import type { WithSession } from './session.ts'

const LOOK_MS = 1000
/** Events of one look. */
const PAGE = 200

/** `speki run watch`: a table that stays up to date where a terminal shows it, and what happens line by line everywhere. */
export function watchCommand(run: Command, withSession: WithSession): void {
  run
    .command('watch <run>')
    .description('Follow a run until it stands still; leaving does not stop it. Ends with 1 where it did not succeed')
    .action((key: string) =>
      withSession(async ({ runtime, caller, signal, screen, print }) => {
        const { detailOf, readRun, readRunEvents } = await import('../domain/run/read.ts')
        const { createLogUpdate } = await import('log-update')
        const service = await runtime.open()
        const id = keyNumber(RunKey.parse(key))
        const live = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined
        let cursor = 0
        for (;;) {
          const view = await readRun(service, caller, id)
          const { events, cursor: last } = await readRunEvents(service, caller, id, cursor, PAGE)
          cursor = last
          live?.clear()
          for (const event of events) print(lineOf(event, detailOf(event), screen))
          live?.(runPicture(view, screenOf(process.stderr, service.now()), service.now()))
          // The rest of a long past comes at once.
          if (events.length === PAGE) continue
          const { state } = view.run
          if (state !== 'queued' && state !== 'running') {
            live?.done()
            if (live === undefined) print(render({ run: summary(view, service.now()) }, screen))
            if (state !== 'succeeded') process.exitCode = 1
            return
          }
          await pause(LOOK_MS, undefined, { signal }).catch(ifAborted)
          if (signal.aborted) return live?.done()
        }
      }),
    )
}

function lineOf({ at, type, subject }: LoggedEvent, detail: string, screen: Screen): string {
  const time = new Date(at).toISOString().slice(11, 19)
  return render({ [time]: `${subject.padEnd(9)} ${type} ${detail}`.trimEnd() }, screen)
}

function summary({ run, tasks, workers }: RunView, now: number) {
  const done = tasks.filter(({ status }) => status === 'done').length
  const seconds = Math.round(((run.endedAt ?? now) - (run.startedAt ?? now)) / 1000)
  return {
    id: run.id,
    state: run.state,
    done: `${done} of ${tasks.length}`,
    time: `${Math.floor(seconds / 60)} min ${seconds % 60} s`,
    ...(run.spend.costUsd !== undefined && { cost: `$${run.spend.costUsd.toFixed(2)}` }),
    ...(run.reason !== undefined && { reason: run.reason }),
    ...(workers === 0 && run.endedAt === undefined && { workers: 'none lives: speki worker' }),
  }
}

/** Where the run stands, as people read it; tasks that are over take no room once there are many. */
export function runPicture(view: RunView, screen: Screen, now: number): string {
  const rows = view.tasks.map(({ id, title, repository, status, reason, working, report }) => {
    const why = report === undefined ? reason : `${report.class}: ${report.summary}`
    return {
      task: taskKey(id),
      repository,
      title,
      status,
      doing: working.map(({ agent, number }) => `${agent}, attempt ${number}`).join('; '),
      failure: status === 'done' ? '' : (why ?? ''),
    }
  })
  const shown = rows.length <= MAX_ROWS ? rows : rows.filter(({ status }) => status !== 'done').slice(0, MAX_ROWS)
  const more = rows.length - shown.length
  const rest = more > 0 ? { more: `${more} tasks: speki run status ${view.run.id}` } : {}
  return render({ ...summary(view, now), tasks: shown, ...rest }, screen)
}

const MAX_ROWS = 20
