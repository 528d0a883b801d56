import { z } from 'zod'
import { ChangeSetKey, keyNumber } from '../../../schemas/key.ts'
import { hint, step } from '../../step.ts'
import { defineOperation, Next } from '../operation.ts'
import { plain } from '../text.ts'
import { historyOf } from './changeset-get.ts'

const Tested = z.object({ repository: z.string(), with: z.array(z.string()), green: z.boolean() })
const Ejected = z.array(z.object({ repository: z.string(), reason: z.string() }))
export const To = z
  .enum(['local', 'remote', 'pull_requests'])
  .default('local')
  .describe('Branch here, on origin, or there by linked pull requests')

export const changesetIntegrate = defineOperation({
  name: 'changeset_integrate',
  title: 'Test change set',
  description:
    'Test all repositories of a change set together, users against unmerged providers, each step of the merge order on the target branches as they are now.',
  toolset: 'execution',
  effect: 'write',
  action: 'changeset.test',
  input: z.object({ change_set: ChangeSetKey, to: To }),
  output: z.object({
    id: ChangeSetKey,
    passed: z.boolean(),
    order: z.array(z.string()).describe('Merge order of what is green'),
    edges: z.array(z.object({ from: z.string(), to: z.string(), why: z.string() })),
    tests: z.array(Tested),
    ejected: Ejected,
    notes: z.array(z.string()).optional().describe('What to know before it is delivered'),
    next: Next,
  }),
  summarize: ({ id, passed, order, ejected, notes = [] }) =>
    passed
      ? [`${id} is green: ${order.join(' → ')}`, ...notes].join('; ')
      : `${id} is red: ${ejected.map(({ repository }) => repository).join(', ')}`,
  async run({ change_set: id, to }, { caller, execution, progress, signal, cut }) {
    const { integrate } = await import('../../execution/change-set/integrate.ts')
    const { parts, ejected, edges, tests, notes } = await integrate(
      await execution(),
      caller,
      keyNumber(id),
      to,
      progress,
      signal,
    )
    const passed = ejected.length === 0 && parts.length > 0
    return {
      id,
      passed,
      order: parts.map(({ name }) => name),
      edges: cut.list('edges', edges, { chars: 2000 }, step('changeset_get', { change_set: id }), (edge) => ({
        from: edge.from,
        to: edge.to,
        why: edge.why,
      })),
      tests: cut.list('tests', tests, { chars: 2000 }, historyOf(id), ({ repository, with: others, green }) => ({
        repository,
        with: [...others],
        green,
      })),
      ejected: cut.list('ejected', ejected, { chars: 3000 }, historyOf(id), ({ name, reason }) => ({
        repository: name,
        reason: plain(reason),
      })),
      ...(notes.length > 0 && {
        notes: cut.list('notes', notes, { chars: 2000 }, historyOf(id), (note) => plain(note)),
      }),
      next: passed
        ? [step('changeset_deliver', { change_set: id, to })]
        : [
            hint`Mend what was red, then ${step('changeset_integrate', { change_set: id, to })}`,
            step('changeset_get', { change_set: id }),
          ],
    }
  },
})
