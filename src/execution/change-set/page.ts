import type { Event } from '../../../schemas/event.ts'
import type { ChangeSetView } from '../../domain/run/change-set.ts'

/** A change set as Markdown: what each repository holds, who provides for whom, and what happened, oldest first. */
export function renderChangeSet({ changeSet, members, taskEdges }: ChangeSetView, happened: readonly Event[]): string {
  return [
    `# CS-${changeSet.id}: ${changeSet.title}`,
    `${changeSet.state}${changeSet.prdId === undefined ? '' : `, for PRD-${changeSet.prdId}`}.`,
    ...members.map(({ repository, branch, target, base, head, state }) =>
      [
        `## ${repository}: ${state}`,
        `${branch} goes to ${target}; ${head === base ? 'nothing on it yet' : `\`git diff ${base.slice(0, 12)} ${head.slice(0, 12)}\``}`,
      ].join('\n\n'),
    ),
    ...(taskEdges.length === 0 ? [] : ['## Order', taskEdges.map(({ why }) => `- ${why}`).join('\n')]),
    '## What happened',
    happened
      .map(({ at, type, payload }) => `- ${new Date(at).toISOString()} ${type} ${payload['summary'] ?? ''}`.trimEnd())
      .join('\n'),
  ].join('\n\n')
}
