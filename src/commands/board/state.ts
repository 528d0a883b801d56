import type { TaskLine } from '../../domain/task/read.ts'
import type { BoardFilter, Lane } from './lanes.ts'

/** What the board shows and where its cursor is. */
export interface BoardState {
  readonly lanes: readonly Lane[]
  /** Of the cursor; may lie outside after the lanes changed, see `settled`. */
  readonly lane: number
  readonly row: number
  readonly filter: BoardFilter
  /** What the filters can be set to. */
  readonly prds: readonly number[]
  readonly repositories: readonly string[]
  /** Runs, the newest first. */
  readonly runs: readonly string[]
  /** What lies over the lanes. */
  readonly open: { readonly task: string } | { readonly run: string } | undefined
}

export function selectedTask({ lanes, lane, row }: BoardState): TaskLine | undefined {
  return lanes[lane]?.tasks[row]
}

/** The cursor on a task again after the board changed: on the same one if it is there, else near by. */
export function settled(state: BoardState, before?: string): BoardState {
  for (const [lane, { tasks }] of state.lanes.entries()) {
    const row = before === undefined ? -1 : tasks.findIndex(({ id }) => id === before)
    if (row >= 0) return { ...state, lane, row }
  }
  const lane = clamp(state.lane, state.lanes.length)
  return { ...state, lane, row: clamp(state.row, state.lanes[lane]?.tasks.length ?? 0) }
}

/** What a key does; undefined ends the board. */
export function press(state: BoardState, key: string): BoardState | undefined {
  if (key === 'q') return state.open === undefined ? undefined : { ...state, open: undefined }
  if (key === 'escape' || key === 'backspace') return { ...state, open: undefined }
  if (key === 'v') return { ...state, open: nextRun(state) }
  if (state.open !== undefined) return key === 'return' ? { ...state, open: undefined } : state
  switch (key) {
    case 'left':
    case 'h':
      return sideways(state, -1)
    case 'right':
    case 'l':
      return sideways(state, 1)
    case 'up':
    case 'k':
      return settled({ ...state, row: state.row - 1 })
    case 'down':
    case 'j':
      return settled({ ...state, row: state.row + 1 })
    case 'return': {
      const task = selectedTask(state)
      return task === undefined ? state : { ...state, open: { task: task.id } }
    }
    case 'p':
      return { ...state, filter: { ...state.filter, prd: following(state.prds, state.filter.prd) } }
    case 'r':
      return {
        ...state,
        filter: { ...state.filter, repository: following(state.repositories, state.filter.repository) },
      }
    default:
      return state
  }
}

/** The next lane that holds something. */
function sideways(state: BoardState, step: 1 | -1): BoardState {
  for (let lane = state.lane + step; lane >= 0 && lane < state.lanes.length; lane += step)
    if ((state.lanes[lane]?.tasks.length ?? 0) > 0) return settled({ ...state, lane })
  return state
}

/** From run to run, then none. */
function nextRun({ open, runs }: BoardState): BoardState['open'] {
  const run = following(runs, open !== undefined && 'run' in open ? open.run : undefined)
  return run === undefined ? undefined : { run }
}

/** The entry behind this one; undefined behind the last and where there are none. */
function following<T>(entries: readonly T[], current: T | undefined): T | undefined {
  return entries[current === undefined ? 0 : entries.indexOf(current) + 1]
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(index, length - 1))
}
