import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { render } from '../../src/commands/output/render.ts'
import { fromNow, type Screen } from '../../src/commands/output/screen.ts'

const NOW = Date.parse('2026-03-01T12:00:00.000Z')
const piped: Screen = { width: undefined, now: undefined, style: (_, text) => text }
const terminal = (width: number): Screen => ({ width, now: NOW, style: (_, text) => text })

const TASKS = [
  {
    id: 'TASK-1',
    title: 'x'.repeat(200),
    repository: 'api',
    prd: 'PRD-1',
    status: 'todo',
    ready: true,
    priority: 50,
    waiting_on: 0,
    revision: 1,
  },
  {
    id: 'TASK-22',
    title: '订单导出 🎉 and\tthe rest',
    repository: 'web',
    status: 'in_progress',
    ready: false,
    priority: 50,
    waiting_on: 2,
    holder: 'ann',
    revision: 3,
  },
]

describe('a table', () => {
  test.each([40, 60, 80, 100, 132, 200, 400])(
    'fits a terminal of %i columns, wide characters counted as two',
    (width) => {
      const lines = render({ tasks: TASKS }, terminal(width)).split('\n')
      for (const line of lines.filter((entry) => !entry.startsWith('Not shown')))
        expect(stringWidth(line), line).toBeLessThanOrEqual(width)
      expect(lines.join('\n')).toContain('TASK-22')
    },
  )

  test('leaves out what matters least where there is no room, and says so', () => {
    const text = render({ tasks: TASKS }, terminal(60))
    expect(text).toMatch(/Not shown, for want of room: .*revision/)
    expect(text).toMatch(/STATUS/)
    expect(render({ tasks: TASKS }, terminal(400))).not.toMatch(/Not shown/)
  })

  test('columns stand under each other whatever characters are in them', () => {
    const [, , head = '', first = '', second = ''] = render(
      {
        tasks: [
          { id: '日本', b: 'x' },
          { id: 'abcdef', b: 'y' },
        ],
      },
      terminal(80),
    ).split('\n')
    const at = (line: string, mark: string) => stringWidth(line.slice(0, line.indexOf(mark)))
    expect([at(head, 'B'), at(first, 'x'), at(second, 'y')]).toEqual([8, 8, 8])
  })

  test('is whole where a program reads it, a tab between two cells', () => {
    const lines = render({ total: 2, tasks: TASKS }, piped).split('\n')
    expect(lines.slice(0, 4)).toEqual([
      'total            2',
      '',
      'tasks',
      'ID\tTITLE\tREPOSITORY\tPRD\tSTATUS\tREADY\tPRIORITY\tWAITING ON\tREVISION\tHOLDER',
    ])
    expect(lines[4]?.split('\t')).toEqual([
      'TASK-1',
      'x'.repeat(200),
      'api',
      'PRD-1',
      'todo',
      'true',
      '50',
      '0',
      '1',
      '',
    ])
    expect(lines[5]?.split('\t')).toHaveLength(10)
    expect(lines[5]).toContain('🎉 and the rest')
  })
})

test('times are told from now on a terminal, and as they are to programs', () => {
  const answer = {
    lease: { token: 'x'.repeat(60), expires_at: '2026-03-01T12:29:30.000Z' },
    events: [{ at: '2026-03-01T11:57:00.000Z', type: 'a' }],
  }
  expect(render(answer, terminal(80))).toMatch(/in 29 minutes[\s\S]*3 minutes ago/)
  expect(render(answer, piped)).toMatch(/2026-03-01T12:29:30\.000Z[\s\S]*2026-03-01T11:57:00\.000Z/)
})

test.each([
  [0, 'just now'],
  [-59, 'just now'],
  [20, 'in a moment'],
  [-60, '1 minute ago'],
  [-3599, '59 minutes ago'],
  [-7200, '2 hours ago'],
  [-24 * 3600, '1 day ago'],
  [-15 * 24 * 3600, '2 weeks ago'],
  [-400 * 24 * 3600, '1 year ago'],
  [3 * 3600, 'in 3 hours'],
])('%i seconds from now: %s', (seconds, words) => {
  expect(fromNow(NOW + seconds * 1000, NOW)).toBe(words)
})

test('next steps stand on a line of their own, a report as the command that prints it', () => {
  const next = ['speki task claim TASK-1', 'Read speki://run/RUN-2/report', 'Ask a person: speki doctor']
  expect(render({ done: 1, next }, piped).split('\n')).toEqual([
    'done             1',
    'next             speki task claim TASK-1',
    '                 speki run report RUN-2',
    '                 Ask a person: speki doctor',
  ])
})

test('text of others cannot move the cursor or colour the terminal', () => {
  expect(
    render({ title: 'a\u001b[31mred\u001b]0;x\u0007\u0000b', rows: [{ a: '\u001b[2J' }, { a: 'x' }] }, terminal(80)),
  ).not.toMatch(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /[\u0000-\u0009\u000b-\u001f]/,
  )
})
