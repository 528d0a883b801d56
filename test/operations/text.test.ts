import { describe, expect, test } from 'vitest'
import { asIs, createCutter, excerpt } from '../../src/operations/text.ts'
import { step } from '../../src/step.ts'

const more = step('task_get', { task: 'TASK-1' })

test('what fits is as it was, and nothing is told', () => {
  const cut = createCutter()
  expect(cut.text('description', 'short', 5, more)).toBe('short')
  expect(cut.list('notes', [1, 2], { rows: 2, chars: 100 }, more, asIs)).toEqual([1, 2])
  expect(cut.cuts()).toEqual([])
})

test('a shortened text ends with a mark, and its length and the way on are told', () => {
  const cut = createCutter()
  expect(cut.text('description', 'a'.repeat(30), 10, (shown) => step('x', { from: shown }))).toBe(`${'a'.repeat(10)}…`)
  expect(cut.cuts()).toEqual([{ field: 'description', shown: 10, total: 30, readOn: step('x', { from: 10 }) }])
})

test('a text is never cut within a character', () => {
  expect(createCutter().text('t', '123😀5', 4, more)).toBe('123…')
  expect(excerpt('123😀5', 4)).toBe('123… (3 of 6 characters)')
})

test('rows that are shown sum up what was cut in them; rows that are not do not count', () => {
  const cut = createCutter()
  const rows = cut.list('rows', ['aaaa', 'bbbb', 'cccc'], { rows: 2 }, more, (text, part) =>
    part.text('text', text, 2, more),
  )
  expect(rows).toEqual(['aa…', 'bb…'])
  expect(cut.cuts()).toEqual([
    { field: 'rows.*.text', shown: 4, total: 8, readOn: more },
    { field: 'rows', shown: 2, total: 3, readOn: more },
  ])
})

test('a page shows at least one row; a list as many as it is told to', () => {
  const long = ['x'.repeat(100)]
  expect(createCutter().page('rows', long, 10, asIs)).toEqual(long)
  expect(createCutter().list('rows', long, { chars: 10, least: 0 }, more, asIs)).toEqual([])
})

test('where only the first were read, what there is beyond them counts', () => {
  const cut = createCutter()
  cut.list('unblocks', [1, 2], { total: 9 }, more, asIs)
  expect(cut.cuts()).toMatchObject([{ shown: 2, total: 9 }])
})

describe('whole', () => {
  test('nothing is left out, whatever the room', () => {
    const cut = createCutter(true)
    expect(cut.text('t', 'a'.repeat(30), 1, more)).toHaveLength(30)
    expect(cut.list('l', [1, 2, 3], { rows: 1, chars: 1 }, more, asIs)).toEqual([1, 2, 3])
    expect(cut.page('p', [1, 2, 3], 1, asIs)).toEqual([1, 2, 3])
    expect(cut.cuts()).toEqual([])
  })
})
