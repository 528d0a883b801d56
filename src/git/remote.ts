import { git, tryGit } from './git.ts'

/** Talking to a remote is meant here; nowhere else may git reach out. */
const REACHING_OUT = { GIT_ALLOW_PROTOCOL: 'file:https:ssh' }

/** Name of the remote that counts. */
const REMOTE = 'origin'

/** Commit at which a branch of the remote stands, fetched; undefined where there is no such branch. Throws where the remote cannot be reached. */
export async function remoteTip(root: string, branch: string, signal: AbortSignal): Promise<string | undefined> {
  const commit = await askRemote(root, branch, signal)
  if (commit === undefined) return undefined
  if ((await tryGit(root, ['cat-file', '-e', `${commit}^{commit}`], signal)) === undefined)
    await git(root, ['fetch', '--quiet', '--no-tags', '--', REMOTE, `refs/heads/${branch}`], signal, REACHING_OUT)
  return commit
}

/** The same, fetching nothing. */
export async function askRemote(root: string, branch: string, signal: AbortSignal): Promise<string | undefined> {
  const listed = await git(root, ['ls-remote', '--refs', '--', REMOTE, `refs/heads/${branch}`], signal, REACHING_OUT)
  return listed.split(/\s/, 1)[0] || undefined
}

/** Pushes exactly this commit to a branch of the remote, if that still stands where it stood. Throws what git printed where it does not. */
export async function pushCommit(
  root: string,
  push: { readonly commit: string; readonly branch: string; readonly expected: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { commit, branch, expected } = push
  // Nothing expected: the branch must not be there.
  const lease = `--force-with-lease=refs/heads/${branch}:${expected ?? ''}`
  await git(
    root,
    ['push', '--quiet', '--no-verify', lease, '--', REMOTE, `${commit}:refs/heads/${branch}`],
    signal,
    REACHING_OUT,
  )
}

/** Where the remote is: a URL or a path. Undefined where there is none. */
export async function remoteLocation(root: string, signal: AbortSignal): Promise<string | undefined> {
  return (await tryGit(root, ['config', '--get', `remote.${REMOTE}.url`], signal)) || undefined
}
