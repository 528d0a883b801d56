import type { Principal } from '../../../schemas/actor.ts'
import { consult } from '../../domain/service.ts'
import { ifRefused } from '../../expected.ts'
import { readRef } from '../../git/worktree/worktrees.ts'
import { listRepositories, type RepositoryRecord } from '../../store/repositories.ts'
import type { ExecutionContext } from '../context.ts'
import { edgesAmong } from '../order/known-edges.ts'
import { type Edge, providersFor } from '../order/merge-order.ts'
import { withRoot } from '../with-root.ts'
import type { At } from './siblings.ts'

/** What a repository builds on: in other working copies, each at a commit, and beside it in its own. */
export interface Providers {
  readonly neighbours: readonly At[]
  readonly siblings: readonly At['repository'][]
}

/**
 * What a repository builds on, directly or through others: each at the branch that `branches` names for its working
 * copy, else at its own default branch. The repository counts as it is given, the others as they were registered; `more` are edges beyond what they show.
 */
export async function providersOf(
  context: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord & { readonly root: string },
  branches: ReadonlyMap<string, string>,
  more: readonly Edge[],
  signal: AbortSignal,
): Promise<Providers> {
  const all = await consult(context.service, caller, 'repository.read', listRepositories)
  const edges = [...edgesAmong(all.map((other) => (other.id === repository.id ? repository : other))), ...more]
  const neighbours: At[] = []
  const siblings: At['repository'][] = []
  for (const name of providersFor(repository.name, edges)) {
    const provider = all.find((other) => other.name === name)
    if (provider?.root === undefined || provider.id === repository.id) continue
    if (provider.root === repository.root) {
      siblings.push(withRoot(provider))
      continue
    }
    const commit = await firstOf(
      provider.root,
      [branches.get(provider.root) ?? [], provider.defaultBranch ?? 'main'].flat(),
      signal,
    )
    if (commit !== undefined) neighbours.push({ repository: withRoot(provider), commit })
  }
  return { neighbours, siblings }
}

async function firstOf(root: string, branches: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  for (const branch of branches) {
    const commit = await readRef(root, `refs/heads/${branch}`, signal).catch(ifRefused(undefined))
    if (commit !== undefined) return commit
  }
  return undefined
}
