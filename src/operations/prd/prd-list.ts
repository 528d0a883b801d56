import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { PrdKind, PrdState } from '../../../schemas/prd.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { Cursor, countsOf, Limit, PrdRow } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'

export const prdList = defineOperation({
  name: 'prd_list',
  title: 'List PRDs',
  description:
    'List or search PRDs and specs: full text over titles, text, requirements and tasks; filter by kind, state, repository, parent. Newest first.',
  toolset: 'registry',
  effect: 'read',
  action: 'prd.read',
  input: z.object({
    query: z.string().max(500).optional(),
    kind: PrdKind.optional(),
    state: PrdState.optional(),
    repository: RepositoryName.optional(),
    parent: PrdKey.optional(),
    deleted: z.boolean().optional().describe('true: only deleted ones'),
    limit: Limit,
    cursor: Cursor,
  }),
  output: z.object({ prds: z.array(PrdRow), total: z.int32(), next_cursor: z.string().optional(), next: Next }),
  summarize: ({ prds, total }) =>
    `${total} PRD(s): ${prds.map((prd) => `${prd.id} ${prd.title} (${prd.state})`).join('; ')}`,
  async run(input, { service, caller }) {
    const { queryPrds } = await import('../../domain/prd/read.ts')
    const { parent, cursor, ...rest } = input
    const { prds, total } = await queryPrds(service, caller, {
      ...rest,
      parent: keyNumber(parent),
      before: cursor === undefined ? undefined : keyNumber(PrdKey.parse(cursor)),
    })
    const last = prds.at(-1)
    return {
      prds: prds.map(({ prd, tasks, snippet }) => ({
        id: prd.id,
        title: prd.title,
        kind: prd.kind,
        state: prd.state,
        repositories: prd.repositories.slice(0, 10),
        revision: prd.revision,
        tasks: countsOf(tasks),
        snippet,
      })),
      total,
      ...(last !== undefined && prds.length === input.limit && { next_cursor: last.prd.id }),
      next: total === 0 ? ['prd_create'] : [`prd_get id="${prds[0]?.prd.id ?? 'PRD-1'}"`],
    }
  },
})
