import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { boardPicture } from '../../src/commands/board/picture.ts'
import type { BoardState } from '../../src/commands/board/state.ts'
import type { TaskLine } from '../../src/domain/task/read.ts'

const task = (number: number, title: string): TaskLine => ({
  ...{ id: `TASK-${number}`, title, repository: 'api', status: 'todo', ready: true, stale: false },
  ...{ priority: 0, complexity: 'medium', waitingOn: 0, revision: 1 },
})

const TITLES = [
  'Place an order and answer 201 within two seconds',
  '注文を保存して番号を表示する長い題名のタスク',
  '🚀 Ship it 👩‍👩‍👧‍👦 to every family in the whole country',
  'Zażółć gęślą jaźń e\u0301e\u0301e\u0301 and more of it until the lane ends',
  'two\nlines \u001b[31mred\u001b[0m',
]

const BOARD: BoardState = {
  lanes: ['Ready', 'Waiting', 'In progress', 'In review', 'Stuck', 'Done'].map((name) => ({
    ...{ name, total: 120, tasks: TITLES.map((title, index) => task(index + 1, title)) },
  })),
  ...{ lane: 0, row: 0, filter: {}, prds: [], repositories: [], runs: [], open: undefined },
}

const plain = (_: unknown, text: string) => text
const screen = (width: number, height = 20) => ({ width, height, now: undefined, style: plain })

describe.each([20, 40, 41, 80, 200])('a board of %i columns', (width) => {
  test('has a line for each of the terminal, none wider than it, and no colour where none is wanted', () => {
    for (const lane of [0, 3, 5]) {
      const lines = boardPicture({ ...BOARD, lane }, undefined, screen(width))
      expect(lines).toHaveLength(20)
      for (const line of lines) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(width)
        expect(line).not.toMatch(/\p{Cc}/u)
      }
    }
  })

  test('shows the lane of the cursor', () => {
    for (const [lane, { name }] of BOARD.lanes.entries())
      expect(boardPicture({ ...BOARD, lane }, undefined, screen(width)).join('\n')).toContain(`${name} 120`.slice(0, 9))
  })
})

test('lanes stand in columns, whatever letters the cards have', () => {
  const [, head = '', ...cards] = boardPicture(BOARD, undefined, screen(80))
  const second = stringWidth(head.slice(0, head.indexOf('Waiting')))
  for (const line of cards.slice(1, 11)) expect(stringWidth(columns(line, second)), line).toBe(second)
})

/** The beginning of a line that fills so many columns; a letter of two that would stick out is left out. */
function columns(line: string, width: number): string {
  let text = ''
  for (const { segment } of new Intl.Segmenter().segment(line.padEnd(width)))
    if (stringWidth(text + segment) <= width) text += segment
    else break
  return text
}

test('behind the last card that was read stands how many follow, and the cursor stays in sight', () => {
  const last = { ...BOARD, row: TITLES.length - 1 }
  for (const height of [8, 9, 12, 30]) {
    const lines = boardPicture(last, undefined, screen(40, height))
    expect(lines).toHaveLength(height)
    expect(lines.join('\n')).toContain('… 115 more')
    expect(lines.join('\n')).toContain('TASK-5')
  }
  expect(boardPicture(BOARD, undefined, screen(40, 8)).join('\n')).not.toContain('more')
})

test('what is open lies over the lanes and ends with the terminal', () => {
  const open = { ...BOARD, open: { task: 'TASK-1' } }
  const lines = boardPicture(open, Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n'), screen(40, 10))
  expect(lines).toHaveLength(10)
  expect(lines.slice(1, 4)).toEqual(['line 0', 'line 1', 'line 2'])
})
