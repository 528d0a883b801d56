import type { Command } from 'commander'
import { BundleFormat } from '../../schemas/bundle.ts'
import { prdExport } from '../operations/prd/prd-export.ts'
import { prdImport } from '../operations/prd/prd-import.ts'
import { quoted } from './operation/step.ts'
import type { CallOperation, WithSession } from './session.ts'

/** `speki import` and `speki export`: the tools of that name, for people who have no token to carry from call to call. */
export function exchangeCommands(program: Command, withSession: WithSession, call: CallOperation): void {
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
        else session.answer({ ...shown, next: [`speki import ${quoted(path)} --yes`] })
      }),
    )

  program
    .command('export <path>')
    .description('Write PRDs, tasks and lessons as a folder of Markdown, or take its edits in and bring it up to date')
    .option('--json-file', 'one JSON file instead')
    .option('--prds <key>', 'only this; may be repeated (default: what the folder has, or all)', repeated)
    .action((path: string, { jsonFile, prds }: { jsonFile?: boolean; prds?: string[] }) =>
      withSession(async (session) => {
        const format = jsonFile === true ? 'json' : 'markdown'
        session.answer(await call(session, prdExport, { path, format, ...(prds !== undefined && { prds }) }))
      }),
    )
}

function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
