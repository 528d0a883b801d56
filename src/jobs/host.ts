import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemPrincipal } from '../domain/access/principals.ts'
import type { Service } from '../domain/service.ts'
import { beat, endDeadWorkers, joinWorker, leaveWorker, WORKER_LEASE_MS, type WorkerCaller } from '../domain/worker.ts'
import { createWakeUp } from '../events/wake-up.ts'
import { markGit } from '../git/git-mark.ts'
import { keepAwake } from '../process/keep-awake.ts'
import { awaitMarked } from '../process/marked.ts'
import { isAlive } from '../process/process-list.ts'
import type { Tx } from '../store/database.ts'
import type { Worker } from '../store/run/workers.ts'

/** A process that does what runs in the background, for as long as it gives a sign of life. */
export interface Host extends WorkerCaller {
  readonly service: Service
  /** Told what happens, for a log. */
  readonly say: (text: string) => void
  /**
   * Begins work that the host waits for before it ends. The signal aborts when the host is told to stop, and when it was taken
   * for dead; work that rejects ends the host, so what may fail is for the work itself to settle.
   */
  begin(work: (signal: AbortSignal) => Promise<void>): void
}

/** One kind of work that a host does. Everything it holds, it holds by the host's id: when the host dies, another takes it over. */
export interface HostedWork {
  /** Before the first look. */
  prepare?(host: Host, signal: AbortSignal): Promise<void>
  /** Takes what hosts that died held, in the transaction that ends them. What is returned clears up afterwards. */
  takeOver(
    tx: Tx,
    host: Host,
    dead: readonly Worker[],
    now: number,
  ): Promise<((signal: AbortSignal) => Promise<void>) | undefined>
  /** Begins what is ready. True where there was something; then the host looks again at once. */
  look(host: Host, signal: AbortSignal): Promise<boolean>
  /** Whether there is, or soon will be, something to do without a person. */
  isNeeded(host: Host): Promise<boolean>
}

export interface HostOptions {
  /** In the order in which the host looks at them. */
  readonly work: readonly HostedWork[]
  /** Ends when nothing is left to do. */
  readonly untilIdle: boolean
  readonly say: (text: string) => void
}

/** How often a host looks for work where nothing wakes it. */
const LOOK_MS = 1000

/** Hosts work until it is told to stop; what it has in hand then goes back. Several hosts share the work of a workspace. */
export async function runHost(service: Service, options: HostOptions, signal: AbortSignal): Promise<void> {
  const id = `worker-${randomUUID()}`
  await markGit(id, async () => await host(service, id, options, signal))
}

async function host(service: Service, id: string, options: HostOptions, signal: AbortSignal): Promise<void> {
  const { work, say } = options
  // A host that was taken for dead stops everything at once: its work belongs to somebody else.
  const lost = new AbortController()
  const stop = AbortSignal.any([signal, lost.signal])
  const hands = new Set<Promise<void>>()
  const wakeUp = createWakeUp(service.database)
  const self: Host = {
    id,
    ...systemPrincipal(`speki worker ${process.pid}`, id),
    service,
    say,
    begin(work) {
      const done = work(stop)
        .catch((error: unknown) => lost.abort(error))
        .finally(() => {
          hands.delete(done)
          wakeUp.wake()
        })
      hands.add(done)
    },
  }
  await joinWorker(service, self, hostname(), process.pid)
  const heart = setInterval(() => {
    beat(service, self).catch((error: unknown) => lost.abort(error))
  }, WORKER_LEASE_MS / 4)
  let sleep: (() => void) | undefined
  try {
    await takeOver(self, work, stop)
    for (const each of work) await each.prepare?.(self, stop)
    while (!stop.aborted) {
      await takeOver(self, work, stop)
      let moved = false
      for (const each of work) moved = (await each.look(self, stop)) || moved
      if (hands.size > 0) sleep ??= keepAwake()
      else sleep = void sleep?.()
      if (options.untilIdle && !moved && hands.size === 0 && !(await isNeeded(self, work))) break
      if (!moved) await wakeUp.wait(LOOK_MS, stop)
    }
  } catch (error) {
    // What is in hand must hear of it, or it is waited for in vain.
    lost.abort(error)
  } finally {
    await Promise.all(hands)
    clearInterval(heart)
    wakeUp.close()
    sleep?.()
    // One that ends in trouble may hold things yet: it counts as dead, and another takes them over.
    if (!lost.signal.aborted) await leaveWorker(service, self)
  }
  if (lost.signal.aborted) throw lost.signal.reason
}

/** Clears up after hosts that died, and finishes what they had as good as done. */
async function takeOver(self: Host, work: readonly HostedWork[], stop: AbortSignal): Promise<void> {
  const began = performance.now()
  const found = await endDeadWorkers(self.service, self, isGone, async (tx, dead, now) => {
    const after: ((signal: AbortSignal) => Promise<void>)[] = []
    for (const each of work) {
      const clear = await each.takeOver(tx, self, dead, now)
      if (clear !== undefined) after.push(clear)
    }
    return { dead, after }
  })
  if (found === undefined) return
  // What it was just telling a repository comes first: then nothing changes any more.
  for (const { id } of found.dead) await awaitMarked(id, stop)
  for (const clear of found.after) await clear(stop)
  const count = found.dead.length
  const took = Math.round(performance.now() - began)
  self.say(`cleared up after ${count} dead ${count === 1 ? 'worker' : 'workers'} in ${took} ms`)
}

/** Whether a worker of this machine is gone for sure. */
function isGone(other: { readonly host: string; readonly pid: number }): boolean {
  return other.host === hostname() && !isAlive(other.pid)
}

async function isNeeded(self: Host, work: readonly HostedWork[]): Promise<boolean> {
  for (const each of work) if (await each.isNeeded(self)) return true
  return false
}
