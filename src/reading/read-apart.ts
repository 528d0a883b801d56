import { AsyncLocalStorage } from 'node:async_hooks'
import { extname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type ErrorData, SpekiError } from '../errors.ts'

/** Characters from which a text is read in a thread of its own. Shorter ones take some tens of milliseconds, and a thread has to start. */
const LARGE = 100_000
/** So often work begins anew for a text; what it asks for then is read where it is, or work that asks for another each time would never end. */
const MAX_ROUNDS = 8

/** A reading of texts that may take long. Input and result are data that threads can hand over. */
export interface ApartReading<Input, Result> {
  readonly name: string
  readonly read: (input: Input) => Result
  /** Leaves the thread that answers calls alone where the text is large. */
  readonly ahead: (input: Input) => Promise<Result>
  /** For transactions, in which nothing else may be awaited: inside `untilRead` a large text is read apart, and the work begins anew. */
  readonly now: (input: Input) => Result
  /** Asks for all at once that `now` will be asked for one by one, so that the work begins anew but once. */
  readonly expect: (inputs: readonly Input[]) => void
}

/** What the thread of a reading hands back. */
export type ThreadResult<Result> = { readonly value: Result } | { readonly refused: ErrorData }

/** What was read for one call, kept until it is answered. */
interface Scope {
  readonly known: { readonly name: string; readonly input: unknown; readonly result: unknown }[]
  readonly signal: AbortSignal | undefined
  /** Whether `now` may ask for a text to be read apart. */
  readonly mayBeginAnew: boolean
}

const current = new AsyncLocalStorage<Scope>()

/** Ends work that needs a large text; what it has written is rolled back. */
class Unread extends Error {
  readonly ahead: () => Promise<void>

  constructor(name: string, ahead: () => Promise<void>) {
    super(`A large text has to be read first (${name}).`)
    this.ahead = ahead
  }
}

/** Keeps what `work` reads until it is over, and reads no more once `signal` says that nobody waits for it. */
export async function withReadings<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return await current.run({ known: [], signal, mayBeginAnew: false }, work)
}

/** Runs a transaction. Where it needs a large text read it is rolled back, the text read in a thread, and the transaction begun anew. */
export async function untilRead<T>(transaction: () => Promise<T>): Promise<T> {
  const scope = current.getStore() ?? { known: [], signal: undefined, mayBeginAnew: false }
  for (let round = 1; ; round++) {
    try {
      return await current.run({ ...scope, mayBeginAnew: round < MAX_ROUNDS }, transaction)
    } catch (error) {
      if (!(error instanceof Unread)) throw error
      await current.run(scope, error.ahead)
    }
  }
}

/** @param charactersOf how much there is to read; that of `text` where nothing else is said */
export function apart<Input extends object, Result>(
  name: string,
  read: (input: Input) => Result,
  charactersOf: (input: Input) => number = textLength,
): ApartReading<Input, Result> {
  const find = (input: Input): { readonly result: Result } | undefined => {
    const known = current
      .getStore()
      ?.known.find((entry) => entry.name === name && isDeepStrictEqual(entry.input, input))
    // Stored below under this name, and each reading has its own.
    return known === undefined ? undefined : { result: known.result as Result }
  }
  const isLarge = (input: Input): boolean => charactersOf(input) >= LARGE
  const ahead = async (input: Input): Promise<Result> => {
    const scope = current.getStore()
    scope?.signal?.throwIfAborted()
    if (!isLarge(input)) return read(input)
    const known = find(input)
    if (known !== undefined) return known.result
    const result = await inThread<Result>({ name, input }, scope?.signal)
    scope?.known.push({ name, input, result })
    return result
  }
  const expect = (inputs: readonly Input[]): void => {
    if (current.getStore()?.mayBeginAnew !== true) return
    const unread = inputs.filter((input) => isLarge(input) && find(input) === undefined)
    if (unread.length === 0) return
    throw new Unread(name, async () => {
      for (const input of unread) await ahead(input)
    })
  }
  return {
    name,
    read,
    ahead,
    expect,
    now(input) {
      if (!isLarge(input)) return read(input)
      expect([input])
      return find(input)?.result ?? read(input)
    },
  }
}

function textLength(input: object): number {
  return 'text' in input && typeof input.text === 'string' ? input.text.length : 0
}

/** @template Result what the reading of this name returns */
async function inThread<Result>(
  job: { readonly name: string; readonly input: unknown },
  signal: AbortSignal | undefined,
): Promise<Result> {
  // Above the folder of this file: as source here, as an entry of its own above the chunks in dist.
  const program = new URL(`../reading-thread${extname(import.meta.url)}`, import.meta.url)
  const thread = new Worker(program, { workerData: job })
  const ended = Promise.withResolvers<ThreadResult<Result>>()
  const stop = (): void => ended.reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  thread.once('message', (result: ThreadResult<Result>) => ended.resolve(result))
  thread.once('error', ended.reject)
  thread.once('exit', (code) =>
    ended.reject(
      new SpekiError('internal', `The thread that reads a text ended with ${code} and no result.`, {
        hint: 'Nothing was changed. Call again.',
      }),
    ),
  )
  try {
    const result = await ended.promise
    if ('refused' in result) throw SpekiError.fromData(result.refused)
    return result.value
  } finally {
    signal?.removeEventListener('abort', stop)
    await thread.terminate()
  }
}
