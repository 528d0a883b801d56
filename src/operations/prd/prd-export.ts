import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { hint, step } from '../../step.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { asIs } from '../text.ts'

export const prdExport = defineOperation({
  name: 'prd_export',
  title: 'Export specs and tasks',
  description:
    'Export PRDs, tasks and lessons as a folder of Markdown or one JSON file that prd_import reads. Into the same folder again: takes in edits made there (three-way merge).',
  toolset: 'registry',
  effect: 'write',
  action: 'export.run',
  input: z.object({
    path: z.string().max(4000).describe('Folder, or file for JSON'),
    format: z.enum(['markdown', 'json']).default('markdown'),
    prds: z.array(PrdKey).max(1000).optional().describe('Default: those of the folder, or all'),
  }),
  output: z.object({
    path: z.string(),
    written: z.array(z.string()),
    unchanged: z.int32(),
    taken: z.array(z.string()).describe('Keys whose edits in the folder were taken in'),
    conflicts: z.array(z.string()).describe('Changed on both sides; these fields stand in the files as they were'),
    left: z.array(z.string()),
    next: Next,
  }),
  summarize: ({ path, written, unchanged, taken, conflicts }) =>
    `${path}: ${written.length} file(s) written, ${unchanged} unchanged; ${taken.length} edit(s) taken in, ${conflicts.length} conflict(s).`,
  async run(input, { service, caller, project, signal, cut }) {
    const { exportTo } = await import('../../exchange/export-to.ts')
    const { path, format } = input
    const prds = input.prds?.map((key) => keyNumber(key))
    const done = await exportTo(service, caller, { project, path, format, prds }, signal)
    const again = step('prd_export', { path, format, ...(input.prds !== undefined && { prds: input.prds }) })
    const conflicts = cut.list('conflicts', done.conflicts, { chars: 2500 }, hint`Mend these, then ${again}`, asIs)
    return {
      path,
      written: cut.list('written', done.written, { chars: 2000 }, `The files in ${path}`, asIs),
      unchanged: done.unchanged,
      taken: cut.list('taken', done.taken, { chars: 1500 }, step('activity_list', { type: 'prd.edited' }), asIs),
      conflicts,
      left: cut.list('left', done.left, { chars: 1000 }, hint`Mend these, then ${again}`, asIs),
      next:
        conflicts.length > 0
          ? [hint`Write in the file what holds, take the field out of in_conflict there, then ${again}`]
          : done.left.length > 0
            ? [hint`Mend what is named in left, then ${again}`]
            : await nextWork(service, caller),
    }
  },
})
