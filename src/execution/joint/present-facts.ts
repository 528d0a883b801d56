import { SpekiError } from '../../errors.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { inspectFolder } from '../../validation/inspect.ts'

/**
 * A repository with the packages and interfaces that its files show in a worktree, instead of those of when it was registered.
 * Check commands stay the registered ones: work may not choose how it is checked. A folder that is not there, or leads out of
 * the worktree, shows nothing.
 */
export async function withPresentFacts<T extends RepositoryRecord>(
  repository: T,
  worktree: string,
  signal: AbortSignal,
): Promise<T> {
  const { packages, contracts } = await inspectFolder(worktree, repository.subpath, signal).catch((error: unknown) => {
    if (error instanceof SpekiError && (error.code === 'not_found' || error.code === 'invalid_input'))
      return { packages: [], contracts: [] }
    throw error
  })
  return { ...repository, facts: { ...repository.facts, packages, contracts } }
}
