import { expect, test } from 'vitest'
import { type AdversarialText, adversarialTexts } from './adversarial-texts.ts'
import { type Reading, readings } from './readings.ts'

/** Characters of the texts that all are read with, and of those that the slowest are looked at with again. */
const SIZE = 48_000
const PAIRS = [
  [16_000, 64_000],
  [32_000, 128_000],
  [64_000, 256_000],
] as const
/** Four times the text costs at most so many times the work: linear is about 4, quadratic 16. */
const MOST = 6
/** What grows too fast is among the slowest of so many texts, unless all grow so; then the one in the middle does. */
const LOOKED_AT = 6

test('there are at least 200 texts', () => {
  expect(adversarialTexts.length).toBeGreaterThanOrEqual(200)
})

/**
 * Counts the work of this thread alone, which others on the machine do not add to, and takes the least of three. Where
 * a clock is too coarse or the machine too restless, only larger texts tell: a text fails if it grows too fast at every
 * pair of sizes, which a linear function does not and a quadratic one always does.
 */
test.each(readings)('$name: four times the text costs at most six times the work', { timeout: 600_000 }, (reading) => {
  const costs = adversarialTexts.map((text) => ({ text, cost: workOf(reading, text.make(SIZE)) }))
  const slowest = costs.toSorted((a, b) => b.cost - a.cost).map(({ text }) => text)
  const looked = [...slowest.slice(0, LOOKED_AT), ...slowest.slice(slowest.length / 2, slowest.length / 2 + 1)]
  const faults = looked.flatMap((text) => growthOf(reading, text))
  expect(faults).toEqual([])
})

/** What is wrong with the growth, in words; nothing where it is as it should be. */
function growthOf(reading: Reading, { name, make }: AdversarialText): readonly string[] {
  const seen: string[] = []
  for (const [small, large] of PAIRS) {
    const texts = [make(small), make(large)] as const
    const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number]
    for (let round = 0; round < 3; round++)
      for (const which of [0, 1] as const) least[which] = Math.min(least[which], workOf(reading, texts[which]))
    if (least[1] <= MOST * least[0]) return []
    seen.push(`${small} characters ${Math.round(least[0])} ms, ${large} characters ${Math.round(least[1])} ms`)
  }
  return [`${name}: ${seen.join('; ')}`]
}

/** Milliseconds of processor time. */
function workOf({ read }: Reading, text: string): number {
  const before = process.threadCpuUsage()
  read(text)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
