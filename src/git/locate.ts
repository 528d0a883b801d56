import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { SpekiError } from '../errors.ts'
import { ifUnreadable } from '../expected.ts'
import { git, tryGit } from './git.ts'
import { withoutCredentials } from './remote-url.ts'

/** A working copy as found on disk; paths are real. */
export interface WorkingCopy {
  readonly root: string
  /** The folder that was asked for, in it or the root itself. */
  readonly folder: string
  /** The git folder that all worktrees of the repository share. */
  readonly commonDir: string
  /** The working copy that this one is a linked worktree of; undefined where it is none, or that one is bare or gone. */
  readonly main: string | undefined
  /** Absent before the first commit. */
  readonly head: string | undefined
  /** Id of the first commit: the same wherever the repository lies. */
  readonly firstCommit: string | undefined
  readonly defaultBranch: string | undefined
  /** Without credentials. */
  readonly remoteUrl: string | undefined
}

const NO_WORKING_COPY = /not a git repository|must be run in a work tree/

/** Finds the working copy that a path is in. Throws `invalid_input` or `not_found` for everything that is none. */
export async function locateWorkingCopy(path: string, signal: AbortSignal): Promise<WorkingCopy> {
  const folder = await realFolder(path)
  const top = (
    await git(folder, ['rev-parse', '--show-toplevel'], signal).catch((error: unknown) => {
      // Any other reason, as a folder of another user, is git's own to tell.
      if (error instanceof SpekiError && NO_WORKING_COPY.test(error.message)) return ''
      throw error
    })
  ).trim()
  if (top === '') {
    const bare = (await tryGit(folder, ['rev-parse', '--is-bare-repository'], signal)) === 'true'
    throw new SpekiError(
      'invalid_input',
      bare ? `${folder} is a bare repository; there are no files to work on.` : `${folder} is not a git repository.`,
      {
        hint: bare ? 'Register a clone of it.' : 'Give the folder of a working copy, or run git init there.',
      },
    )
  }
  const root = await realpath(top)
  const commonDir = await commonDirOf(root, signal)
  return {
    root,
    folder,
    commonDir,
    main: await mainOf(root, commonDir, signal),
    head: await tryGit(root, ['rev-parse', '--verify', '--quiet', 'HEAD'], signal),
    firstCommit: (await tryGit(root, ['rev-list', '--max-parents=0', '--reverse', 'HEAD'], signal))?.split('\n', 1)[0],
    defaultBranch: await findDefaultBranch(root, signal),
    remoteUrl: withoutCredentials(await tryGit(root, ['config', '--get', 'remote.origin.url'], signal)),
  }
}

async function mainOf(root: string, commonDir: string, signal: AbortSignal): Promise<string | undefined> {
  const listed = await tryGit(root, ['worktree', 'list', '--porcelain', '-z'], signal)
  // git names the main one first; of a submodule, whose git folder lies elsewhere, it names that folder.
  const [place = ''] = listed?.split('\0\0') ?? []
  const path = /^worktree ([^\0]+)/.exec(place)?.[1]
  if (path === undefined || place.split('\0').includes('bare')) return undefined
  const main = await realpath(path).catch(ifUnreadable(undefined))
  if (main === undefined || main === root) return undefined
  const dir = await tryGit(main, ['rev-parse', '--show-toplevel', '--git-common-dir'], signal)
  const [top = '', common = ''] = dir?.split('\n') ?? []
  return top !== '' && resolve(main, common) === commonDir ? await realpath(top) : undefined
}

/** The git folder that a worktree shares with the others of its repository. */
export async function commonDirOf(folder: string, signal: AbortSignal): Promise<string> {
  return await realpath(resolve(folder, (await git(folder, ['rev-parse', '--git-common-dir'], signal)).trim()))
}

/** The real path of an absolute path to a folder; throws where it is something else. */
async function realFolder(path: string): Promise<string> {
  if (path.includes('\u0000') || !isAbsolute(path))
    throw new SpekiError('invalid_input', `"${path}" is not an absolute path.`, {
      hint: 'Give the whole path, beginning at the root.',
    })
  const real = await realpath(path).catch(ifUnreadable(undefined))
  if (real === undefined)
    throw new SpekiError('not_found', `There is nothing at ${path}.`, {
      hint: 'Look at the path; if the repository moved, give its new one.',
    })
  if (!(await stat(real)).isDirectory())
    throw new SpekiError('invalid_input', `${path} is a file.`, { hint: 'Give the folder of the repository.' })
  return real
}

async function findDefaultBranch(root: string, signal: AbortSignal): Promise<string | undefined> {
  const remote = await tryGit(root, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'], signal)
  if (remote !== undefined && remote !== '') return remote.replace(/^origin\//, '')
  const current = await tryGit(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'], signal)
  return current === '' ? undefined : current
}
