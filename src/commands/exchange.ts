import type { Command } from 'commander'
import { BundleFormat } from '../../schemas/bundle.ts'
import type { Operation } from '../operations/operation.ts'
import { prdExport } from '../operations/prd/prd-export.ts'
import { prdImport } from '../operations/prd/prd-import.ts'
import type { Session, WithSession } from './session.ts'

type CallTool = (session: Session, tool: Operation, args: Record<string, unknown>) => Promise<Record<string, unknown>>

/** `speki import` and `speki export`: the tools of that name, for people who have no token to carry from call to call. */
export function exchangeCommands(program: Command, withSession: WithSession, call: CallTool): void {
  program
    .command('import <path>')
    .description(
      'Show what a folder or file brings: Markdown, SPEKI, OpenSpec, Spec Kit, Task Master, Backlog.md, Beads, Shrimp',
    )
    .option('--format <name>', BundleFormat.options.join(', '))
    .option('--repository <name>', 'for tasks that name none')
    .option('--yes', 'import it')
    .action((path: string, { yes, ...options }: { yes?: boolean; format?: string; repository?: string }) =>
      withSession(async (session) => {
        const preview = await call(session, prdImport, { path, ...options })
        const { confirm, ...shown } = preview
        if (confirm === undefined) session.answer(shown)
        else if (yes === true) session.answer(await call(session, prdImport, { path, ...options, confirm }))
        else session.answer({ ...shown, next: [`speki import ${path} --yes`] })
      }),
    )

  program
    .command('export <path>')
    .description('Write PRDs, tasks and lessons as a folder of Markdown, or take its edits in and bring it up to date')
    .option('--json-file', 'one JSON file instead')
    .option('--prds <keys...>', 'only these (default: what the folder has, or all)')
    .action((path: string, { jsonFile, prds }: { jsonFile?: boolean; prds?: string[] }) =>
      withSession(async (session) => {
        const format = jsonFile === true ? 'json' : 'markdown'
        session.answer(await call(session, prdExport, { path, format, ...(prds !== undefined && { prds }) }))
      }),
    )
}
