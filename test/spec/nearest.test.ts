import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest, nearestFinder, partFinder } from '../../src/spec/nearest.ts'
import { runs } from '../property-runs.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 8 })
const words = fc.uniqueArray(word, { maxLength: 30 })

test('looking many words up guesses as looking up one does', () => {
  fc.assert(
    fc.property(words, words, (names, unknown) => {
      const find = nearestFinder(() => names)
      expect(unknown.map(find)).toEqual(unknown.map((each) => nearest(each, names)))
    }),
    { numRuns: runs(1000) },
  )
})

test('among hundreds of like names the one that is meant is found', () => {
  const names = Array.from({ length: 900 }, (_, at) => `list-of-orders-${at}`)
  const find = nearestFinder(() => names)
  expect(find('list-of-orders-77x')).toBe('list-of-orders-77')
  expect(find('list-of-ordrs-899')).toBe('list-of-orders-899')
})

test('a guess is left out, not made among some, where there are too many names and words', () => {
  const names = Array.from({ length: 9000 }, (_, at) => `list-of-orders-${at}`)
  const find = nearestFinder(() => names)
  const guesses = Array.from({ length: 3000 }, (_, at) => find(`list-of-ordrs-${at}`))
  expect(guesses[0]).toBe('list-of-orders-0')
  expect(guesses.at(-1)).toBeUndefined()
  for (const [at, guess] of guesses.entries()) expect([undefined, `list-of-orders-${at}`]).toContain(guess)
})

test('a part of one of many texts is found, and nothing else', () => {
  fc.assert(
    fc.property(words, words, (names, parts) => {
      const isPart = partFinder(() => names)
      expect(parts.map(isPart)).toEqual(parts.map((part) => names.some((name) => name.includes(part))))
    }),
    { numRuns: runs(1000) },
  )
})
