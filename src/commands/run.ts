import type { Command } from 'commander'
import { keyNumber, RunKey } from '../../schemas/key.ts'
import { safe } from './output/render.ts'
import type { WithSession } from './session.ts'
import { watchCommand } from './watch.ts'

/** What people do with a run beside what its operations offer. */
export function runCommands(run: Command, withSession: WithSession): void {
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
