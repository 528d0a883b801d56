import { z } from 'zod'
import { changeSetKey } from '../../../schemas/key.ts'
import { ContractKind } from '../../../schemas/repository.ts'
import type { ChangeSetView } from '../../domain/change-set/change-set.ts'
import { commitTree, isAncestor } from '../../git/commit.ts'
import { mergeTrees } from '../../git/merge-tree.ts'
import { remoteTip } from '../../git/remote.ts'
import { readRef } from '../../git/worktrees.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { knownEdges } from '../order/known-edges.ts'
import { type Edge, mergeOrder } from '../order/merge-order.ts'
import { withRoot } from '../with-root.ts'
import type { Part } from './prefix-gate.ts'

/** Where a change set is delivered to: the target branch here, that of the remote, or there by pull requests. */
export type Destination = 'local' | 'remote' | 'pull_requests'

/** A working copy's part in a change set, with every registered package in it. */
export interface RootPart extends Part {
  readonly root: string
  readonly branch: string
  readonly target: string
  readonly head: string
  readonly repositories: readonly (RepositoryRecord & { readonly root: string })[]
}

/**
 * What each working copy of a change set would become: its head where the target branch has not moved, else the merge of both,
 * made as a commit that no branch holds yet. Same state, same commits. Members without work are left out.
 */
export async function partsOf(
  view: ChangeSetView,
  destination: Destination,
  signal: AbortSignal,
): Promise<readonly RootPart[]> {
  const parts: RootPart[] = []
  for (const root of new Set(view.members.map((member) => member.root))) {
    const members = view.members.filter((member) => member.root === root)
    const [first] = members
    if (first === undefined) continue
    const repositories = members.flatMap(({ repositoryId }) => {
      const found = view.repositories.find(({ id }) => id === repositoryId)
      return found === undefined ? [] : [withRoot(found)]
    })
    const head = (await readRef(root, `refs/heads/${first.branch}`, signal)) ?? first.head
    const tip = await tipOf(root, first.target, destination, signal)
    const { branch, target, repository: name } = first
    if (tip === undefined) {
      parts.push({
        name,
        root,
        branch,
        target,
        head,
        repositories,
        tip: '',
        merged: undefined,
        problem: `${target} is gone`,
      })
      continue
    }
    if (await isAncestor(root, head, tip, signal)) {
      // Delivered before, or nothing landed here.
      if (head !== first.base) parts.push({ name, root, branch, target, head, repositories, tip, merged: tip })
      continue
    }
    parts.push({
      name,
      root,
      branch,
      target,
      head,
      repositories,
      tip,
      ...(await mergeOnto(root, tip, head, view, signal)),
    })
  }
  return parts
}

async function tipOf(
  root: string,
  target: string,
  destination: Destination,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (destination !== 'local') return await remoteTip(root, target, signal)
  return await readRef(root, `refs/heads/${target}`, signal)
}

async function mergeOnto(
  root: string,
  tip: string,
  head: string,
  view: ChangeSetView,
  signal: AbortSignal,
): Promise<Pick<Part, 'merged' | 'problem'>> {
  if (await isAncestor(root, tip, head, signal)) return { merged: head }
  const result = await mergeTrees(root, tip, head, signal)
  if (result.conflicts !== undefined)
    return { merged: undefined, problem: `contradicts the target branch in ${result.conflicts.join(', ')}` }
  const key = changeSetKey(view.changeSet.id)
  const message = `${view.changeSet.title}\n\nSpeki-Change-Set: ${key}`
  // The time of its making is the change set's, so that the same state gives the same commit.
  const commit = { tree: result.tree, parents: [tip, head], message, at: view.changeSet.createdAt }
  return { merged: await commitTree(root, commit, signal) }
}

/** Who provides for whom, as the tasks of a change set say. */
export function taskEdges(view: ChangeSetView): readonly Edge[] {
  const nameOf = (id: number) => view.repositories.find((repository) => repository.id === id)?.name ?? ''
  return view.taskEdges.map(({ from, to, why }) => ({ from: nameOf(from), to: nameOf(to), kind: 'task', why }))
}

const Tested = z.object({
  edges: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      kind: z.enum(['package', 'task', ...ContractKind.options]),
      why: z.string(),
      evidence: z.string().optional(),
    }),
  ),
})

/**
 * In which order the members of a change set go, and what says so, of all that touches one of them: as it was tested last;
 * before that, as the repositories were registered.
 */
export function orderOf(view: ChangeSetView): {
  readonly order: readonly (readonly string[])[]
  readonly edges: readonly Edge[]
} {
  const parts = view.members
    .map(({ repository: name, root }) => ({ name, root }))
    .filter(({ root }, index, all) => all.findIndex((other) => other.root === root) === index)
  const names = parts.map(({ name }) => name)
  const tested = view.changeSet.state === 'open' ? undefined : Tested.safeParse(view.changeSet.detail).data
  const edges = tested?.edges ?? edgesOf(view, parts)
  return {
    order: mergeOrder(names, edges),
    edges: edges.filter(({ from, to }) => names.includes(from) || names.includes(to)),
  }
}

/** These and what the repositories show, with the packages of one working copy under the name of its part. */
export function edgesOf(view: ChangeSetView, parts: readonly Pick<RootPart, 'name' | 'root'>[]): readonly Edge[] {
  const partOf = (name: string) => {
    const root = view.repositories.find((repository) => repository.name === name)?.root
    return parts.find((part) => part.root === root)?.name ?? name
  }
  return [...knownEdges(view.repositories), ...taskEdges(view)]
    .map((edge) => ({ ...edge, from: partOf(edge.from), to: partOf(edge.to) }))
    .filter(({ from, to }) => from !== to)
}
