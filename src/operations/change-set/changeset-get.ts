import { z } from 'zod'
import { ChangeSetKey, changeSetKey, keyNumber, PrdKey, prdKey } from '../../../schemas/key.ts'
import { type Step, step } from '../../step.ts'
import { Cursor, expiredCursor, isoTime, readCursor } from '../answer.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { deliveryStep } from './delivery-step.ts'

export const changesetGet = defineOperation({
  name: 'changeset_get',
  title: 'Get change set',
  description:
    'What runs and claims made across repositories: branches, commits, what builds on what, tests, delivery. Without change_set the list.',
  toolset: 'execution',
  effect: 'read',
  action: 'changeset.read',
  input: z.object({ change_set: ChangeSetKey.optional(), cursor: Cursor }),
  output: z.object({
    change_sets: z
      .array(
        z.object({
          id: ChangeSetKey,
          title: z.string(),
          state: z.string(),
          prd: PrdKey.optional(),
          repositories: z.array(z.string()),
          updated_at: z.string(),
        }),
      )
      .optional(),
    total: z.int().optional(),
    next_cursor: z.string().optional(),
    id: ChangeSetKey.optional(),
    title: z.string().optional(),
    state: z.string().optional(),
    prd: PrdKey.optional(),
    members: z
      .array(
        z.object({
          repository: z.string(),
          branch: z.string(),
          target: z.string().describe('Branch it goes to'),
          base: z.string(),
          head: z.string(),
          state: z.string(),
        }),
      )
      .optional(),
    order: z
      .array(z.array(z.string()))
      .optional()
      .describe('Merge order, providers first; repositories that need each other in a circle go together'),
    edges: z
      .array(
        z.object({
          from: z.string().describe('Provider'),
          to: z.string().describe('Its user'),
          kind: z.string().describe('package, task, or the kind of contract'),
          why: z.string(),
          evidence: z.string().optional().describe('File or folder of the user in which it shows'),
        }),
      )
      .optional(),
    next: Next,
  }),
  summarize: ({ change_sets, id, state, members = [] }) =>
    change_sets === undefined
      ? `${id} ${state}: ${members.map(({ repository }) => repository).join(', ')}`
      : `${change_sets.length} change set(s). ${change_sets.map((row) => `${row.id} ${row.state}: ${row.title}`).join('; ')}`,
  async run({ change_set: id, cursor }, { service, caller, cut }) {
    const { readChangeSet, readChangeSets } = await import('../../domain/change-set/change-set.ts')
    const { readUndelivered } = await import('../../domain/change-set/undelivered.ts')
    if (id === undefined) {
      const { changeSets, total } = await readChangeSets(service, caller, {
        before: readCursor(cursor, ChangeSetKey, step('changeset_get')),
        limit: ROWS,
      })
      const rows = cut.page(
        'change_sets',
        changeSets,
        6500,
        ({ id: number, title, state, prdId, updatedAt, repositories }) => ({
          id: changeSetKey(number),
          title,
          state,
          ...(prdId !== undefined && { prd: prdKey(prdId) }),
          repositories: [...repositories],
          updated_at: isoTime(updatedAt),
        }),
      )
      const last = rows.at(-1)
      const more = last !== undefined && (rows.length < changeSets.length || changeSets.length === ROWS)
      const [waiting] = await readUndelivered(service, caller, undefined)
      const id = waiting && changeSetKey(waiting.id)
      const steps =
        waiting === undefined || id === undefined
          ? await nextWork(service, caller)
          : [step('changeset_get', { change_set: id }), deliveryStep(id, waiting.state)]
      return {
        change_sets: rows,
        total,
        ...(more && { next_cursor: last.id }),
        next: [...steps.slice(0, 2), ...(more ? [step('changeset_get', { cursor: last.id })] : [])],
      }
    }
    const { orderOf } = await import('../../execution/change-set/parts.ts')
    const view = await readChangeSet(service, caller, keyNumber(id))
    const { changeSet, members } = view
    const from = placeIn(members.length, cursor, id)
    const { order, edges } = orderOf(view)
    const undelivered = await readUndelivered(service, caller, changeSet.prdId)
    const waits = undelivered.some((other) => other.id === changeSet.id)
    const [onward] = await nextWork(service, caller, changeSet.state === 'delivered' ? {} : { prd: changeSet.prdId })
    return {
      id,
      title: changeSet.title,
      state: changeSet.state,
      ...(changeSet.prdId !== undefined && { prd: prdKey(changeSet.prdId) }),
      members: cut.list(
        'members',
        members.slice(from),
        { chars: 3000 },
        (shown) => step('changeset_get', { change_set: id, cursor: String(from + shown) }),
        ({ repository, branch, target, base, head, state }) => ({ repository, branch, target, base, head, state }),
      ),
      order: cut.list('order', order, { chars: 1500 }, `Read speki://changeset/${id}`, (unit) => [...unit]),
      edges: cut.list('edges', edges, { chars: 2500 }, `Read speki://changeset/${id}`, (edge) => ({ ...edge })),
      next: [
        waits || onward === undefined ? deliveryStep(id, changeSet.state) : onward,
        ...members
          .map(({ repository, branch, base }) => `In ${repository}: git diff ${base.slice(0, 10)} ${branch}`)
          .slice(0, 2),
      ],
    }
  },
})

/** Where a page of members begins. */
function placeIn(count: number, cursor: string | undefined, id: string): number {
  if (cursor === undefined) return 0
  const place = /^\d{1,9}$/.test(cursor) ? Number(cursor) : count
  if (place < count) return place
  throw expiredCursor(cursor, step('changeset_get', { change_set: id }))
}

/** Change sets that are read for a page of the list. */
const ROWS = 100

/** Where everything that was said about a change set is read in full. */
export function historyOf(id: string): Step {
  return step('activity_list', { subject: id, limit: 1 })
}
