import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { defineOperation, Next } from '../operation.ts'
import { fitting } from '../text.ts'

export const prdExport = defineOperation({
  name: 'prd_export',
  title: 'Export specs and tasks',
  description:
    'Export PRDs with tasks and lessons as a folder of readable Markdown or one JSON file that prd_import reads back. Exporting into the same folder again first takes in edits made there (three-way merge).',
  toolset: 'registry',
  effect: 'write',
  action: 'export.run',
  input: z.object({
    path: z.string().max(4000).describe('Folder, or file for JSON'),
    format: z.enum(['markdown', 'json']).default('markdown'),
    prds: z.array(PrdKey).max(1000).optional().describe('Default: what the folder has, or all'),
  }),
  output: z.object({
    path: z.string(),
    written: z.array(z.string()),
    unchanged: z.int32(),
    taken: z.array(z.string()).describe('Keys whose edits in the folder were taken in'),
    conflicts: z.array(z.string()).describe('Changed on both sides; these files were left as they are'),
    left: z.array(z.string()),
    next: Next,
  }),
  summarize: ({ path, written, unchanged, taken, conflicts }) =>
    `${path}: ${written.length} file(s) written, ${unchanged} unchanged; ${taken.length} edit(s) taken in, ${conflicts.length} conflict(s).`,
  async run(input, { service, caller, project, signal }) {
    const { allowedPath } = await import('../../exchange/allowed-path.ts')
    const path = await allowedPath(service, caller, project, input.path)
    const prds = input.prds?.map((key) => keyNumber(key))
    const done =
      input.format === 'json'
        ? await (await import('../../exchange/export.ts')).exportJson(service, caller, path, prds)
        : await (await import('../../exchange/sync-folder.ts')).syncFolder(service, caller, path, prds, signal)
    return {
      path: input.path,
      written: fitting(done.written, 2000),
      unchanged: done.unchanged,
      taken: fitting(done.taken, 1500),
      conflicts: fitting(done.conflicts, 1500),
      left: fitting(done.left, 1000),
      next: done.conflicts.length > 0 ? ['prd_get', `prd_export path=${JSON.stringify(input.path)}`] : ['speki_status'],
    }
  },
})
