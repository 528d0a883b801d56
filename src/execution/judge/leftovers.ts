import { join } from 'node:path'
import { removeOfAnyAge } from '../../files/remove.ts'
import { git } from '../../git/git.ts'
import { listUntracked } from '../../git/tree.ts'

/**
 * What programs leave lying about and nobody writes: caches, byte code, logs, build products, dependencies. Each is a path,
 * whole; where the repository tracks files of such a kind, they are its own there. `beside` has to lie in the same folder.
 */
const KINDS: readonly { readonly path: RegExp; readonly beside?: RegExp }[] = [
  {
    path: /(?:^|\/)(?:__pycache__|\.(?:pytest|mypy|ruff|parcel|eslint|phpunit|import_linter|rpt2|fingerprint)[_.-]?cache|\.hypothesis|\.tox|\.nox|\.ipynb_checkpoints|\.pytype|\.pyre|\.nyc_output|\.turbo|\.gradle|\.dart_tool|\.sass-cache|\.svelte-kit|\.angular|\.terraform|\.eggs|[^/]+\.egg-info|\.bundle|\.zig-cache|zig-cache|dist-newstyle|\.stack-work|\.metals|\.bloop|\.bsp|\.scannerwork|node_modules|htmlcov|lcov-report|CMakeFiles|\.deps|\.libs)\//,
  },
  {
    path: /(?:^|\/)(?:nohup\.out|core\.\d+|\.coverage(?:\..*)?|\.DS_Store|Thumbs\.db|\.(?:eslint|stylelint|prettier)cache|\.phpunit\.result\.cache|\.php-cs-fixer\.cache|\.rspec_status|CMakeCache\.txt|lcov\.info|hs_err_pid\d+\.log|a\.out)$/,
  },
  { path: /\.(?:py[co]|class|o|gcda|gcno|gcov|beam|rlib|tsbuildinfo|profraw|log|pid|swp|swo|orig|rej)$|~$/ },
  { path: /(?:^|\/)target\//, beside: /^(?:Cargo\.toml|pom\.xml|build\.sbt)$/ },
  { path: /(?:^|\/)(?:bin|obj)\//, beside: /\.(?:cs|fs|vb)proj$/ },
  { path: /(?:^|\/)build\//, beside: /^(?:build\.gradle(?:\.kts)?|CMakeLists\.txt|setup\.py|meson\.build)$/ },
  { path: /(?:^|\/)(?:_build|deps)\//, beside: /^mix\.exs$/ },
  { path: /(?:^|\/)\.build\//, beside: /^Package\.swift$/ },
  { path: /(?:^|\/)vendor\//, beside: /^composer\.json$/ },
  {
    path: /(?:^|\/)coverage\/(?:lcov-report\/|tmp\/|lcov\.info$|clover\.xml$|coverage-(?:final|summary)\.json$)/,
  },
]

/**
 * Takes away what lies about in a worktree of ours: what is of a known kind, and what the checks of the base left behind too
 * (a path, or a folder with a slash at its end). Files that the task names stay.
 */
export async function clearLeftovers(
  worktree: string,
  known: { readonly left: readonly string[]; readonly named: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const untracked = (await listUntracked(worktree, signal)).filter((path) => !known.named.includes(path))
  if (untracked.length === 0) return
  const isLeft = (path: string) =>
    known.left.some((left) => (left.endsWith('/') ? path.startsWith(left) : path === left))
  const candidates = untracked.filter((path) => isLeft(path) || KINDS.some((kind) => kind.path.test(path)))
  if (candidates.length === 0) return
  const listed = await git(worktree, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', 'HEAD'], signal)
  const tracked = listed.split('\0')
  const own = new Set(tracked.flatMap((path) => KINDS.flatMap((kind) => signOf(kind, path) ?? [])))
  const present = [...tracked, ...untracked]
  for (const path of candidates)
    if (isLeft(path) || KINDS.some((kind) => isOf(kind, path, own, present)))
      await removeOfAnyAge(join(worktree, path), worktree)
}

type Kind = (typeof KINDS)[number]

/** By what a path is of a kind: the name of a folder, or of a file, or its ending. */
function signOf({ path: pattern }: Kind, path: string): string | undefined {
  return pattern.exec(path)?.[0].replace(/^\//, '')
}

function isOf(kind: Kind, path: string, own: ReadonlySet<string>, present: readonly string[]): boolean {
  const found = kind.path.exec(path)
  if (found === null || own.has(signOf(kind, path) ?? '')) return false
  const { beside } = kind
  if (beside === undefined) return true
  const above = found.index === 0 ? '' : `${path.slice(0, found.index)}/`
  return present.some((other) => {
    const name = other.startsWith(above) ? other.slice(above.length) : '/'
    return !name.includes('/') && beside.test(name)
  })
}
