import { basename, delimiter, posix } from 'node:path'
import { SpekiError } from '../../errors.ts'
import { removeInside } from '../../files/remove.ts'
import { countUncommitted } from '../../git/tree.ts'
import { addWorktree, removeWorktree } from '../../git/worktree/worktrees.ts'
import { endMarked } from '../../process/marked.ts'
import { markOfFolder } from '../../process/process-list.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { executionFolderOf, worktreeIn } from '../places.ts'
import type { SandboxOf } from '../sandbox.ts'
import { applyOverrides, usedPackages } from './overrides/apply.ts'
import type { Overrides } from './overrides/scene.ts'
import { withPresentFacts } from './present-facts.ts'
import { type Provided, provide } from './provide.ts'

/** A repository at a commit. */
export interface At {
  readonly repository: RepositoryRecord & { readonly root: string }
  readonly commit: string
}

/**
 * Puts worktrees of several repositories side by side, each at its commit, so that they build against each other. What a
 * killed predecessor left there is replaced. `own` are worktrees that lie there already. Several packages of one working copy
 * share its worktree. The environment returned is that of the first of them all.
 */
export async function openSiblings(
  folder: string,
  members: readonly At[],
  own: readonly { readonly repository: At['repository']; readonly worktree: string }[],
  sandboxOf: SandboxOf,
  signal: AbortSignal,
): Promise<Overrides> {
  refuseSameNames([...own.map(({ repository }) => repository), ...members.map(({ repository }) => repository)])
  const places = new Map(members.map((member) => [member.repository.root, member]))
  for (const { repository, commit } of places.values()) {
    const path = worktreeIn(folder, repository.root)
    const within = executionFolderOf(folder)
    await addWorktree(repository.root, { path, branch: undefined, commit, within }, signal)
  }
  const lying = [
    ...own,
    ...members.map(({ repository }) => ({ repository, worktree: worktreeIn(folder, repository.root) })),
  ]
  const placed = await Promise.all(
    lying.map(async ({ repository, worktree }) => ({
      repository: await withPresentFacts(repository, worktree, signal),
      worktree,
    })),
  )
  const before = await Promise.all(placed.map(async ({ worktree }) => await countUncommitted(worktree, signal)))
  const mark = markOfFolder(folder)
  const joint = placed.map(({ repository, worktree }) => ({
    name: repository.name,
    worktree,
    // Told from the folder that was registered.
    packages: repository.facts.packages.map((fact) => ({ ...fact, path: posix.join(repository.subpath, fact.path) })),
  }))
  // Where only files are read, nothing has to be installed.
  const runs = new Set([placed[0], ...own].map((place) => place?.repository.name))
  for (const { repository } of usedPackages(joint)) runs.add(repository)
  const provided = new Map<string, Provided>()
  for (const { repository, worktree } of placed.filter(({ repository }) => runs.has(repository.name))) {
    const done = await provide(repository, worktree, { mark, sandbox: await sandboxOf(repository, worktree) }, signal)
    // The first of a working copy says how its checks run.
    provided.set(worktree, provided.get(worktree) ?? done)
  }
  const overrides = await applyOverrides({ folder, members: joint, mark, sandboxOf, signal })
  for (const [index, { repository, worktree }] of placed.entries())
    if ((await countUncommitted(worktree, signal)) !== before[index])
      throw new SpekiError('internal', `Dependencies of ${repository.name} became visible to git in ${worktree}.`, {
        hint: 'Name their folder in .gitignore.',
      })
  // Of the one that is worked on, or tested: the first.
  const first = provided.get(placed[0]?.worktree ?? '')
  return {
    notes: [...(first?.notes ?? []), ...overrides.notes],
    environment: joined(overrides.environment, first?.environment ?? {}),
  }
}

/** Variables of both; where both name places of modules, all of them. */
function joined(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) {
  const places = [one['PYTHONPATH'], other['PYTHONPATH']].filter((path) => path !== undefined)
  return { ...one, ...other, ...(places.length > 0 && { PYTHONPATH: places.join(delimiter) }) }
}

/** Worktrees are named like working copies, so two of one name would take each other's place. */
function refuseSameNames(repositories: readonly At['repository'][]): void {
  const roots = [...new Set(repositories.map(({ root }) => root))]
  const twice = roots.find((root) => roots.some((other) => other !== root && basename(other) === basename(root)))
  if (twice !== undefined)
    throw new SpekiError(
      'precondition_failed',
      `Two repositories that build on each other lie in folders named ${basename(twice)}.`,
      {
        hint: 'Rename one of the folders and register it again.',
      },
    )
}

/** Takes a joint workspace away, in whatever state a killed owner left it. */
export async function closeSiblings(
  folder: string,
  repositories: readonly (RepositoryRecord & { readonly root: string })[],
  signal: AbortSignal,
): Promise<void> {
  await endMarked(markOfFolder(folder), signal)
  const within = executionFolderOf(folder)
  for (const { root } of repositories)
    await removeWorktree(root, { path: worktreeIn(folder, root), branch: undefined, within }, signal)
  await removeInside(folder, within)
}
