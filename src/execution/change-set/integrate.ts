import { createHash } from 'node:crypto'
import type { Principal } from '../../../schemas/actor.ts'
import type { CheckResult } from '../../../schemas/evidence.ts'
import { changeSetKey } from '../../../schemas/key.ts'
import { type ChangeSetView, noteChangeSet, readChangeSet } from '../../domain/change-set/change-set.ts'
import { effectiveCommands } from '../../domain/repository/repository.ts'
import { withFrozenChecks } from '../../domain/run/frozen-checks.ts'
import { ifRefused } from '../../expected.ts'
import { treeOf } from '../../git/commit.ts'
import { addWorktree, readRef, removeWorktree } from '../../git/worktree/worktrees.ts'
import { markOfFolder } from '../../process/process-list.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import type { FrozenChecks } from '../../store/run/runs.ts'
import { DEFAULT_LIMITS, runChecks } from '../../validation/run-checks.ts'
import type { ExecutionContext } from '../context.ts'
import { withPresentFacts } from '../joint/present-facts.ts'
import { closeSiblings, openSiblings } from '../joint/siblings.ts'
import { baselineOf, excuseOf } from '../judge/baseline.ts'
import { concernedBy } from '../order/known-edges.ts'
import { consumersOf, type Edge, providersFor } from '../order/merge-order.ts'
import { executionFolderOf, scratchFolder, worktreeIn } from '../places.ts'
import { installSandbox, sandboxFor } from '../sandbox.ts'
import { withRoot } from '../with-root.ts'
import { type Destination, edgesOf, partsOf, type RootPart } from './parts.ts'
import { prefixGate, type State } from './prefix-gate.ts'

/** What testing a change set showed. */
export interface Integration {
  readonly destination: Destination
  /** In the order of delivery; `merged` is the very commit that was tested. */
  readonly parts: readonly RootPart[]
  readonly ejected: readonly { readonly name: string; readonly reason: string }[]
  readonly edges: readonly Edge[]
  /** Names the tested state: delivery takes this state and no other. */
  readonly token: string
  readonly tests: readonly { readonly repository: string; readonly with: readonly string[]; readonly green: boolean }[]
  /** What whoever delivers it has to know. */
  readonly notes: readonly string[]
}

/**
 * Tests a change set as it will be delivered: provider first, each step on top of those before it, each repository together
 * with all that it uses and all that use it. Stores what came of it. `frozen` are the checks of a run that it belongs to.
 */
export async function integrate(
  context: ExecutionContext,
  caller: Principal,
  id: number,
  destination: Destination,
  progress: (message: string) => void,
  signal: AbortSignal,
  frozen: readonly FrozenChecks[] = [],
): Promise<Integration> {
  const found = await readChangeSet(context.service, caller, id)
  const known = { ...found, repositories: found.repositories.map((each) => withFrozenChecks(each, frozen)) }
  const parts = await partsOf(known, destination, signal)
  const folder = scratchFolder(context.folder, 'joint', changeSetKey(id))
  const view = { ...known, repositories: await asMerged(known.repositories, parts, folder, signal) }
  const edges = edgesOf(view, parts)
  const bystanders = await bystandersOf(view, parts, edges, signal)
  const bench = createBench(context, caller, view, parts, bystanders, signal)
  const tests: { repository: string; with: string[]; green: boolean }[] = []
  const result = await prefixGate(
    parts,
    edges,
    new Map(bystanders.map(({ name, commit }) => [name, commit])),
    async (name, state) => {
      const together = closureOf(name, edges, state)
      const problem = await bench.test(folder, name, together)
      const others = [...together.keys()].filter((other) => other !== name)
      tests.push({ repository: name, with: others, green: problem === undefined })
      progress(
        `${name}${others.length > 0 ? ` with ${others.join(', ')}` : ''}: ${problem === undefined ? 'green' : `red, ${problem}`}`,
      )
      return problem
    },
  )
  const passed = result.passed.flat().flatMap((name) => parts.find((part) => part.name === name) ?? [])
  const notes = passed.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]))
  for (const note of notes) progress(note)
  const integration: Integration = {
    destination,
    parts: passed,
    ejected: result.ejected,
    edges,
    token: tokenOf(id, destination, passed),
    tests,
    notes,
  }
  await noteChangeSet(context.service, caller, id, {
    state: result.ejected.length === 0 && passed.length > 0 ? 'tested' : 'failed',
    detail: {
      token: integration.token,
      destination,
      order: result.passed,
      ejected: result.ejected,
      tests,
      edges,
      notes,
    },
    members: memberNotes(integration, parts),
    summary:
      result.ejected.length === 0
        ? [`${passed.map(({ name }) => name).join(', ')} are green together`, ...notes].join('; ')
        : result.ejected.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
  })
  return integration
}

/** All repositories, those of the parts with the packages and interfaces that they would have once merged. */
async function asMerged(
  repositories: readonly RepositoryRecord[],
  parts: readonly RootPart[],
  folder: string,
  signal: AbortSignal,
): Promise<readonly RepositoryRecord[]> {
  const present = new Map<number, RepositoryRecord>()
  try {
    for (const part of parts) {
      if (part.merged === undefined) continue
      const within = executionFolderOf(folder)
      const place = { path: worktreeIn(folder, part.root), branch: undefined, commit: part.merged, within }
      await addWorktree(part.root, place, signal)
      for (const repository of part.repositories)
        present.set(repository.id, await withPresentFacts(repository, place.path, signal))
      // Two working copies may have folders of one name.
      await removeWorktree(part.root, place, signal)
    }
  } finally {
    const rooted = parts.flatMap((part) => (part.merged === undefined ? [] : part.repositories))
    await closeSiblings(folder, rooted, AbortSignal.timeout(60_000))
  }
  return repositories.map((repository) => present.get(repository.id) ?? repository)
}

