import { rm } from 'node:fs/promises'
import { addWorktree, removeWorktree } from '../../git/worktrees.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { worktreeIn } from '../places.ts'
import { type Provided, provide } from '../provide.ts'
import { applyOverrides, type Overrides } from './overrides.ts'

/** A repository at a commit. */
export interface At {
  readonly repository: RepositoryRecord & { readonly root: string }
  readonly commit: string
}

/**
 * Puts worktrees of several repositories side by side, each at its commit, so that they build against each other. What a
 * killed predecessor left there is replaced. `own` are worktrees that lie there already. The environment returned is that of the
 * first of them all.
 */
export async function openSiblings(
  folder: string,
  members: readonly At[],
  own: readonly { readonly repository: At['repository']; readonly worktree: string }[],
  signal: AbortSignal,
): Promise<Overrides> {
  for (const { repository, commit } of members) {
    const path = worktreeIn(folder, repository.root)
    await addWorktree(repository.root, { path, branch: undefined, commit }, signal)
  }
  const placed = [
    ...own,
    ...members.map(({ repository }) => ({ repository, worktree: worktreeIn(folder, repository.root) })),
  ]
  const provided = new Map<string, Provided>()
  for (const { repository, worktree } of placed) provided.set(worktree, await provide(repository, worktree, signal))
  const overrides = await applyOverrides(
    folder,
    placed.map(({ repository, worktree }) => ({
      name: repository.name,
      worktree,
      packages: repository.facts.packages,
    })),
  )
  // Of the one that is worked on, or tested: the first.
  const first = provided.get(placed[0]?.worktree ?? '')
  return {
    said: [...(first?.said ?? []), ...overrides.said],
    environment: { ...overrides.environment, ...first?.environment },
  }
}

export async function closeSiblings(
  folder: string,
  repositories: readonly (RepositoryRecord & { readonly root: string })[],
  signal: AbortSignal,
): Promise<void> {
  for (const { root } of repositories)
    await removeWorktree(root, { path: worktreeIn(folder, root), branch: undefined }, signal)
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
