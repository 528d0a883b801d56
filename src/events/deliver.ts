import type { LoggedEvent } from '../../schemas/event.ts'
import type { Service } from '../domain/service.ts'
import { holdWorker, type WorkerCaller } from '../domain/worker.ts'
import { SpekiError } from '../errors.ts'
import type { Tx } from '../store/database.ts'
import { listEvents } from '../store/events.ts'
import {
  type FollowerRecord,
  insertDeadEvent,
  newestEvent,
  nextEvent,
  offerFollower,
  takeFollower,
  updateHeldFollower,
} from '../store/followers.ts'
import { backOff, reasonOf } from './back-off.ts'
import type { Subscriber } from './subscriber.ts'

/** Events handed over at once, and so the most that is in memory for a subscriber. */
export const BATCH = 100

/** What delivery needs beside the subscriber. */
export interface Delivery {
  readonly service: Service
  readonly worker: WorkerCaller
  /** From 0 to 1, for the jitter. */
  readonly random: () => number
}

/** Enters subscribers that are new. */
export async function offerSubscribers(service: Service, subscribers: readonly Subscriber[]): Promise<void> {
  if (subscribers.length === 0) return
  await service.database.write(async (tx) => {
    const newest = await newestEvent(tx)
    for (const { name, from } of subscribers)
      await offerFollower(tx, name, from === 'first' ? 0 : newest, service.now())
  })
}

/** Whether there is anything to do for a subscriber now. */
export function isDue(follower: FollowerRecord, newest: number, now: number): boolean {
  return (
    follower.state === 'following' &&
    follower.holder === undefined &&
    follower.lastEvent < newest &&
    (follower.retryAt ?? 0) <= now
  )
}

/**
 * Takes a subscriber, hands it every event there is, and gives it back. Returns where another has it, where it stopped, and
 * where it failed and must wait. Throws where the worker was taken for dead: what it did since does not count.
 */
export async function deliverAll(delivery: Delivery, subscriber: Subscriber, signal: AbortSignal): Promise<void> {
  const { service, worker } = delivery
  const held = await service.database.write(async (tx) => {
    await holdWorker(tx, worker, service.now())
    return await takeFollower(tx, subscriber.name, worker.id)
  })
  if (held === undefined) return
  let position: Position = {
    after: held.lastEvent,
    failures: held.failures,
    // What failed goes alone, so that it is known which it was.
    size: held.failures > 0 ? 1 : BATCH,
  }
  for (let next: Position | undefined = position; next !== undefined && !signal.aborted; ) {
    position = next
    next = await step(delivery, subscriber, held, position, signal)
  }
  await changeHeld(service, worker, held, { holder: null })
}

interface Position {
  /** Id of the event handled last. */
  readonly after: number
  readonly failures: number
  /** How many events go together. */
  readonly size: number
}

/** One batch. Undefined where there is none, or nothing more for now. */
async function step(
  delivery: Delivery,
  subscriber: Subscriber,
  held: FollowerRecord,
  position: Position,
  signal: AbortSignal,
): Promise<Position | undefined> {
  const { service, worker } = delivery
  let events: readonly LoggedEvent[] = []
  try {
    events = await service.database.read((reader) =>
      listEvents(reader, {}, { cursor: position.after, limit: position.size, newestFirst: false }),
    )
    const last = events.at(-1)
    if (last === undefined) return undefined
    const moved = { last_event: last.id, failures: 0, retry_at: null, error: null }
    if ('handle' in subscriber)
      await changeHeld(service, worker, held, moved, async (tx, now) => await subscriber.handle(tx, events, now))
    else {
      await subscriber.deliver(events, signal)
      await changeHeld(service, worker, held, moved)
    }
    return { after: last.id, failures: 0, size: Math.min(position.size * 2, BATCH) }
  } catch (error) {
    // It was stopped, so it did not fail; the events come again.
    if (signal.aborted) return undefined
    // A host that lost the subscriber delivers no more.
    await changeHeld(service, worker, held, {})
    // One that cannot even be read is in the way as well.
    if (position.size > 1) return { ...position, size: 1 }
    return await fail(delivery, subscriber, held, position, error)
  }
}

/** Notes that the event after the position failed; what follows is a later try, the next event, or nothing. */
async function fail(
  { service, worker, random }: Delivery,
  subscriber: Subscriber,
  held: FollowerRecord,
  position: Position,
  error: unknown,
): Promise<Position | undefined> {
  const reason = reasonOf(error)
  const event = await service.database.read((reader) => nextEvent(reader, position.after))
  // Then the database failed, not an event.
  if (event === undefined) throw error
  const failures = position.failures + 1
  if (failures < subscriber.attempts) {
    const retryAt = service.now() + backOff(failures, random)
    await changeHeld(service, worker, held, { failures, retry_at: retryAt, error: reason })
    return undefined
  }
  if (subscriber.poison === 'stop') {
    await changeHeld(service, worker, held, { state: 'stopped', failures, retry_at: null, error: reason })
    return undefined
  }
  const passed = { last_event: event, failures: 0, retry_at: null, error: null }
  await changeHeld(service, worker, held, passed, async (tx, now) => {
    await insertDeadEvent(tx, { follower: held.name, event, error: reason, at: now })
  })
  return { after: event, failures: 0, size: 1 }
}

/** Changes the row of a subscriber that is still ours, after `work` in the same transaction; throws, and nothing is changed, where it is not. */
async function changeHeld(
  service: Service,
  worker: WorkerCaller,
  held: FollowerRecord,
  columns: Parameters<typeof updateHeldFollower>[2],
  work?: (tx: Tx, now: number) => Promise<void>,
): Promise<void> {
  await service.database.write(async (tx) => {
    const now = service.now()
    await holdWorker(tx, worker, now)
    const ours = await updateHeldFollower(tx, { ...held, holder: worker.id }, { ...columns, updated_at: now })
    if (!ours)
      throw new SpekiError('conflict', `${held.name} is followed by another host now; nothing was changed.`, {
        hint: 'Start another: speki worker.',
      })
    await work?.(tx, now)
  })
}
