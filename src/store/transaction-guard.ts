import { AsyncLocalStorage } from 'node:async_hooks'
import { SpekiError } from '../errors.ts'
import { logDuration } from '../log.ts'

/** Stands before the transactions of one database. */
export interface TransactionGuard {
  /**
   * Runs a transaction; one that is begun inside another would wait for itself, and is an error instead. It tells when it has
   * its turn, so that a long wait and long work are told apart in the log.
   */
  run<T>(kind: 'read' | 'write', transaction: (begun: () => void) => Promise<T>): Promise<T>
  /** From now on no transaction begins. Resolves when those that have begun are over, or have taken `patienceMs`. */
  close(patienceMs: number): Promise<void>
}

export function createTransactionGuard(): TransactionGuard {
  const running = new AsyncLocalStorage<{ open: boolean }>()
  const begun = new Set<Promise<unknown>>()
  let closed = false
  return {
    async run(kind, transaction) {
      if (closed) throw new SpekiError('internal', 'The database is closed already.')
      if (running.getStore()?.open)
        throw new SpekiError(
          'internal',
          'A transaction was begun inside another one; only the outer one may be awaited there.',
        )
      // What outlives the transaction, for example a timer it set, may begin one of its own.
      const state = { open: true }
      const asked = performance.now()
      let began: number | undefined
      const onBegun = (): void => {
        began = performance.now()
      }
      const result = running
        .run(state, async () => await transaction(onBegun))
        .finally(() => {
          state.open = false
          begun.delete(result)
          const ended = performance.now()
          // Without a turn all of it was waiting.
          logDuration(`transaction.${kind}`, ended - asked, { waited_ms: Math.round((began ?? ended) - asked) })
        })
      begun.add(result)
      return await result
    },
    async close(patienceMs) {
      closed = true
      const enough = Promise.withResolvers<void>()
      const timer = setTimeout(enough.resolve, patienceMs)
      await Promise.race([Promise.allSettled(begun), enough.promise])
      clearTimeout(timer)
    },
  }
}
