import { expect, test } from 'vitest'
import { createContest } from '../../src/execution/attempt/contest.ts'

/** What an attempt was told, in the order in which it was told. */
function enter(contest: ReturnType<typeof createContest>, told: string[]) {
  return (name: string, lines: number) => void contest.mayLand(lines).then((may) => told.push(`${name} ${may}`))
}
const settle = () => new Promise((done) => setImmediate(done))

test('alone, it may land at once', async () => {
  expect(await createContest(1).mayLand(100)).toBe(true)
})

test('the smaller waits for the larger, lands, and the larger is told', async () => {
  const contest = createContest(2)
  const told: string[] = []
  const ask = enter(contest, told)
  ask('small', 1)
  await settle()
  expect(told).toEqual([])
  ask('large', 9)
  await settle()
  expect(told).toEqual(['small true'])
  contest.end(true)
  await settle()
  expect(told).toEqual(['small true', 'large false'])
})

test('who fails gives way, and so does who was let and could not land', async () => {
  const contest = createContest(3)
  const told: string[] = []
  const ask = enter(contest, told)
  ask('small', 1)
  ask('large', 9)
  contest.end(false)
  await settle()
  expect(told).toEqual(['small true'])
  contest.end(false)
  await settle()
  expect(told).toEqual(['small true', 'large true'])
})

test('who comes back larger, after other work landed, waits behind the other', async () => {
  const contest = createContest(2)
  const told: string[] = []
  const ask = enter(contest, told)
  ask('small', 1)
  ask('large', 9)
  await settle()
  ask('grown', 20)
  await settle()
  expect(told).toEqual(['small true', 'large true'])
})

test('who has landed ends it for all that come later', async () => {
  const contest = createContest(2)
  contest.end(true)
  expect(await contest.mayLand(1)).toBe(false)
})
