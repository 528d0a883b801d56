import { readdir, realpath, symlink } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { PackageFact } from '../../../../schemas/repository.ts'
import { ifUnreadable } from '../../../expected.ts'
import type { SandboxOf } from '../../sandbox.ts'

/** A worktree of a joint workspace, and the packages in it. */
export interface JointMember {
  readonly name: string
  /** Folder inside the joint workspace. */
  readonly worktree: string
  readonly packages: readonly PackageFact[]
}

/** A package of a member that others of them use. */
export interface Provided extends PackageFact {
  readonly repository: string
  /** Absolute. */
  readonly folder: string
  readonly worktree: string
  readonly users: readonly JointMember[]
}

/** What was done so that members find each other. */
export interface Overrides {
  /** One sentence each. */
  readonly notes: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** A joint workspace in which something is overridden. */
export interface Scene {
  /** The one above all worktrees. */
  readonly folder: string
  readonly members: readonly JointMember[]
  /** What every program that is started for it carries. */
  readonly mark: string
  readonly sandboxOf: SandboxOf
  readonly signal: AbortSignal
}

/** Lets the users of packages of one ecosystem find them. */
export type Override = (scene: Scene, used: readonly Provided[]) => Promise<Overrides>

/** A link to a folder, also where only administrators make links to files. */
export async function linkFolder(target: string, at: string): Promise<void> {
  await symlink(target, at, process.platform === 'win32' ? 'junction' : 'dir')
}

/** Whether a path that exists lies in a folder once links are followed. */
export async function liesIn(path: string, folder: string): Promise<boolean> {
  const [real, around] = await Promise.all([path, folder].map((each) => realpath(each).catch(ifUnreadable(undefined))))
  return real !== undefined && around !== undefined && (real === around || real.startsWith(around + sep))
}

/** Folders of a member that hold packages, its own first. */
export function packageFolders({ worktree, packages }: JointMember): readonly string[] {
  return [...new Set([worktree, ...packages.map(({ path }) => join(worktree, path))])]
}

/** Names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(ifUnreadable([]))
}
