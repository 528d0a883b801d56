import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { extname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type ErrorData, SpekiError } from '../errors.ts'

/** Characters from which a text is read in a thread of its own. Shorter ones take some tens of milliseconds, and a thread has to start. */
const LARGE = 100_000
/** So often work begins anew for a text; what it asks for then is read where it is, or work that asks for another each time would never end. */
const MAX_ROUNDS = 8

/** Milliseconds for which a thread is kept that has nothing to do. */
const KEPT_MS = 60_000

/** Says the name of each reading that a thread is given. */
export const readingApart = channel('speki:reading-apart')

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

/** What a thread is given. */
export interface ThreadJob<Input> {
  readonly name: string
  readonly input: Input
}

/** What it hands back. */
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

/** A thread that has nothing to do, kept a while: to start one and load what reads takes longer than most readings. */
let idle: { readonly thread: Worker; readonly end: NodeJS.Timeout } | undefined

function takeThread(): Worker {
  if (idle === undefined) return startThread()
  const { thread, end } = idle
  idle = undefined
  clearTimeout(end)
  thread.ref()
  return thread
}

function startThread(): Worker {
  // Above the folder of this file: as source here, as an entry of its own above the chunks in dist.
  const thread = new Worker(new URL(`../reading-thread${extname(import.meta.url)}`, import.meta.url))
  const forget = (): void => {
    if (idle?.thread !== thread) return
    clearTimeout(idle.end)
    idle = undefined
  }
  return thread.on('error', forget).on('exit', forget)
}

/** One at most, which holds up no end of the process. */
async function keepThread(thread: Worker): Promise<void> {
  if (idle !== undefined) {
    await thread.terminate()
    return
  }
  thread.unref()
  idle = { thread, end: setTimeout(() => void thread.terminate(), KEPT_MS).unref() }
}

/** @template Result what the reading of this name returns */
async function inThread<Result>(job: ThreadJob<unknown>, signal: AbortSignal | undefined): Promise<Result> {
  const thread = takeThread()
  const ended = Promise.withResolvers<ThreadResult<Result>>()
  const stop = (): void => ended.reject(signal?.reason)
  const exit = (code: number): void =>
    ended.reject(
      new SpekiError('internal', `The thread that reads a text ended with ${code} and no result.`, {
        hint: 'Nothing was changed. Call again.',
      }),
    )
  signal?.addEventListener('abort', stop, { once: true })
  thread.once('message', ended.resolve).once('error', ended.reject).once('exit', exit)
  thread.postMessage(job)
  readingApart.publish(job.name)
  let isFree = false
  try {
    const result = await ended.promise
    isFree = true
    if ('refused' in result) throw SpekiError.fromData(result.refused)
    return result.value
  } finally {
    signal?.removeEventListener('abort', stop)
    thread.off('message', ended.resolve).off('error', ended.reject).off('exit', exit)
    if (isFree) await keepThread(thread)
    else await thread.terminate()
  }
}
