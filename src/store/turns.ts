import { AsyncLocalStorage } from 'node:async_hooks'
import { SpekiError } from '../errors.ts'
import { currentRequest } from '../request.ts'

/** How long a transaction waits for its turn, in this process and among the others together, in milliseconds. */
export const PATIENCE_MS = 15_000

/** How long the transaction that is begun here may wait, where that is not `PATIENCE_MS`. */
const patience = new AsyncLocalStorage<number>()

export function currentPatience(): number {
  return patience.getStore() ?? PATIENCE_MS
}

export async function withPatience<T>(ms: number, work: () => Promise<T>): Promise<T> {
  return await patience.run(ms, work)
}

/** @param writer who holds it, as half a sentence: `process 12 (speki) writes since …` */
export function busy(writer?: string, cause?: unknown): SpekiError {
  const seconds = Math.round(currentPatience() / 1000)
  const who = writer === undefined ? '' : `: ${writer}`
  return new SpekiError('timeout', `The database was busy for ${seconds} seconds${who}. Nothing was changed.`, {
    hint:
      writer === undefined
        ? 'Another transaction holds it. Repeat the call.'
        : 'Repeat the call; if that goes on, look at what that process does. Reading works meanwhile.',
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
  let holder = { who: '', since: 0 }
  const waiting = new Set<() => void>()
  const end = (): void => {
    const [next] = waiting
    if (next === undefined) taken = false
    else next()
  }
  return {
    take: async (patienceMs) => {
      const { operation, actor } = currentRequest() ?? { operation: 'work in the background', actor: 'speki' }
      const hold = (): void => {
        taken = true
        holder = { who: `${operation} of ${actor}`, since: performance.now() }
      }
      if (!taken) {
        hold()
        return end
      }
      return await new Promise((resolve, reject) => {
        const enter = (): void => {
          clearTimeout(timer)
          waiting.delete(enter)
          hold()
          resolve(end)
        }
        const timer = setTimeout(() => {
          waiting.delete(enter)
          reject(
            busy(
              `this process (${process.pid}) writes since ${Math.round((performance.now() - holder.since) / 1000)} s, for ${holder.who}`,
            ),
          )
        }, patienceMs)
        waiting.add(enter)
      })
    },
  }
}
