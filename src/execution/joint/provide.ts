import { constants, cp, lstat, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { FailureClass } from '../../../schemas/run.ts'
import { SpekiError } from '../../errors.ts'
import { ifUnreadable } from '../../expected.ts'
import { tryGit } from '../../git/git.ts'
import { bringLocalFiles } from '../../git/worktree/local-files.ts'
import { placeSubmodules } from '../../git/worktree/submodules.ts'
import { runMarked } from '../../process/run-marked.ts'
import type { Sandbox } from '../../process/sandbox.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { pythonEnvironment } from './python-environment.ts'

/** What a fresh worktree got so that its checks can run. */
export interface Provided {
  /** One sentence each: what was taken over or installed. */
  readonly notes: readonly string[]
  /** Variables under which agents and checks run there. */
  readonly environment: Readonly<Record<string, string>>
}

/** How programs are started for it. */
export interface Starting {
  readonly mark: string
  readonly sandbox: Sandbox | undefined
}

/** What fills a folder of dependencies from a lock file, and where it puts them. */
const INSTALLS = [
  { lock: 'package-lock.json', argv: ['npm', 'ci', '--no-audit', '--no-fund'], folder: 'node_modules' },
  { lock: 'pnpm-lock.yaml', argv: ['pnpm', 'install', '--frozen-lockfile'], folder: 'node_modules' },
  { lock: 'yarn.lock', argv: ['yarn', 'install', '--frozen-lockfile'], folder: 'node_modules' },
  { lock: 'bun.lock', argv: ['bun', 'install', '--frozen-lockfile'], folder: 'node_modules' },
  { lock: 'uv.lock', argv: ['uv', 'sync', '--frozen'], folder: '.venv' },
  { lock: 'poetry.lock', argv: ['poetry', 'install', '--no-interaction'], folder: '.venv' },
  { lock: 'composer.lock', argv: ['composer', 'install', '--no-interaction'], folder: 'vendor' },
  { lock: 'mix.lock', argv: ['mix', 'deps.get'], folder: 'deps' },
] as const

const LIMITS = { wallMs: 15 * 60_000, stallMs: 5 * 60_000, lineBytes: 4096, totalBytes: 256 * 1024 * 1024 }

/**
 * Gives a worktree the dependencies its checks need: a copy of those of the working copy where the lock file is the same (a
 * copy, so that an agent may install into it), else an install, whose processes carry the mark. Throws `precondition_failed` where the install fails.
 */
export async function provide(
  repository: RepositoryRecord & { readonly root: string },
  worktree: string,
  starting: Starting,
  signal: AbortSignal,
): Promise<Provided> {
  const notes: string[] = []
  const folders = foldersOf(repository)
  for (const folder of folders) {
    const note = await provideFolder(join(repository.root, folder), join(worktree, folder), starting, signal)
    if (note !== undefined) notes.push(`${folder === '.' ? '' : `${folder}: `}${note}`)
  }
  const brought = await bringLocalFiles(repository.root, worktree, signal)
  if (brought.length > 0) notes.push(`brought ${brought.slice(0, 10).join(', ')}${brought.length > 10 ? ' …' : ''}`)
  const modules = await placeSubmodules(repository.root, worktree, signal)
  if (modules.length > 0) notes.push(`placed the submodules ${modules.join(', ')}; changes in them do not land`)
  const environment = (await pythonEnvironment(repository.root, folders, worktree)) ?? {}
  if (environment['VIRTUAL_ENV'] !== undefined) notes.push('uses the virtual environment of the working copy')
  return { notes, environment }
}

function foldersOf({ subpath, facts }: RepositoryRecord): ReadonlySet<string> {
  return new Set(['.', subpath, ...facts.packages.map(({ path }) => posix.join(subpath, path))])
}

/** The installs that a fresh worktree of a commit would take, as command lines. Looks only. */
export async function wouldInstall(
  repository: RepositoryRecord & { readonly root: string },
  commit: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { root } = repository
  const listed = await tryGit(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], signal)
  const paths = new Set((listed ?? '').split('\0'))
  const lines: string[] = []
  for (const folder of foldersOf(repository)) {
    const install = INSTALLS.find(({ lock }) => paths.has(posix.join(folder, lock)))
    if (install === undefined) continue
    const [lock, place] = [posix.join(folder, install.lock), posix.join(folder, install.folder)]
    // What git does not ignore is no folder of dependencies.
    if ((await tryGit(root, ['check-ignore', '--quiet', '--', `${place}/`], signal)) === undefined) continue
    const committed = await tryGit(root, ['cat-file', 'blob', `${commit}:${lock}`], signal)
    const present = await readFile(join(root, lock), 'utf8').catch(ifUnreadable(undefined))
    const same = committed !== undefined && committed === present?.trim()
    if (same && (install.folder === '.venv' || (await exists(join(root, place))))) continue
    lines.push(`${install.argv.join(' ')}${folder === '.' ? '' : ` in ${folder}`}`)
  }
  return lines
}

async function provideFolder(
  source: string,
  target: string,
  starting: Starting,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ready = join(source, 'node_modules')
  const lock = await firstLock(target)
  const place = join(target, lock?.folder ?? 'node_modules')
  if (await exists(place)) return undefined
  // Rules mostly name folders alone, so it is asked for as one: it is not there yet.
  const folder = `${lock?.folder ?? 'node_modules'}/`
  if ((await tryGit(target, ['check-ignore', '--quiet', '--', folder], signal)) === undefined) return undefined
  const same = lock === undefined || (await sameFile(join(source, lock.lock), join(target, lock.lock)))
  if (lock?.folder !== '.venv' && same && (await exists(join(source, lock?.folder ?? 'node_modules')))) {
    await cp(lock === undefined ? ready : join(source, lock.folder), place, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    })
    return `took over ${lock?.folder ?? 'node_modules'}`
  }
  if (lock === undefined || (lock.folder === '.venv' && same)) return undefined
  return await install(lock.argv, target, starting, signal)
}

async function install(
  argv: readonly string[],
  folder: string,
  starting: Starting,
  signal: AbortSignal,
): Promise<string> {
  const [file = '', ...args] = argv
  const lines: string[] = []
  const command = { file, args, folder, environment: { CI: '1' }, ...starting, limits: LIMITS, input: '' }
  const { reason, exitCode, stderr } = await runMarked(command, (line) => void lines.push(line), signal)
  if (reason === 'exited' && exitCode === 0) return `installed by ${argv.join(' ')}`
  const why = stderr.trim().split('\n').at(-1) || lines.at(-1) || reason
  throw new SpekiError('precondition_failed', `The install failed (${argv.join(' ')}): ${why}`, {
    hint: 'Run it in the working copy; what is installed there is taken over.',
    details: { failure: 'INSTALL' satisfies FailureClass },
  })
}

async function firstLock(folder: string) {
  for (const entry of INSTALLS) if (await exists(join(folder, entry.lock))) return entry
  return undefined
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => readFile(path).catch(ifUnreadable(undefined))))
  return one !== undefined && other !== undefined && one.equals(other)
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(ifUnreadable(undefined))) !== undefined
}
