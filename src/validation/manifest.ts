import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckCommand, PackageFact } from '../../schemas/repository.ts'
import { ifUnreadable } from '../expected.ts'

/** A manifest larger than this is not read: it is data, not a description. */
const MAX_BYTES = 1_048_576

/** What a detector looks at: paths below the repository's folder, and their text. */
export interface Tree {
  /** Relative to the folder, `/` between parts. */
  readonly paths: readonly string[]
  has(path: string): boolean
  /** Paths whose last part is this name, or ends with it where it begins with a dot. */
  named(name: string): readonly string[]
  /** Undefined where it is missing, too large, a link or no text. */
  read(path: string): Promise<string | undefined>
}

/** What a detector finds in a tree. Broken manifests are skipped. */
export interface Found {
  readonly packages: readonly PackageFact[]
  readonly commands: readonly CheckCommand[]
}

export type Detector = (tree: Tree) => Promise<Found>

export function createTree(folder: string, paths: readonly string[]): Tree {
  const known = new Set(paths)
  return {
    paths,
    has: (path) => known.has(path),
    named: (name) =>
      paths.filter((path) => (name.startsWith('.') ? path.endsWith(name) : path === name || path.endsWith(`/${name}`))),
    async read(path) {
      if (!known.has(path)) return undefined
      const file = join(folder, path)
      // A link may lead out of the repository.
      const info = await lstat(file).catch(ifUnreadable(undefined))
      if (info === undefined || !info.isFile() || info.size > MAX_BYTES) return undefined
      return await readFile(file, 'utf8').catch(ifUnreadable(undefined))
    },
  }
}

/** `packages/api/package.json` → `packages/api`; a manifest at the top is in `.`. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '.' : path.slice(0, slash)
}

export function command(kind: CheckCommand['kind'], argv: readonly string[], source: string): CheckCommand {
  return { kind, argv: [...argv], source }
}

/** Names without repeats, in the order they come; bounded, because a manifest may be hostile. */
export function unique(names: readonly string[]): string[] {
  return [...new Set(names)].slice(0, 2000)
}
