import { z } from 'zod'
import { ChangeSetKey, keyNumber } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { defineOperation, Next } from '../operation.ts'
import { clip, plain } from '../text.ts'
import { To } from './changeset-integrate.ts'

export const changesetDeliver = defineOperation({
  name: 'changeset_deliver',
  title: 'Deliver change set',
  description:
    'Merge a change set into its target branches in dependency order, exactly the commits that were tested, each only if its branch has not moved. Without confirm it tests and previews.',
  toolset: 'execution',
  effect: 'destructive',
  action: 'changeset.deliver',
  input: z.object({
    id: ChangeSetKey,
    to: To,
    confirm: z.string().max(40).optional().describe('Token of the preview'),
  }),
  output: z.object({
    id: ChangeSetKey,
    state: z.enum(['preview', 'refused', 'delivered', 'stopped']),
    steps: z.array(z.object({ repository: z.string(), branch: z.string(), from: z.string(), to: z.string() })),
    problems: z.array(z.string()),
    confirm: z.string().optional().describe('Pass it to deliver'),
    compensation: z.array(z.string()).optional().describe('What would take back what was delivered before it stopped'),
    next: Next,
  }),
  summarize: ({ id, state, steps, problems }) =>
    `${id} ${state}: ${problems.length > 0 ? problems.join('; ') : steps.map(({ repository }) => repository).join(' → ')}`,
  async run({ id, to, confirm }, { caller, execution, progress, signal }) {
    const { deliver, prepareDelivery } = await import('../../execution/change-set/deliver.ts')
    const context = await execution()
    const { integration, problems } = await prepareDelivery(context, caller, keyNumber(id), to, progress, signal)
    const steps = integration.parts.map(({ name, target, tip, merged }) => ({
      repository: name,
      branch: target,
      from: tip,
      to: merged ?? tip,
    }))
    const shown = problems.map((problem) => clip(plain(problem), 500).text)
    if (problems.length > 0)
      return { id, state: 'refused' as const, steps, problems: shown, next: ['Mend that, then repeat the call'] }
    if (confirm === undefined)
      return {
        id,
        state: 'preview' as const,
        steps,
        problems: [],
        confirm: integration.token,
        next: [`changeset_deliver id="${id}" to="${to}" confirm="${integration.token}"`],
      }
    if (confirm !== integration.token)
      throw new SpekiError('conflict', `${id} is not what was previewed any more. Nothing was delivered.`, {
        hint: 'Look at a new preview: changeset_deliver without confirm.',
      })
    const done = await deliver(context, caller, keyNumber(id), integration, signal)
    const stopped = done.stoppedAt === undefined ? [] : [`${done.stoppedAt.name}: ${done.stoppedAt.reason}`]
    return {
      id,
      state: done.state,
      steps: steps.filter(({ repository }) => done.delivered.includes(repository)),
      problems: stopped.map((problem) => clip(plain(problem), 500).text),
      ...(done.compensation.length > 0 && { compensation: [...done.compensation] }),
      next: [
        `changeset_get id="${id}"`,
        ...(done.state === 'stopped' ? [`changeset_deliver id="${id}" to="${to}" goes on from there`] : []),
      ],
    }
  },
})
