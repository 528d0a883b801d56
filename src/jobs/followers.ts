import { deliverAll, isDue, offerSubscribers } from '../events/deliver.ts'
import type { Subscriber } from '../events/subscriber.ts'
import { findFollower, freeFollowersOf, newestEvent } from '../store/followers.ts'
import type { Host, HostedWork } from './host.ts'

/**
 * Subscribers of the event log. Each is delivered to on its own, so that one that is slow holds up no other.
 *
 * @param random from 0 to 1, for the jitter of the waits
 */
export function hostFollowers(subscribers: readonly Subscriber[], random: () => number): HostedWork {
  const waiting = async ({ service }: Host): Promise<readonly Subscriber[]> =>
    await service.database.read(async (reader) => {
      const newest = await newestEvent(reader)
      const found: Subscriber[] = []
      for (const subscriber of subscribers) {
        const follower = await findFollower(reader, subscriber.name)
        if (follower !== undefined && isDue(follower, newest, service.now())) found.push(subscriber)
      }
      return found
    })
  return {
    prepare: async ({ service }) => await offerSubscribers(service, subscribers),
    async takeOver(tx, _, dead) {
      for (const { id } of dead) await freeFollowersOf(tx, id)
      return undefined
    },
    async look(host) {
      const due = subscribers.length === 0 ? [] : await waiting(host)
      for (const subscriber of due)
        host.begin(
          async (signal) => await deliverAll({ service: host.service, worker: host, random }, subscriber, signal),
        )
      // Whoever was begun takes it in a moment; until then it looks as if it were free.
      return false
    },
    isNeeded: async (host) => (await waiting(host)).length > 0,
  }
}
