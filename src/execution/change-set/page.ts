import type { LoggedEvent } from '../../../schemas/event.ts'
import { changeSetKey, prdKey } from '../../../schemas/key.ts'
import type { ChangeSetView } from '../../domain/change-set/change-set.ts'
import { orderOf } from './parts.ts'

/** A change set as Markdown: what each repository holds, who provides for whom, and what happened, oldest first. */
export function renderChangeSet(view: ChangeSetView, happened: readonly LoggedEvent[]): string {
  const { changeSet, members } = view
  const { order, edges } = orderOf(view)
  return [
    `# ${changeSetKey(changeSet.id)}: ${changeSet.title}`,
    `${changeSet.state}${changeSet.prdId === undefined ? '' : `, for ${prdKey(changeSet.prdId)}`}.`,
    ...members.map(({ repository, branch, target, base, head, state }) =>
      [
        `## ${repository}: ${state}`,
        `${branch} goes to ${target}; ${head === base ? 'nothing on it yet' : `\`git diff ${base.slice(0, 12)} ${head.slice(0, 12)}\``}`,
      ].join('\n\n'),
    ),
    '## Order',
    order.map((unit) => unit.join(' with ')).join(' → '),
    edges.map(({ from, to, why }) => `- ${to} builds on ${from}: ${why}`).join('\n'),
    '## What happened',
    happened
      .map(({ at, type, payload }) => `- ${new Date(at).toISOString()} ${type} ${payload['summary'] ?? ''}`.trimEnd())
      .join('\n'),
  ].join('\n\n')
}
