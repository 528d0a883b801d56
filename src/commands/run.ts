import type { Command } from 'commander'
import { keyNumber, RunKey } from '../../schemas/key.ts'
import { runControl } from '../operations/run/run-control.ts'
import { safe } from './output/render.ts'
import type { CallOperation, WithSession } from './session.ts'
import { watchCommand } from './watch.ts'

const CONTROLS = {
  pause: 'Let what works finish, and begin nothing more',
  resume: 'Let a paused run go on, with the checks as they are set now',
  cancel: 'End a run; what works is taken back',
  retry: 'Give what failed new tries, with the checks as they are set now',
} as const

/** What people do with a run beside what its operations offer. */
export function runCommands(run: Command, withSession: WithSession, call: CallOperation): void {
  for (const [action, description] of Object.entries(CONTROLS))
    run
      .command(`${action} <run>`)
      .description(description)
      .action((key: string) =>
        withSession(async (session) => session.answer(await call(session, runControl, { run: key, action }))),
      )
  watchCommand(run, withSession)
  run
    .command('report <run>')
    .description('What a run did, as Markdown: every attempt, and why it failed where it did')
    .action((key: string) =>
      withSession(async ({ runtime, caller, print, json, answer }) => {
        const { readRun } = await import('../domain/run/read.ts')
        const { renderRun } = await import('../execution/attempt/run-report.ts')
        const view = await readRun(await runtime.open(), caller, keyNumber(RunKey.parse(key)))
        const report = safe(renderRun(view))
        if (json) answer({ run: view.run.id, report })
        else print(report)
      }),
    )
}
