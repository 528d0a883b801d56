import { z } from 'zod'
import { ContractKind } from '../../../schemas/repository.ts'
import type { ChangeSetView } from '../../domain/change-set/change-set.ts'
import { SpekiError } from '../../errors.ts'
import { isAncestor } from '../../git/commit.ts'
import { git } from '../../git/git.ts'
import { remoteTip } from '../../git/remote.ts'
import { readRef } from '../../git/worktree/worktrees.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { knownEdges } from '../order/known-edges.ts'
import { type Edge, mergeOrder } from '../order/merge-order.ts'
import { withRoot } from '../with-root.ts'
import { ontoTarget } from './onto-target.ts'
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
    const { branch, repository: name, base } = first
    const head = (await readRef(root, `refs/heads/${branch}`, signal)) ?? first.head
    const stands = await findTarget(root, [first.target, repositories[0]?.defaultBranch], destination, signal)
    const { target = first.target, tip = '' } = stands
    const part = { name, root, branch, target, head, repositories, tip }
    if (tip === '') parts.push({ ...part, merged: undefined, problem: stands.problem })
    else if (!(await isAncestor(root, head, tip, signal)))
      parts.push({ ...part, ...(await ontoTarget({ root, base, head, target, tip }, view, signal)) })
    // Delivered before, or nothing landed here.
    else if (head !== base) parts.push({ ...part, merged: tip })
  }
  return parts
}

/** Where a part goes: the branch that it was meant for, or where that is gone the one that is registered by now. */
async function findTarget(
  root: string,
  branches: readonly (string | undefined)[],
  destination: Destination,
  signal: AbortSignal,
): Promise<{ readonly target?: string; readonly tip?: string; readonly problem?: string }> {
  const [target = 'main'] = branches
  try {
    // Says why, where the working copy is not there.
    await git(root, ['rev-parse', '--git-dir'], signal)
  } catch (error) {
    if (signal.aborted || !(error instanceof SpekiError)) throw error
    return { problem: `${error.message} ${error.hint ?? ''}`.trim() }
  }
  for (const branch of new Set(branches)) {
    const tip = branch === undefined ? undefined : await tipOf(root, branch, destination, signal)
    if (branch !== undefined && tip !== undefined) return { target: branch, tip }
  }
  const place = destination === 'local' ? `in ${root}` : `on the remote of ${root}`
  return {
    problem: `${target} is gone ${place}: put it back, or register the repository again with the branch that took its place (default_branch)`,
  }
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
