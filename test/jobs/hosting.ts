import { onTestFinished } from 'vitest'
import { personPrincipal } from '../../src/domain/access/principals.ts'
import type { Service } from '../../src/domain/service.ts'
import { type HostedWork, runHost } from '../../src/jobs/host.ts'
import type { Database } from '../../src/store/database.ts'

export const ADA = personPrincipal('ada', 'test')

/** A clock that stands until it is moved. */
export function clock(now = 1_800_000_000_000): { now: () => number; forward(ms: number): void } {
  return {
    now: () => now,
    forward(ms) {
      now += ms
    },
  }
}

export const serviceOf = (database: Database, now: () => number = Date.now): Service => ({ database, now })

/** A host in this process, told to stop by the test or after it. */
export function startHost(
  service: Service,
  work: readonly HostedWork[],
): { stop(): void; readonly ended: Promise<void>; readonly said: string[] } {
  const stop = new AbortController()
  const said: string[] = []
  const options = { work, untilIdle: false, say: (text: string) => said.push(text) }
  const ended = runHost(service, options, stop.signal)
  // Whoever expects a rejection awaits `ended`.
  ended.catch(() => undefined)
  onTestFinished(async () => {
    stop.abort()
    await ended.catch(() => undefined)
  })
  return { stop: () => stop.abort(), ended, said }
}

/** A host that goes until nothing is left to do. */
export const hostUntilIdle = async (service: Service, work: readonly HostedWork[]): Promise<void> =>
  await runHost(service, { work, untilIdle: true, say: () => {} }, new AbortController().signal)

/** Something that a test opens once. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}
