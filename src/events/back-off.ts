import { inspect } from 'node:util'

const FIRST_MS = 1000
const LONGEST_MS = 10 * 60_000

/**
 * How long to wait after this many failures in a row: twice as long each time, up to ten minutes, of which a random half is
 * left out so that what failed together does not come again together.
 *
 * @param random from 0 to 1
 */
export function backOff(failures: number, random: () => number): number {
  const whole = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS)
  return Math.round(whole / 2 + (random() * whole) / 2)
}

const LONGEST_REASON = 1000

/** What is kept of whatever was thrown, as text that every engine stores: a failure that cannot be noted would end its host. */
export function reasonOf(thrown: unknown): string {
  const text =
    thrown instanceof Error ? String(thrown.message) : typeof thrown === 'object' ? inspect(thrown) : String(thrown)
  return text.replaceAll('\0', '').slice(0, LONGEST_REASON).toWellFormed()
}
