import { git, tryGit } from './git.ts'

const FALLBACK = { name: 'SPEKI', email: 'speki@localhost' }

/**
 * Makes a commit object of a tree, without touching any index, worktree or ref. Author is whom the repository's
 * configuration names. Same input, same second: same id.
 */
export async function commitTree(
  root: string,
  commit: { readonly tree: string; readonly parents: readonly string[]; readonly message: string; readonly at: number },
  signal: AbortSignal,
): Promise<string> {
  const name = (await tryGit(root, ['config', '--get', 'user.name'], signal)) || FALLBACK.name
  const email = (await tryGit(root, ['config', '--get', 'user.email'], signal)) || FALLBACK.email
  // The sign, without which git takes no time of long ago.
  const date = `@${Math.floor(commit.at / 1000)} +0000`
  const identity = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  }
  const parents = commit.parents.flatMap((parent) => ['-p', parent])
  const args = ['commit-tree', ...parents, '-m', commit.message, '--end-of-options', commit.tree]
  return (await git(root, args, signal, identity)).trim()
}

/** Message of a commit, and when it was made. */
export async function messageOf(
  root: string,
  commit: string,
  signal: AbortSignal,
): Promise<{ readonly message: string; readonly at: number }> {
  const args = ['rev-list', '--max-count=1', '--no-commit-header', '--format=%ct%n%B', '--end-of-options', commit]
  const [seconds = '', ...lines] = (await git(root, args, signal)).split('\n')
  return { message: lines.join('\n').trim(), at: Number(seconds) * 1000 }
}

/** Tree of a commit. */
export async function treeOf(root: string, commit: string, signal: AbortSignal): Promise<string> {
  return (await git(root, ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`], signal)).trim()
}

/** Whether `ancestor` is in the history of `commit`. */
export async function isAncestor(
  root: string,
  ancestor: string,
  commit: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (
    (await tryGit(root, ['merge-base', '--is-ancestor', '--end-of-options', ancestor, commit], signal)) !== undefined
  )
}

/** How many commits each of two has that the other has not; undefined where one of them is not here. */
export async function commitsApart(
  root: string,
  one: string,
  other: string,
  signal: AbortSignal,
): Promise<{ readonly ahead: number; readonly behind: number } | undefined> {
  const args = ['rev-list', '--left-right', '--count', '--end-of-options', `${one}...${other}`]
  const counted = await tryGit(root, args, signal)
  if (counted === undefined) return undefined
  const [ahead = 0, behind = 0] = counted.split(/\s+/).map(Number)
  return { ahead, behind }
}
