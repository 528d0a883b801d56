import { z } from 'zod'
import { ChangeSetKey, keyNumber } from '../../../schemas/key.ts'
import { hint, step } from '../../step.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { plain } from '../text.ts'
import { historyOf } from './changeset-get.ts'
import { To } from './changeset-integrate.ts'

export const changesetDeliver = defineOperation({
  name: 'changeset_deliver',
  title: 'Deliver change set',
  description:
    'Merge a change set into its target branches in order, exactly the commits that were tested, each only if its branch has not moved. Without confirm it tests and previews.',
  toolset: 'execution',
  effect: 'destructive',
  action: 'changeset.deliver',
  input: z.object({
    change_set: ChangeSetKey,
    to: To,
    confirm: z.string().max(40).optional().describe('Token of the preview'),
  }),
  output: z.object({
    id: ChangeSetKey,
    state: z.enum(['preview', 'refused', 'delivered', 'stopped']),
    steps: z.array(z.object({ repository: z.string(), branch: z.string(), from: z.string(), to: z.string() })),
    problems: z.array(z.string()),
    notes: z.array(z.string()).optional().describe('What to know before it is delivered'),
    confirm: z.string().optional().describe('Pass it to deliver'),
    compensation: z.array(z.string()).optional().describe('What would take back what was delivered before it stopped'),
    next: Next,
  }),
  summarize: ({ id, state, steps, problems, notes = [] }) =>
    [
      `${id} ${state}: ${problems.length > 0 ? problems.join('; ') : steps.map(({ repository }) => repository).join(' → ')}`,
      ...notes,
    ].join('; '),
  async run({ change_set: id, to, confirm }, { service, caller, execution, progress, signal, cut }) {
    const { deliverConfirmed } = await import('../../execution/change-set/deliver.ts')
    const asked = { id: keyNumber(id), destination: to, confirm }
    const done = await deliverConfirmed(await execution(), caller, asked, progress, signal)
    const { integration } = done
    const steps = integration.parts.map(({ name, target, tip, merged }) => ({
      repository: name,
      branch: target,
      from: tip,
      to: merged ?? tip,
    }))
    const problems = (said: readonly string[]) =>
      cut.list('problems', said, { chars: 5000 }, historyOf(id), (problem) => plain(problem))
    const notes = integration.notes.length > 0 && {
      notes: cut.list('notes', integration.notes, { chars: 2000 }, historyOf(id), (note) => plain(note)),
    }
    if (done.state === 'refused')
      return {
        id,
        state: done.state,
        steps,
        ...notes,
        problems: problems(done.problems),
        next: [hint`Mend that, then ${step('changeset_deliver', { change_set: id, to })}`],
      }
    if (done.state === 'preview') {
      const { token } = integration
      const next = [step('changeset_deliver', { change_set: id, to, confirm: token })]
      return { id, state: done.state, steps, problems: [], ...notes, confirm: token, next }
    }
    const stopped = done.stoppedAt === undefined ? [] : [`${done.stoppedAt.name}: ${done.stoppedAt.reason}`]
    return {
      id,
      state: done.state,
      steps: steps.filter(({ repository }) => done.delivered.includes(repository)),
      problems: problems(stopped),
      ...notes,
      ...(done.compensation.length > 0 && { compensation: [...done.compensation] }),
      next:
        done.state === 'delivered'
          ? (await nextWork(service, caller)).slice(0, 2)
          : [
              hint`Mend that, then ${step('changeset_deliver', { change_set: id, to })}`,
              step('changeset_get', { change_set: id }),
            ],
    }
  },
})
