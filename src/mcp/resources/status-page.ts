import type { Status } from '../../domain/status.ts'
import { countsOf } from '../../operations/answer.ts'

/** Where the workspace stands, as Markdown. */
export function statusPage(status: Status): string {
  const all = countsOf(status.tasks)
  return [
    '# Status',
    `${all.done} of ${all.total} tasks done, ${all.ready} ready, ${all.in_progress} in progress, ${all.blocked} blocked, ${all.failed} failed.`,
    '## PRDs',
    ...status.prds.map(
      (prd) => `- ${prd.id} ${prd.title} (${prd.state}): ${prd.tasks.byStatus.done ?? 0}/${prd.tasks.total}`,
    ),
    ...(status.prds.length < status.totals.prds
      ? [`- … ${status.prds.length} of ${status.totals.prds}; the others: prd_list`]
      : []),
    '## Repositories',
    ...status.repositories.map(
      (entry) => `- ${entry.name}: ${entry.tasks.byStatus.done ?? 0}/${entry.tasks.total}, ${entry.tasks.ready} ready`,
    ),
  ].join('\n')
}
