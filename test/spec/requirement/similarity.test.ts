import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COMPARED_WHOLE, diceOf, similarPairs, wordsOf } from '../../../src/spec/requirement/similarity.ts'
import { runs } from '../../property-runs.ts'

const texts = fc.array(
  fc.uniqueArray(fc.constantFrom(...'abcdefghijkl')).map((words) => new Set(words)),
  { maxLength: 40 },
)
const threshold = fc.constantFrom(0.5, 0.6, 0.7, 0.8, 0.85, 1)

function places(pairs: readonly { readonly left: number; readonly right: number }[]): readonly string[] {
  return pairs.map(({ left, right }) => `${left} ${right}`).sort()
}

function allPairs(left: readonly ReadonlySet<string>[], right: readonly ReadonlySet<string>[], least: number) {
  return left.flatMap((a, at) =>
    right.flatMap((b, other) => (a.size > 0 && diceOf(a, b) >= least ? [{ left: at, right: other }] : [])),
  )
}

test('the pairs are those that comparing each with each finds', () => {
  fc.assert(
    fc.property(texts, texts, threshold, (left, right, least) => {
      expect(places(similarPairs(left, right, least))).toEqual(places(allPairs(left, right, least)))
    }),
    { numRuns: runs(1000) },
  )
})

test('in one list each pair is there once, the earlier text first', () => {
  fc.assert(
    fc.property(texts, threshold, (list, least) => {
      const once = allPairs(list, list, least).filter(({ left, right }) => left < right)
      expect(places(similarPairs(list, list, least))).toEqual(places(once))
    }),
    { numRuns: runs(1000) },
  )
})

test('of hundreds of texts of one pattern each is compared with each', () => {
  const list = Array.from({ length: COMPARED_WHOLE }, (_, at) => wordsOf(`The api shall list order ${at} in a table`))
  expect(similarPairs(list, list, 0.6)).toHaveLength((COMPARED_WHOLE * (COMPARED_WHOLE - 1)) / 2)
})

test('of more, those that share what is rare in them are found all the same', () => {
  const list = Array.from({ length: COMPARED_WHOLE * 4 }, (_, at) =>
    wordsOf(`The api shall list order ${Math.floor(at / 2)} in a table`),
  )
  const found = new Set(places(similarPairs(list, list, 1)))
  expect(list.flatMap((_, at) => (at % 2 === 0 && !found.has(`${at} ${at + 1}`) ? [at] : []))).toEqual([])
})
