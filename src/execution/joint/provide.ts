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

interface Install {
  readonly lock: string
  readonly argv: readonly string[]
  /** What is enough for tests, where all of it cannot be had. */
  readonly least?: readonly string[]
}

/** Folders of dependencies, and what fills each from a lock file. */
const DEPENDENCIES: readonly {
  readonly folder: string
  readonly installs: readonly Install[]
  /** Without a lock file they are this manifest's. */
  readonly manifest: string
}[] = [
  {
    folder: 'node_modules',
    manifest: 'package.json',
    installs: [
      { lock: 'package-lock.json', argv: ['npm', 'ci', '--no-audit', '--no-fund'] },
      { lock: 'pnpm-lock.yaml', argv: ['pnpm', 'install', '--frozen-lockfile'] },
      { lock: 'yarn.lock', argv: ['yarn', 'install', '--frozen-lockfile'] },
      { lock: 'bun.lock', argv: ['bun', 'install', '--frozen-lockfile'] },
    ],
  },
  {
    folder: '.venv',
    manifest: 'pyproject.toml',
    installs: [
      { lock: 'uv.lock', argv: ['uv', 'sync', '--frozen'] },
      { lock: 'poetry.lock', argv: ['poetry', 'install', '--no-interaction'] },
    ],
  },
  {
    folder: 'vendor',
    manifest: 'composer.json',
    installs: [{ lock: 'composer.lock', argv: ['composer', 'install', '--no-interaction'] }],
  },
  {
    folder: 'deps',
    manifest: 'mix.exs',
    installs: [{ lock: 'mix.lock', argv: ['mix', 'deps.get'], least: ['mix', 'deps.get', '--only', 'test'] }],
  },
]

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
    for (const dependencies of DEPENDENCIES) {
      const [source, target] = [join(repository.root, folder), join(worktree, folder)]
      const note = await provideFolder(dependencies, source, target, starting, signal)
      if (note !== undefined) notes.push(`${folder === '.' ? '' : `${folder}: `}${note}`)
    }
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
    for (const dependencies of DEPENDENCIES) {
      const install = dependencies.installs.find(({ lock }) => paths.has(posix.join(folder, lock)))
      if (install === undefined) continue
      const [lock, place] = [posix.join(folder, install.lock), posix.join(folder, dependencies.folder)]
      // What git does not ignore is no folder of dependencies.
      if ((await tryGit(root, ['check-ignore', '--quiet', '--', `${place}/`], signal)) === undefined) continue
      const committed = await tryGit(root, ['cat-file', 'blob', `${commit}:${lock}`], signal)
      const present = await readFile(join(root, lock), 'utf8').catch(ifUnreadable(undefined))
      const same = committed !== undefined && committed === present?.trim()
      if (same && (dependencies.folder === '.venv' || (await exists(join(root, place))))) continue
      lines.push(`${install.argv.join(' ')}${folder === '.' ? '' : ` in ${folder}`}`)
    }
  }
  return lines
}

async function provideFolder(
  { folder, installs, manifest }: (typeof DEPENDENCIES)[number],
  source: string,
  target: string,
  starting: Starting,
  signal: AbortSignal,
): Promise<string | undefined> {
  const install = await firstLock(installs, target)
  if (install === undefined && !(await exists(join(target, manifest)))) return undefined
  const place = join(target, folder)
  if (await exists(place)) return undefined
  // Rules mostly name folders alone, so it is asked for as one: it is not there yet.
  if ((await tryGit(target, ['check-ignore', '--quiet', '--', `${folder}/`], signal)) === undefined) return undefined
  const same = install === undefined || (await sameFile(join(source, install.lock), join(target, install.lock)))
  if (folder !== '.venv' && same && (await exists(join(source, folder)))) {
    await cp(join(source, folder), place, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    })
    return `took over ${folder}`
  }
  if (install === undefined || (folder === '.venv' && same)) return undefined
  return await runInstall(install, target, starting, signal)
}

async function runInstall(
  { argv, least }: Install,
  folder: string,
  starting: Starting,
  signal: AbortSignal,
): Promise<string> {
  const why = await whyNotInstalled(argv, folder, starting, signal)
  if (why === undefined) return `installed by ${argv.join(' ')}`
  if (least !== undefined && (await whyNotInstalled(least, folder, starting, signal)) === undefined)
    return `installed by ${least.join(' ')}, as ${argv.join(' ')} failed: ${why}`
  throw new SpekiError('precondition_failed', `The install failed (${argv.join(' ')}): ${why}`, {
    hint: 'Run it in the working copy; what is installed there is taken over.',
    details: { failure: 'INSTALL' satisfies FailureClass },
  })
}

async function whyNotInstalled(
  argv: readonly string[],
  folder: string,
  starting: Starting,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [file = '', ...args] = argv
  const lines: string[] = []
  const command = { file, args, folder, environment: { CI: '1' }, ...starting, limits: LIMITS, input: '' }
  const { reason, exitCode, stderr } = await runMarked(command, (line) => void lines.push(line), signal)
  if (reason === 'exited' && exitCode === 0) return undefined
  return stderr.trim().split('\n').at(-1) || lines.at(-1) || reason
}

async function firstLock(installs: readonly Install[], target: string): Promise<Install | undefined> {
  for (const entry of installs) if (await exists(join(target, entry.lock))) return entry
  return undefined
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => readFile(path).catch(ifUnreadable(undefined))))
  return one !== undefined && other !== undefined && one.equals(other)
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(ifUnreadable(undefined))) !== undefined
}
