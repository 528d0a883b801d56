import { expect, test } from 'vitest'
import { type BoardState, press, selectedTask } from '../../src/commands/board/state.ts'
import type { TaskLine } from '../../src/domain/task/read.ts'

const task = (id: string): TaskLine => ({
  id,
  title: id,
  repository: 'api',
  status: 'todo',
  ready: true,
  stale: false,
  priority: 0,
  complexity: 'medium',
  waitingOn: 0,
  revision: 1,
})

const BOARD: BoardState = {
  lanes: [
    { name: 'ready', tasks: [task('TASK-1'), task('TASK-2')], total: 2 },
    { name: 'done', tasks: [task('TASK-3')], total: 1 },
  ],
  lane: 0,
  row: 0,
  filter: {},
  prds: [1, 2],
  repositories: ['api', 'web'],
  runs: ['RUN-2', 'RUN-1'],
  open: undefined,
}

/** The board after these keys. */
function after(...keys: readonly string[]): BoardState {
  return keys.reduce<BoardState>((state, key) => press(state, key) ?? expect.unreachable(`${key} ended it`), BOARD)
}

test('the cursor moves over what is there and stays on it at every edge', () => {
  expect(selectedTask(after('down'))?.id).toBe('TASK-2')
  expect(selectedTask(after('j', 'j', 'j'))?.id).toBe('TASK-2')
  expect(selectedTask(after('down', 'right'))?.id).toBe('TASK-3')
  expect(selectedTask(after('up', 'left', 'h', 'k'))?.id).toBe('TASK-1')
})

test('p and r go through the PRDs and repositories, and back to all', () => {
  const prds = [1, 2, 3].map((times) => after(...Array<string>(times).fill('p')).filter.prd)
  const repositories = [1, 2, 3].map((times) => after(...Array<string>(times).fill('r')).filter.repository)
  expect(prds).toEqual([1, 2, undefined])
  expect(repositories).toEqual(['api', 'web', undefined])
})

test('v opens the newest run, then the one before it; without runs nothing', () => {
  expect(after('v').open).toEqual({ run: 'RUN-2' })
  expect(after('v', 'v').open).toEqual({ run: 'RUN-1' })
  expect(press({ ...BOARD, runs: [] }, 'v')?.open).toBeUndefined()
})

test('what is open is closed first; then q ends the board', () => {
  expect(after('return').open).toEqual({ task: 'TASK-1' })
  expect(after('return', 'return').open).toBeUndefined()
  expect(after('v', 'escape').open).toBeUndefined()
  expect(after('v', 'q').open).toBeUndefined()
  expect(after('return', 'p').filter.prd).toBeUndefined()
  expect(press(BOARD, 'q')).toBeUndefined()
})
