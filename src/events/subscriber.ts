import type { LoggedEvent } from '../../schemas/event.ts'
import type { Tx } from '../store/database.ts'

/**
 * Somebody who follows the event log: gets every event, in order, at least once, on one host at a time. A cursor in the
 * database says how far it is; under another name it is another subscriber. It reads events by `knownEvent`: another version
 * may have written them.
 */
export type Subscriber = {
  readonly name: string
  /** Where a subscriber begins that is new: with the first event there is, or with the next one. */
  readonly from: 'first' | 'next'
  /** Failures in a row at one event after which that event is poison. */
  readonly attempts: number
  /** What becomes of a poison event: it is kept aside and the subscriber goes on, or the subscriber waits for a person. */
  readonly poison: 'set_aside' | 'stop'
} & (
  | {
      /**
       * Changes rows, in the transaction that moves the cursor: its effects come exactly once. Writers wait meanwhile, so it
       * may await nothing but the transaction.
       */
      readonly handle: (tx: Tx, events: readonly LoggedEvent[], now: number) => Promise<void>
    }
  | {
      /**
       * Has effects outside of the database. It may see events again: those of a host that was killed before the cursor
       * moved, and those of a batch of which another event failed.
       */
      readonly deliver: (events: readonly LoggedEvent[], signal: AbortSignal) => Promise<void>
    }
)
