import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { inspectFolder } from '../../validation/inspect.ts'

/**
 * A repository with the packages and interfaces that its files show in a worktree, instead of those of when it was registered.
 * Check commands stay the registered ones: work may not choose how it is checked.
 */
export async function withPresentFacts<T extends RepositoryRecord>(
  repository: T,
  worktree: string,
  signal: AbortSignal,
): Promise<T> {
  const there = await stat(join(worktree, repository.subpath)).catch(() => undefined)
  const { packages, contracts } =
    there === undefined ? { packages: [], contracts: [] } : await inspectFolder(worktree, repository.subpath, signal)
  return { ...repository, facts: { ...repository.facts, packages, contracts } }
}
