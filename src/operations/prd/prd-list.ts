import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { PrdKind, PrdState } from '../../../schemas/prd.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { type Step, step } from '../../step.ts'
import { Cursor, countsOf, Limit, PrdRow, readCursor, wordCap } from '../answer.ts'
import { firstWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { asIs } from '../text.ts'

export const prdList = defineOperation({
  name: 'prd_list',
  title: 'List PRDs',
  description: 'List or search PRDs and specs: full text over titles, text, requirements and tasks. Newest first.',
  toolset: 'registry',
  effect: 'read',
  action: 'prd.read',
  input: z.object({
    query: z.string().max(500).optional(),
    kind: PrdKind.optional(),
    state: PrdState.optional(),
    repository: RepositoryName.optional(),
    parent: PrdKey.optional(),
    deleted: z.boolean().optional().describe('Only these'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ prds: z.array(PrdRow), total: z.int32(), next_cursor: z.string().optional(), next: Next }),
  summarize: ({ prds, total }) =>
    `${total} PRD(s): ${prds.map((prd) => `${prd.id} ${prd.title} (${prd.state})`).join('; ')}`,
  async run(input, { service, caller, cut }) {
    const { queryPrds } = await import('../../domain/prd/read.ts')
    const { cursor, ...query } = input
    const { prds, total, capped } = await queryPrds(service, caller, {
      ...query,
      parent: keyNumber(query.parent),
      before: readCursor(cursor, PrdKey, step('prd_list', query)),
    })
    const rows = cut.page('prds', prds, 7500, ({ prd, tasks, snippet, origin }, part) => ({
      id: prd.id,
      title: prd.title,
      kind: prd.kind,
      state: prd.state,
      repositories: part.list('repositories', prd.repositories, { rows: 10 }, step('prd_get', { prd: prd.id }), asIs),
      revision: prd.revision,
      tasks: countsOf(tasks),
      snippet,
      ...(origin !== undefined && { imported_from: origin }),
    }))
    const [first, last] = [rows[0], rows.at(-1)]
    const more = last !== undefined && (rows.length < prds.length || prds.length === input.limit)
    const { limit: _, ...filter } = query
    const narrowed = Object.values(filter).some((value) => value !== undefined)
    const { readOutlook } = await import('../../domain/outlook.ts')
    const all = first === undefined && narrowed ? (await readOutlook(service, caller, {})).prds : 0
    const empty = all > 0 ? [step('prd_list')] : await firstWork(service, caller)
    return {
      prds: rows,
      total,
      ...(more && { next_cursor: last.id }),
      next: [
        ...wordCap(capped),
        ...(first === undefined ? empty : [readStep(first.id, query.deleted)]),
        ...(more ? [step('prd_list', { ...query, cursor: last.id })] : []),
      ],
    }
  },
})

function readStep(prd: string, deleted: boolean | undefined): Step {
  return deleted === true ? step('prd_update', { prd, deleted: false }) : step('prd_get', { prd })
}
