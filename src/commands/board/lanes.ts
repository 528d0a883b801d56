import type { Principal } from '../../../schemas/actor.ts'
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

export async function readLanes(service: Service, caller: Principal, filter: BoardFilter): Promise<readonly Lane[]> {
  const lanes: Lane[] = []
  for (const [name, queries] of LANES) {
    const pages = []
    for (const query of queries) pages.push(await queryTasks(service, caller, { ...filter, ...query, limit: PAGE }))
    lanes.push({
      name,
      total: pages.reduce((sum, page) => sum + page.total, 0),
      tasks: pages.flatMap(({ tasks }) => tasks),
    })
  }
  return lanes
}
