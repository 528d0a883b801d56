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
  const date = `${Math.floor(commit.at / 1000)} +0000`
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
