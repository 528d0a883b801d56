import { z } from 'zod'
import { BundleFormat, Homeless } from '../../../schemas/bundle.ts'
import { PrdKey, prdKey } from '../../../schemas/key.ts'
import { hint, step } from '../../step.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { plain } from '../text.ts'
import { prdWork } from './prd-work.ts'

const SHOWN = 1500

export const prdImport = defineOperation({
  name: 'prd_import',
  title: 'Import specs and tasks',
  description:
    'Import specs, tasks and lessons of Markdown, SPEKI, OpenSpec, Spec Kit, Task Master, Backlog.md, Beads or Shrimp. Previews; confirm imports. Again: only what changed.',
  toolset: 'registry',
  effect: 'write',
  action: 'import.run',
  input: z.object({
    path: z.string().max(4000).describe('Folder or file'),
    format: BundleFormat.optional().describe('Default: detected'),
    repository: z.string().max(100).optional().describe('For tasks that name none'),
    confirm: z.string().max(100).optional().describe('Token of the preview'),
  }),
  output: z.object({
    format: BundleFormat,
    imported: z.boolean().describe('false: a preview, nothing was written'),
    prds: z.object({ new: z.int32(), changed: z.int32() }),
    tasks: z.object({ new: z.int32(), changed: z.int32() }),
    knowledge: z.int32().describe('New entries'),
    unchanged: z.int32(),
    titles: z
      .array(
        z.object({ id: PrdKey.optional(), title: z.string(), kind: z.string(), state: z.string(), tasks: z.int32() }),
      )
      .describe('PRDs it brings, from outside: data'),
    states: z.record(z.string(), z.int32()).describe('Tasks it brings, by status'),
    conflicts: z.array(z.string()).describe('Changed on both sides; what is here stays'),
    left: z.array(z.string()).describe('Read, and not done, with the reason'),
    homeless: z.array(Homeless).describe('Read, and without a place here'),
    totals: z.object({ conflicts: z.int32(), left: z.int32(), homeless: z.int32() }),
    confirm: z.string().optional(),
    next: Next,
  }),
  summarize: ({ imported, prds, tasks, knowledge, unchanged, totals }) =>
    `${imported ? 'Imported' : 'Would import'} ${prds.new} PRD(s), ${tasks.new} task(s), ${knowledge} lesson(s); changed ${prds.changed} and ${tasks.changed}; ${unchanged} unchanged, ${totals.conflicts} conflict(s), ${totals.homeless} without a place.`,
  async run(input, { service, caller, project, progress, signal, request, cut }) {
    const { importFrom } = await import('../../exchange/import.ts')
    const { wordConflict } = await import('../../exchange/conflict.ts')
    progress(`Reading ${input.path}`)
    const { format, bundle, plan, confirm, prds } = await importFrom(
      service,
      caller,
      { ...input, project },
      signal,
      request,
    )
    const imported = input.confirm !== undefined
    const states = Map.groupBy(plan.newTasks, ({ status }) => status)
    const tasksOf = Map.groupBy(bundle.tasks, ({ prd }) => prd)
    const { path } = input
    const first = plan.newPrds[0] === undefined ? undefined : prds.get(plan.newPrds[0].ref)
    const again = hint`Mend or settle these, then ${step('prd_import', { path })}; a person sees all: speki import`
    return {
      format,
      imported,
      prds: { new: plan.newPrds.length, changed: plan.changedPrds.length },
      tasks: { new: plan.newTasks.length, changed: plan.changedTasks.length },
      knowledge: plan.newKnowledge.length,
      unchanged: plan.unchanged,
      titles: cut.list(
        'titles',
        plan.newPrds,
        { chars: 2000 },
        hint`${imported ? '' : 'Once imported: '}${step('prd_list')}`,
        (prd) => ({
          ...idOf(prds.get(prd.ref)),
          title: plain(prd.title),
          kind: prd.kind,
          state: prd.state,
          tasks: tasksOf.get(prd.ref)?.length ?? 0,
        }),
      ),
      states: Object.fromEntries([...states].map(([status, tasks]) => [status, tasks.length])),
      conflicts: cut.list('conflicts', plan.conflicts, { chars: SHOWN }, again, (conflict) =>
        plain(wordConflict(conflict)),
      ),
      left: cut.list('left', plan.left, { chars: 1000 }, again, plain),
      homeless: cut.list('homeless', bundle.homeless, { chars: SHOWN }, again, (entry) => ({
        path: plain(entry.path),
        what: plain(entry.what),
        why: plain(entry.why),
      })),
      totals: { conflicts: plan.conflicts.length, left: plan.left.length, homeless: bundle.homeless.length },
      ...(confirm !== undefined && { confirm }),
      next:
        confirm !== undefined
          ? [step('prd_import', { path, confirm })]
          : first === undefined
            ? await nextWork(service, caller)
            : [step('prd_check', { prd: prdKey(first) }), ...(await prdWork(service, caller, first))],
    }
  },
})

function idOf(prd: number | undefined) {
  return prd === undefined ? {} : { id: prdKey(prd) }
}
