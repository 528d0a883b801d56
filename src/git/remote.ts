import { keyVariables } from '../config.ts'
import { ifRefused } from '../expected.ts'
import { git, tryGit } from './git.ts'

/** Talking to a remote is meant here, with the keys of the person; nowhere else may git reach out. */
function reachingOut(): Readonly<Record<string, string>> {
  return { ...keyVariables(), GIT_ALLOW_PROTOCOL: 'file:https:ssh' }
}

/** Name of the remote that counts. */
const REMOTE = 'origin'

/**
 * Commit at which a branch of the remote stands, fetched; undefined where there is no such branch. In a partial clone with
 * every object of it that is missing here. Throws where the remote cannot be reached.
 */
export async function remoteTip(root: string, branch: string, signal: AbortSignal): Promise<string | undefined> {
  const commit = await askRemote(root, branch, signal)
  if (commit === undefined) return undefined
  if ((await tryGit(root, ['cat-file', '-e', `${commit}^{commit}`], signal)) === undefined)
    await git(root, ['fetch', '--quiet', '--no-tags', '--', REMOTE, `refs/heads/${branch}`], signal, reachingOut())
  await completeCommit(root, commit, signal)
  return commit
}

/** Objects that one call of git is given by name. */
const AT_ONCE = 500

/** What a remote's branch has that the working copy has not. */
async function completeCommit(root: string, commit: string, signal: AbortSignal): Promise<void> {
  await fetchMissing(root, ['--end-of-options', commit, '^HEAD'], signal)
}

/** In a partial clone every file of a commit, also those that a sparse working copy has never had. Elsewhere, nothing is missing. */
export async function completeFiles(root: string, commit: string, signal: AbortSignal): Promise<void> {
  await fetchMissing(root, ['--no-walk', '--end-of-options', commit], signal)
}

/** Settings of a partial clone, of older git and of newer. */
const PARTIAL = '^(extensions\\.partialclone|remote\\..*\\.promisor)$'

/** How deep folders may lie of which nothing is here; each fetch shows what the folders before it hold. */
const MAX_ROUNDS = 100

/**
 * In a partial clone git would fetch what it misses in the middle of whatever it does, with whatever program the
 * configuration names; so it is fetched before. `of` names what has to be whole, as `rev-list` takes it.
 */
async function fetchMissing(root: string, of: readonly string[], signal: AbortSignal): Promise<void> {
  if ((await tryGit(root, ['config', '--get-regexp', PARTIAL], signal)) === undefined) return
  const fetch = ['-c', 'fetch.negotiationAlgorithm=noop', 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no', '--filter=blob:none'] // biome-ignore format: flags
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const lines = (await git(root, ['rev-list', '--objects', '--missing=print', ...of], signal)).split('\n')
    const missing = lines.flatMap((line) => (line.startsWith('?') ? [line.slice(1)] : []))
    if (missing.length === 0) return
    for (let at = 0; at < missing.length; at += AT_ONCE)
      await git(root, [...fetch, '--', REMOTE, ...missing.slice(at, at + AT_ONCE)], signal, reachingOut())
  }
}

/** Commit at which a branch of the remote stands, fetching nothing; undefined where there is no such branch. */
export async function askRemote(root: string, branch: string, signal: AbortSignal): Promise<string | undefined> {
  const listed = await git(root, ['ls-remote', '--refs', '--', REMOTE, `refs/heads/${branch}`], signal, reachingOut())
  return listed.split(/\s/, 1)[0] || undefined
}

/**
 * Whether the remote answers, without a program of anybody's, a network or a password: undefined where one would be needed,
 * so that it is asked when a run starts.
 */
export async function remoteAnswersAtSight(root: string, signal: AbortSignal): Promise<boolean | undefined> {
  const url = (await tryGit(root, ['ls-remote', '--get-url', REMOTE], signal)) ?? ''
  if (!/^(?:file:\/\/|[./]|[a-z]:[\\/])/i.test(url)) return undefined
  const args = ['ls-remote', '--refs', '--upload-pack=git-upload-pack', '--', REMOTE, 'refs/heads/*']
  return await git(root, args, signal, { GIT_ALLOW_PROTOCOL: 'file' }).then(() => true, ifRefused(false))
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
    reachingOut(),
  )
}

/** Where the remote is: a URL or a path. Undefined where there is none. */
export async function remoteLocation(root: string, signal: AbortSignal): Promise<string | undefined> {
  return (await tryGit(root, ['config', '--get', `remote.${REMOTE}.url`], signal)) || undefined
}
