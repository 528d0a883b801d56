import type { TaskStatus } from '../../schemas/task.ts'
import type { Reader } from './database.ts'

/** How many tasks a group has in each status; `ready` is the part of todo that can start. */
export interface TaskCounts {
  readonly total: number
  readonly ready: number
  readonly stale: number
  readonly byStatus: Readonly<Partial<Record<TaskStatus, number>>>
}

interface CountRow {
  readonly group: number | null
  readonly status: string
  readonly count: number
  readonly ready: number
  readonly stale: number
}

/** Counts of each repository or each PRD (`null` for ad-hoc work), in one query over an index. */
export async function countTasks(
  reader: Reader,
  by: 'repository_id' | 'prd_id',
  filter: { readonly repositoryId?: number | undefined; readonly prdIds?: readonly number[] | undefined } = {},
): Promise<ReadonlyMap<number | null, TaskCounts>> {
  let query = reader.sql.selectFrom('task')
  if (filter.repositoryId !== undefined) query = query.where('repository_id', '=', filter.repositoryId)
  if (filter.prdIds !== undefined) query = query.where('prd_id', 'in', filter.prdIds.length > 0 ? filter.prdIds : [-1])
  const rows = await query
    .select((eb) => [
      eb.ref(by).as('group'),
      'status',
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>(eb.case().when('waiting_on', '=', 0).then(1).else(0).end()).as('ready'),
      eb.fn.sum<number>('stale').as('stale'),
    ])
    .groupBy([by, 'status'])
    .execute()
  const groups = Map.groupBy(rows as readonly CountRow[], (row) => row.group)
  return new Map([...groups].map(([group, counts]) => [group, summarize(counts)]))
}

function summarize(rows: readonly CountRow[]): TaskCounts {
  const byStatus: Partial<Record<TaskStatus, number>> = {}
  let total = 0
  let ready = 0
  let stale = 0
  for (const row of rows) {
    byStatus[row.status as TaskStatus] = Number(row.count)
    total += Number(row.count)
    stale += Number(row.stale)
    if (row.status === 'todo') ready = Number(row.ready)
  }
  return { total, ready, stale, byStatus }
}

/** Adds groups up. */
export function addCounts(groups: Iterable<TaskCounts>): TaskCounts {
  const byStatus: Partial<Record<TaskStatus, number>> = {}
  let total = 0
  let ready = 0
  let stale = 0
  for (const counts of groups) {
    total += counts.total
    ready += counts.ready
    stale += counts.stale
    for (const status of Object.keys(counts.byStatus) as TaskStatus[])
      byStatus[status] = (byStatus[status] ?? 0) + (counts.byStatus[status] ?? 0)
  }
  return { total, ready, stale, byStatus }
}
