import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../store/database.ts'
import { newestEvent } from '../store/followers.ts'
import { newestJob } from '../store/jobs.ts'

/** Wakes a loop that looks for work when the log or the queue has grown. Only sooner than the loop would look by itself. */
export interface WakeUp {
  /** Resolves when something was appended since the last call, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  wake(): void
  close(): void
}

export function createWakeUp(database: Database): WakeUp {
  let seen: string | undefined
  let grown = false
  let waiter: AbortController | undefined
  let looking = false
  const wake = () => {
    grown = true
    waiter?.abort()
  }
  let again = false
  // Most commits, a sign of life for one, append nothing: whoever woke by each of them would wake by its own.
  const look = async () => {
    do {
      again = false
      const position = await database.read(async (reader) => `${await newestEvent(reader)} ${await newestJob(reader)}`)
      if (position === seen) continue
      seen = position
      wake()
    } while (again)
  }
  const stop = database.watch(() => {
    again = true
    // A database that cannot be read is met by the loop itself when it looks.
    if (looking) return
    looking = true
    look()
      .catch(() => undefined)
      .finally(() => {
        looking = false
      })
  })
  return {
    async wait(ms, signal) {
      if (!grown) {
        waiter = new AbortController()
        // Rejects where it is woken, and for nothing else.
        await pause(ms, undefined, { signal: AbortSignal.any([signal, waiter.signal]) }).catch(() => undefined)
        waiter = undefined
      }
      grown = false
    },
    wake,
    close() {
      stop()
      waiter?.abort()
    },
  }
}
