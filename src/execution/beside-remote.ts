import { commitsApart } from '../git/commit.ts'
import { tryGit } from '../git/git.ts'
import { readRef } from '../git/worktree/worktrees.ts'

/**
 * How the branch that work begins at stands beside the one that it is pulled from and pushed to, where they are not at the
 * same commit; one sentence each. `there` is where the remote says that its branch is, where it answered.
 */
export async function besideRemote(
  root: string,
  branch: string,
  there: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const here = await readRef(root, `refs/heads/${branch}`, signal)
  if (here === undefined) return []
  const origin = `refs/remotes/origin/${branch}`
  const args = ['for-each-ref', '--format=%(upstream)', `refs/heads/${branch}`]
  const upstream = (await tryGit(root, args, signal)) || origin
  const notes: string[] = []
  for (const ref of new Set([origin, upstream])) {
    const name = ref.replace(/^refs\/(?:remotes|heads)\//, '')
    const stands = ref === origin && there !== undefined ? there : await readRef(root, ref, signal)
    if (stands === undefined || stands === here) continue
    const apart = await commitsApart(root, here, stands, signal)
    if (apart === undefined) notes.push(behind(branch, name, 'has commits that were not fetched yet', root))
    else notes.push(wordApart(branch, name, apart, root))
  }
  return notes
}

function wordApart(branch: string, name: string, apart: { ahead: number; behind: number }, root: string): string {
  const commits = (count: number) => `${count} ${count === 1 ? 'commit' : 'commits'}`
  if (apart.ahead === 0) return behind(branch, name, `is ${commits(apart.behind)} further`, root)
  const own = `${branch} is ${commits(apart.ahead)} ahead of ${name}`
  return apart.behind === 0
    ? `${own}: work begins with them; delivery to the remote does not push them, so push them first where the work needs them.`
    : `${own} and ${commits(apart.behind)} behind it, they have diverged: work begins at ${branch} as it is here. To bring them together first: git -C ${root} pull`
}

function behind(branch: string, name: string, how: string, root: string): string {
  return `${branch} is behind ${name}, which ${how}: work begins at ${branch} as it is here. To begin at the newer: git -C ${root} pull --ff-only`
}
