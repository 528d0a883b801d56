import { AsyncLocalStorage } from 'node:async_hooks'

/** What is being done now, for log lines and for who waits on it. */
export interface Request {
  /** Goes with every line of the log, and to child processes in the environment. */
  readonly id: string
  /** Operation or background job. */
  readonly operation: string
  readonly actor: string
}

const current = new AsyncLocalStorage<Request>()
const failed = new WeakMap<object, string>()

/** Runs `work` as this request; an error that leaves it stays known as of it. */
export async function inRequest<T>(request: Request, work: () => Promise<T>): Promise<T> {
  return await current.run(request, async () => {
    try {
      return await work()
    } catch (error) {
      if (typeof error === 'object' && error !== null) failed.set(error, request.id)
      throw error
    }
  })
}

export function currentRequest(): Request | undefined {
  return current.getStore()
}

/** Id of the request that an error ended. */
export function requestOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? failed.get(error) : undefined
}
