import { type AdversarialText, adversarialTexts } from './adversarial-texts.ts'
import type { Reading } from './readings.ts'

/** Characters of the texts that warm the compiler up, and of those by which all texts are ranked. */
const WARM = 1000
const RANKED = [4000, 16_000] as const
/** Characters of the texts that those which seem to grow fastest are looked at with; further pairs only in doubt. */
const PAIRS = [
  [16_000, 64_000],
  [32_000, 128_000],
  [64_000, 256_000],
] as const
const LARGEST = 256_000
/** Four times the text costs at most so many times the work: linear is about 4, quadratic 16. */
const MOST = 6
/** Milliseconds for the largest of these texts that need no ratio: were it quadratic, the largest text allowed would take a third of a second. */
const TINY = 20
/** Milliseconds from which neither clock nor machine explains a ratio, and larger texts need not be asked. */
const PLAIN = 500
const LOOKED_AT = 5
const ROUNDS = 3

/**
 * The first text with which a reading grows too fast, in words. Only work of this thread counts, which others on the
 * machine do not add to, and the least of several. A text fails if it grows too fast at every pair of sizes, which a
 * linear function does not, where a clock is coarse or the machine restless, and a quadratic one always does.
 */
export function growthFault(reading: Reading): string | undefined {
  for (const { make } of adversarialTexts) reading.read(make(WARM))
  const ranked = adversarialTexts.map((text) => {
    const [small, large] = RANKED.map((size) => workOf(reading, text.make(size)))
    return { text, excess: (large ?? 0) - 4 * (small ?? 0) }
  })
  ranked.sort((a, b) => b.excess - a.excess)
  for (const { text } of ranked.slice(0, LOOKED_AT)) {
    const fault = faultOf(reading, text)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultOf(reading: Reading, { name, make }: AdversarialText): string | undefined {
  const seen: string[] = []
  for (const [small, large] of PAIRS) {
    const texts = [make(small), make(large)] as const
    const least: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let round = 0; round < ROUNDS; round++) {
      for (const which of [0, 1] as const) least[which] = Math.min(least[which], workOf(reading, texts[which]))
      if (least[1] <= MOST * least[0] || (large === LARGEST && least[1] <= TINY)) return undefined
    }
    seen.push(`${small} characters ${Math.round(least[0])} ms, ${large} characters ${Math.round(least[1])} ms`)
    if (least[1] > PLAIN) break
  }
  return `${name}: ${seen.join('; ')}`
}

/** Milliseconds of processor time of this thread. */
function workOf({ read }: Reading, text: string): number {
  const before = process.threadCpuUsage()
  read(text)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