function memberNotes({ parts, ejected }: Integration, all: readonly RootPart[]) {
  const note = (part: RootPart, state: string, detail: unknown) =>
    part.repositories.map(({ id }) => ({ repositoryId: id, state, detail }))
  return [
    ...parts.flatMap((part) => note(part, 'tested', { merged: part.merged, tip: part.tip })),
    ...ejected.flatMap(({ name, reason }) =>
      all.filter((part) => part.name === name).flatMap((part) => note(part, 'ejected', { reason })),
    ),
  ]
}

function tokenOf(id: number, destination: Destination, parts: readonly RootPart[]): string {
  const state = parts.map(({ name, tip, merged }) => [name, tip, merged])
  return createHash('sha256')
    .update(JSON.stringify([id, destination, state]))
    .digest('hex')
    .slice(0, 16)
}

type Rooted = RepositoryRecord & { readonly root: string }

interface Bystander {
  readonly name: string
  readonly commit: string
  readonly repository: Rooted
}

/** Repositories outside the change set that use a part of it, or that a part uses: at the head of their own branch. */
async function bystandersOf(
  view: ChangeSetView,
  parts: readonly RootPart[],
  edges: readonly Edge[],
  signal: AbortSignal,
): Promise<readonly Bystander[]> {
  const inside = new Set(parts.map(({ name }) => name))
  const near = new Set(
    edges.filter(({ from, to }) => inside.has(from) || inside.has(to)).flatMap(({ from, to }) => [from, to]),
  )
  for (const name of inside) for (const user of consumersOf(name, edges)) near.add(user)
  const found: Bystander[] = []
  for (const name of near) {
    const repository = view.repositories.find((entry) => entry.name === name)
    if (inside.has(name) || repository?.root === undefined) continue
    const commit = await readRef(repository.root, `refs/heads/${repository.defaultBranch ?? 'main'}`, signal).catch(
      ifRefused(undefined),
    )
    if (commit !== undefined) found.push({ name, commit, repository: withRoot(repository) })
  }
  return found
}

/** A repository and everything it uses, directly or through others, as it is in a state. */
function closureOf(name: string, edges: readonly Edge[], state: State): State {
  const names = [name, ...providersFor(name, edges)]
  return new Map(
    names.flatMap((other) => (state.get(other) === undefined ? [] : [[other, state.get(other) ?? ''] as const])),
  )
}

/** Runs checks in joint workspaces; the same trees are tested once. */
function createBench(
  context: ExecutionContext,
  caller: Principal,
  view: ChangeSetView,
  parts: readonly RootPart[],
  bystanders: readonly Bystander[],
  signal: AbortSignal,
) {
  const known = new Map<string, string | undefined>()
  /** Of a part every package that the work may concern: what it changes, and what uses that in the same working copy. */
  const packagesOf = (name: string): readonly Rooted[] => {
    const part = parts.find((part) => part.name === name)
    if (part !== undefined) return concernedBy<RepositoryRecord>(part.repositories, view.repositories).map(withRoot)
    return bystanders.filter((other) => other.name === name).map(({ repository }) => repository)
  }
  return {
    async test(folder: string, name: string, together: State): Promise<string | undefined> {
      const members: { readonly repository: Rooted; readonly commit: string }[] = []
      const trees: string[] = [name]
      for (const [other, commit] of together) {
        const packages = packagesOf(other)
        const [repository] = packages
        if (repository === undefined) continue
        members.push(...packages.map((each) => ({ repository: each, commit })))
        trees.push(`${other} ${await treeOf(repository.root, commit, signal)}`)
      }
      const key = trees.join('\n')
      if (known.has(key)) return known.get(key)
      try {
        const overrides = await openSiblings(folder, members, [], installSandbox(context, caller, folder), signal)
        const problem = await testAll(packagesOf(name), folder, overrides.environment)
        known.set(key, problem)
        return problem
      } finally {
        await closeSiblings(
          folder,
          members.map(({ repository }) => repository),
          AbortSignal.timeout(60_000),
        )
      }
    },
  }

  async function testAll(
    packages: readonly Rooted[],
    folder: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    for (const repository of packages) {
      const worktree = worktreeIn(folder, repository.root)
      const { subpath } = repository
      const sandbox = await sandboxFor(context, caller, { role: 'check' }, { repository, worktree, beside: folder })
      const run = { worktree, subpath, sandbox, commands: effectiveCommands(repository), ...DEFAULT_LIMITS }
      const checks = await runChecks({ ...run, environment, mark: markOfFolder(folder) }, () => {}, signal)
      const base = view.members.find(({ root }) => root === repository.root)?.base
      const baseline = base === undefined ? undefined : await baselineOf(context, caller, repository, base, signal)
      const red = checks.find(
        (check) => check.status !== 'passed' && (baseline === undefined || excuseOf(check, baseline) === undefined),
      )
      if (red !== undefined)
        return repository === packages[0] ? describeRed(red) : `${repository.name}: ${describeRed(red)}`
    }
    return undefined
  }
}

function describeRed({ kind, argv, status, firstError }: CheckResult): string {
  return `the ${kind} check (${argv.join(' ')}) ${status.replace('_', ' ')}${firstError === undefined ? '' : `: ${firstError}`}`
}
