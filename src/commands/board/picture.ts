import stringWidth from 'string-width'
import { prdKey } from '../../../schemas/key.ts'
import type { TaskLine } from '../../domain/task/read.ts'
import { safe } from '../output/render.ts'
import type { Screen } from '../output/screen.ts'
import { cut } from '../output/table.ts'
import type { Lane } from './lanes.ts'
import type { BoardState } from './state.ts'

/** Narrower lanes cannot be read; those that do not fit stand aside until the cursor comes to them. */
const MIN_LANE = 18
const GAP = 2
/** Title, heads of the lanes with a line below, keys. */
const FRAME_LINES = 4
const CARD_LINES = 2

/** The board as so many lines of a terminal; `detail` lies over the lanes where something is open. */
export function boardPicture(
  state: BoardState,
  detail: string | undefined,
  screen: Screen & { readonly width: number; readonly height: number },
): readonly string[] {
  const { width, height, style } = screen
  const body = height - FRAME_LINES
  const inside = detail === undefined ? laneLines(state, { width, body, style }) : detail.split('\n').slice(0, body + 2)
  const padding = Array.from({ length: Math.max(0, body + 2 - inside.length) }, () => '')
  return [style('bold', cut(titleOf(state), width)), ...inside, ...padding, style('dim', cut(keysOf(state), width))]
}

function titleOf({ filter, lanes }: BoardState): string {
  const total = lanes.reduce((sum, lane) => sum + lane.total, 0)
  const filters = [
    ...(filter.prd === undefined ? [] : [prdKey(filter.prd)]),
    ...(filter.repository === undefined ? [] : [filter.repository]),
  ]
  return `SPEKI  ${filters.length === 0 ? 'all work' : filters.join(', ')}  ${total} tasks`
}

function keysOf({ open }: BoardState): string {
  return open === undefined
    ? 'arrows move · enter opens · v run · p PRD · r repository · q quits'
    : 'v next run · q, esc back'
}

interface Place {
  readonly width: number
  readonly body: number
  readonly style: Screen['style']
}

function laneLines(state: BoardState, { width, body, style }: Place): readonly string[] {
  const count = Math.max(1, Math.min(state.lanes.length, Math.floor((width + GAP) / (MIN_LANE + GAP))))
  const first = Math.max(0, Math.min(state.lane - Math.floor(count / 2), state.lanes.length - count))
  const laneWidth = Math.floor((width - GAP * (count - 1)) / count)
  const columns = state.lanes.slice(first, first + count).map((lane, index) => {
    const selected = first + index === state.lane ? state.row : undefined
    return columnOf(lane, selected, { width: laneWidth, body, style })
  })
  return Array.from({ length: body + 2 }, (_, line) =>
    columns
      .map((column) => column[line] ?? ' '.repeat(laneWidth))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

function columnOf(lane: Lane, selected: number | undefined, { width, body, style }: Place): readonly string[] {
  const room = Math.max(1, Math.floor(body / CARD_LINES))
  const unread = lane.total - lane.tasks.length
  // Below the last card that was read stands how many follow, where two cards have room.
  const below = unread > 0 && room > 1 && selected === lane.tasks.length - 1 ? 1 : 0
  const first = Math.max(0, (selected ?? 0) + below - room + 1)
  const rest = unread > 0 && first + room > lane.tasks.length ? [fill(`… ${unread} more`, width)] : []
  const cards = lane.tasks
    .slice(first, first + room)
    .flatMap((task, index) =>
      cardOf(task, width).map((line) => (first + index === selected ? style('inverse', line) : line)),
    )
  const head = fill(`${lane.name} ${lane.total}`, width)
  return [
    style(['bold', colourOf(lane.name)], head),
    style('dim', '─'.repeat(width)),
    ...cards,
    ...rest.map((line) => style('dim', line)),
  ]
}

function cardOf(task: TaskLine, width: number): readonly string[] {
  const marks = [task.repository, task.holder, task.stale ? 'stale' : undefined].filter((mark) => mark !== undefined)
  return [
    fill(safe(`${task.id} ${marks.join(' ')}`), width),
    fill(`  ${safe(task.title).replaceAll('\n', ' ')}`, width),
  ]
}

function colourOf(lane: string): 'green' | 'red' | 'yellow' | 'cyan' | 'gray' {
  if (lane === 'Ready') return 'cyan'
  if (lane === 'Stuck') return 'red'
  if (lane === 'Done') return 'green'
  return lane === 'Waiting' ? 'gray' : 'yellow'
}

function fill(text: string, width: number): string {
  const shown = cut(text, width)
  return shown + ' '.repeat(Math.max(0, width - stringWidth(shown)))
}
