import { setTimeout as pause } from 'node:timers/promises'
import { ifAborted } from '../expected.ts'
import { log } from '../log.ts'
import type { Database } from '../store/database.ts'
import { newestEvent } from '../store/followers.ts'
import { newestJob } from '../store/jobs.ts'
import { reasonOf } from './back-off.ts'

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
  let closed = false
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
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => {
        // One that was closed meanwhile is no trouble; what else there is, the loop meets itself when it looks.
        if (!closed) log('warn', 'wake_up.look_failed', { error: reasonOf(error) })
      })
      .finally(() => {
        looking = false
      })
  })
  return {
    async wait(ms, signal) {
      if (!grown) {
        waiter = new AbortController()
        await pause(ms, undefined, { signal: AbortSignal.any([signal, waiter.signal]) }).catch(ifAborted)
        waiter = undefined
      }
      grown = false
    },
    wake,
    close() {
      closed = true
      stop()
      waiter?.abort()
    },
  }
}
