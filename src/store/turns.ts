import { SpekiError } from '../errors.ts'

/** How long a transaction waits for its turn, in this process and among the others together, in milliseconds. */
export const PATIENCE_MS = 15_000

export function busy(cause?: unknown): SpekiError {
  return new SpekiError('timeout', 'The database was busy for 15 seconds; nothing was changed.', {
    hint: 'Another transaction holds it. Repeat the call.',
    cause,
  })
}

/** Lets callers through one at a time, in order of arrival. */
export interface Turns {
  /** Resolves with the function that ends the turn; rejects with `timeout` where it did not come within `patienceMs`. */
  take(patienceMs: number): Promise<() => void>
}

export function createTurns(): Turns {
  let taken = false
  const waiting = new Set<() => void>()
  const end = (): void => {
    const [next] = waiting
    if (next === undefined) taken = false
    else next()
  }
  return {
    take: async (patienceMs) => {
      if (!taken) {
        taken = true
        return end
      }
      return await new Promise((resolve, reject) => {
        const enter = (): void => {
          clearTimeout(timer)
          waiting.delete(enter)
          resolve(end)
        }
        const timer = setTimeout(() => {
          waiting.delete(enter)
          reject(busy())
        }, patienceMs)
        waiting.add(enter)
      })
    },
  }
}
