import { z } from 'zod'
import { ChangeSetKey, keyNumber, PrdKey, prdKey } from '../../../schemas/key.ts'
import { defineOperation, Next } from '../operation.ts'

export const changesetGet = defineOperation({
  name: 'changeset_get',
  title: 'Get change set',
  description:
    'What a run or your claims made across repositories: branch, base and head commit of each, what builds on what and why, and how far testing together and delivery have come.',
  toolset: 'execution',
  effect: 'read',
  action: 'changeset.read',
  input: z.object({ id: ChangeSetKey }),
  output: z.object({
    id: ChangeSetKey,
    title: z.string(),
    state: z.string(),
    prd: PrdKey.optional(),
    members: z.array(
      z.object({
        repository: z.string(),
        branch: z.string(),
        target: z.string().describe('Branch it goes to'),
        base: z.string(),
        head: z.string(),
        state: z.string(),
      }),
    ),
    order: z
      .array(z.array(z.string()))
      .describe('Merge order, providers first; repositories that need each other in a circle go together'),
    edges: z.array(
      z.object({
        from: z.string().describe('Provider'),
        to: z.string().describe('Its user'),
        kind: z.string().describe('package, task, or the kind of contract'),
        why: z.string(),
        evidence: z.string().optional().describe('File or folder of the user in which it shows'),
      }),
    ),
    next: Next,
  }),
  summarize: ({ id, state, members }) => `${id} ${state}: ${members.map(({ repository }) => repository).join(', ')}`,
  async run({ id }, { service, caller }) {
    const { readChangeSet } = await import('../../domain/change-set/change-set.ts')
    const { orderOf } = await import('../../execution/change-set/parts.ts')
    const view = await readChangeSet(service, caller, keyNumber(id))
    const { changeSet, members } = view
    const { order, edges } = orderOf(view)
    return {
      id,
      title: changeSet.title,
      state: changeSet.state,
      ...(changeSet.prdId !== undefined && { prd: prdKey(changeSet.prdId) }),
      members: members.map(({ repository, branch, target, base, head, state }) => ({
        repository,
        branch,
        target,
        base,
        head,
        state,
      })),
      order: order.map((unit) => [...unit]),
      edges: edges.slice(0, 50).map((edge) => ({ ...edge })),
      next: members
        .map(({ repository, branch, base }) => `In ${repository}: git diff ${base.slice(0, 10)} ${branch}`)
        .slice(0, 3),
    }
  },
})
