import type { RepositoryRecord } from '../store/repositories.ts'
import type { ExecutionContext } from './context.ts'

/** What a fresh worktree got so that its checks can run. */
export interface Provided {
  /** One sentence each: what was reused, installed, or put in place of a published package. */
  readonly said: readonly string[]
  /** Variables under which agents and checks run there. */
  readonly environment: Readonly<Record<string, string>>
}

/** Gives a worktree the dependencies its checks need. */
export async function provide(
  _context: ExecutionContext,
  _repository: RepositoryRecord & { readonly root: string },
  _worktree: string,
  _signal: AbortSignal,
): Promise<Provided> {
  return { said: [], environment: {} }
}
