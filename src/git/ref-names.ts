import { git } from './git.ts'

/**
 * Whether two refs cannot both be: they are one, or one would be the folder of the other. Some systems do not tell names
 * apart that differ by case alone.
 */
export function excludes(ref: string, other: string): boolean {
  const [a, b] = [ref.toLowerCase(), other.toLowerCase()]
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** Names of all branches here and, without the name of the remote, of those that are known of remotes. */
export async function branchNames(root: string, signal: AbortSignal): Promise<readonly string[]> {
  const args = ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/remotes']
  const refs = (await git(root, args, signal)).split('\n').filter((ref) => ref !== '')
  return refs.map((ref) => ref.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, ''))
}
