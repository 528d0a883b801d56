import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { PrdState, Title } from '../../../schemas/prd.ts'
import { SpekiError } from '../../errors.ts'
import { defineOperation, Next } from '../operation.ts'
import { prdWork } from './prd-work.ts'

export const prdUpdate = defineOperation({
  name: 'prd_update',
  title: 'Update PRD',
  description: 'Change title, repositories, owners, parent or state of a PRD, or delete it with undo. Text: prd_edit.',
  toolset: 'registry',
  effect: 'write',
  action: 'prd.update',
  input: z.object({
    prd: PrdKey,
    version: z.int32().min(1).optional().describe('You read'),
    title: Title.optional(),
    state: PrdState.optional(),
    repositories: z.array(z.string().max(100)).max(100).optional().describe('Replaces all'),
    owners: z.array(z.string().min(1).max(200)).max(50).optional(),
    parent: z.string().max(20).optional().describe('PRD key, or "none"'),
    deleted: z.boolean().optional().describe('false brings it back'),
  }),
  output: z.object({
    id: PrdKey,
    title: z.string(),
    state: PrdState,
    version: z.int32(),
    repositories: z.array(z.string()),
    deleted: z.boolean(),
    next: Next,
  }),
  summarize: ({ id, state, deleted, version }) =>
    `${id} is ${deleted ? 'deleted (deleted=false brings it back)' : state}, version ${version}.`,
  async run(input, { service, caller, request }) {
    const { prd: id, version, parent, ...change } = input
    if (parent === undefined && Object.values(change).every((value) => value === undefined)) {
      throw new SpekiError('invalid_input', 'Nothing to change was given.', {
        hint: 'Give title, state, repositories, owners, parent or deleted.',
      })
    }
    const { updatePrdRecord } = await import('../../domain/prd/prd.ts')
    const parentNumber = parent === undefined ? undefined : parent === 'none' ? null : keyNumber(PrdKey.parse(parent))
    const prd = await updatePrdRecord(
      service,
      caller,
      keyNumber(id),
      version,
      { ...change, parent: parentNumber },
      request,
    )
    return {
      id: prd.id,
      title: prd.title,
      state: prd.state,
      version: prd.version,
      repositories: prd.repositories,
      deleted: prd.deletedAt !== undefined,
      next: await prdWork(service, caller, keyNumber(prd.id)),
    }
  },
})
