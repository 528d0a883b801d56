import { AsyncLocalStorage } from 'node:async_hooks'
import { SpekiError } from '../errors.ts'

/** Stands before the transactions of one database. */
export interface TransactionGuard {
  /** Runs a transaction; one that is begun inside another would wait for itself, and is an error instead. */
  run<T>(transaction: () => Promise<T>): Promise<T>
  /** From now on no transaction begins. Resolves when those that have begun are over, or have taken `patienceMs`. */
  close(patienceMs: number): Promise<void>
}

export function createTransactionGuard(): TransactionGuard {
  const running = new AsyncLocalStorage<{ open: boolean }>()
  const begun = new Set<Promise<unknown>>()
  let closed = false
  return {
    async run(transaction) {
      if (closed) throw new SpekiError('internal', 'The database is closed already.')
      if (running.getStore()?.open)
        throw new SpekiError(
          'internal',
          'A transaction was begun inside another one; only the outer one may be awaited there.',
        )
      // What outlives the transaction, for example a timer it set, may begin one of its own.
      const state = { open: true }
      const result = running.run(state, transaction).finally(() => {
        state.open = false
        begun.delete(result)
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
