import { AsyncLocalStorage } from 'node:async_hooks'
import { nestMark } from '../process/process-list.ts'

const marks = new AsyncLocalStorage<string>()

/**
 * Lets the git commands that `work` starts carry a mark, beside those around it. Git goes on for a moment when whoever
 * started it is killed: by the mark the one who clears up can wait for it (`awaitMarked`).
 */
export async function markGit<T>(mark: string, work: () => Promise<T>): Promise<T> {
  return await marks.run(nestMark(marks.getStore(), mark), work)
}

/** The marks around this call; undefined where there are none. */
export const gitMark = (): string | undefined => marks.getStore()
