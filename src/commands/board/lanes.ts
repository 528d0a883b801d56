import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber } from '../../../schemas/key.ts'
import type { TaskStatus } from '../../../schemas/task.ts'
import type { Service } from '../../domain/service.ts'
import { queryTasks, type TaskLine } from '../../domain/task/read.ts'

/** A column of the board. */
export interface Lane {
  readonly name: string
  /** How many tasks there are; of many only the first are read. */
  readonly total: number
  readonly tasks: readonly TaskLine[]
}

export interface BoardFilter {
  readonly prd?: number | undefined
  readonly repository?: string | undefined
}

interface LaneQuery {
  readonly status: TaskStatus
  readonly ready?: true
  readonly blocked?: true
}

const LANES: readonly (readonly [name: string, queries: readonly LaneQuery[]])[] = [
  ['Ready', [{ status: 'todo', ready: true }]],
  ['Waiting', [{ status: 'todo', blocked: true }]],
  ['In progress', [{ status: 'in_progress' }]],
  ['In review', [{ status: 'in_review' }]],
  ['Stuck', [{ status: 'failed' }, { status: 'blocked' }]],
  ['Done', [{ status: 'done' }]],
]
const PAGE = 50
const LARGEST_PAGE = 100

/** With `whole` every task of a lane, not only the first. */
export async function readLanes(
  service: Service,
  caller: Principal,
  filter: BoardFilter,
  { whole = false } = {},
): Promise<readonly Lane[]> {
  const lanes: Lane[] = []
  for (const [name, queries] of LANES) {
    const pages = []
    for (const query of queries) {
      const all = { ...filter, ...query }
      let page = await queryTasks(service, caller, { ...all, limit: whole ? LARGEST_PAGE : PAGE })
      pages.push(page)
      while (whole && page.tasks.length === LARGEST_PAGE) {
        const after = keyNumber(page.tasks.at(-1)?.id)
        page = { ...(await queryTasks(service, caller, { ...all, after, limit: LARGEST_PAGE })), total: 0 }
        pages.push(page)
      }
    }
    lanes.push({
      name,
      total: pages.reduce((sum, page) => sum + page.total, 0),
      tasks: pages.flatMap(({ tasks }) => tasks),
    })
  }
  return lanes
}
