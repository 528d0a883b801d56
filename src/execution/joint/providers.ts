import type { Principal } from '../../../schemas/actor.ts'
import { consult } from '../../domain/service.ts'
import { ifRefused } from '../../expected.ts'
import { readRef } from '../../git/worktrees.ts'
import { listRepositories, type RepositoryRecord } from '../../store/repositories.ts'
import type { ExecutionContext } from '../context.ts'
import { knownEdges } from '../order/known-edges.ts'
import { type Edge, providersFor } from '../order/merge-order.ts'
import { withRoot } from '../with-root.ts'
import type { At } from './siblings.ts'

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
): Promise<readonly At[]> {
  const all = await consult(context.service, caller, 'repository.read', listRepositories)
  const edges = [...knownEdges(all.map((other) => (other.id === repository.id ? repository : other))), ...more]
  const found: At[] = []
  for (const name of providersFor(repository.name, edges)) {
    const provider = all.find((other) => other.name === name)
    const known = [repository, ...found.map((at) => at.repository)]
    if (provider?.root === undefined || known.some(({ root }) => root === provider.root)) continue
    const commit = await firstOf(
      provider.root,
      [branches.get(provider.root) ?? [], provider.defaultBranch ?? 'main'].flat(),
      signal,
    )
    if (commit !== undefined) found.push({ repository: withRoot(provider), commit })
  }
  return found
}

async function firstOf(root: string, branches: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  for (const branch of branches) {
    const commit = await readRef(root, `refs/heads/${branch}`, signal).catch(ifRefused(undefined))
    if (commit !== undefined) return commit
  }
  return undefined
}
