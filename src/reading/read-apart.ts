import { extname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { SpekiError } from '../errors.ts'
import { readings } from './readings.ts'

/** Characters from which a text has a thread of its own. Shorter ones take a tenth of a second, and a thread has to start. */
const LARGE = 100_000

/** A reading that may take long. A transaction, in which nothing else may be awaited, finds what was read ahead of it. */
interface ApartReading<Input, Result> {
  /** Leaves the thread that answers calls alone where the text is large. */
  readonly ahead: (input: Input, signal?: AbortSignal) => Promise<Result>
  /** What was read last where it was this; else reads here and now. */
  readonly now: (input: Input) => Result
}

export const extraction = apart('extract', readings.extract)
export const check = apart('check', readings.check)
export const splitting = apart('split', readings.split)

function apart<Input extends { readonly text: string }, Result>(
  name: keyof typeof readings,
  read: (input: Input) => Result,
): ApartReading<Input, Result> {
  let last: { readonly input: Input; readonly result: Result } | undefined
  const keep = (input: Input, result: Result): Result => {
    last = { input, result }
    return result
  }
  const now = (input: Input): Result =>
    last !== undefined && isDeepStrictEqual(last.input, input) ? last.result : keep(input, read(input))
  return {
    now,
    async ahead(input, signal) {
      signal?.throwIfAborted()
      return input.text.length < LARGE ? now(input) : keep(input, await inThread<Result>({ name, input }, signal))
    },
  }
}

/** @template Result what the reading of this name returns */
async function inThread<Result>(
  job: { readonly name: keyof typeof readings; readonly input: unknown },
  signal?: AbortSignal,
): Promise<Result> {
  // Beside this file: as source here, as an entry of its own beside the chunks in dist.
  const program = new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url)
  const thread = new Worker(program, { workerData: job })
  const ended = Promise.withResolvers<Result>()
  const stop = (): void => ended.reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  thread.once('message', (result: Result) => ended.resolve(result))
  thread.once('error', ended.reject)
  thread.once('exit', (code) =>
    ended.reject(
      new SpekiError('internal', `The thread that reads a text ended with ${code} and no result.`, {
        hint: 'Nothing was changed. Call again.',
      }),
    ),
  )
  try {
    return await ended.promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await thread.terminate()
  }
}
