import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepositoryHealth } from '../../schemas/repository.ts'
import { ifUnreadable } from '../expected.ts'
import { tryGit } from './git.ts'

/** Whether the registered path still holds the registered repository. */
export async function repositoryHealth(
  repository: { readonly root: string | undefined; readonly subpath: string; readonly firstCommit: string | undefined },
  signal: AbortSignal,
): Promise<RepositoryHealth> {
  const { root, firstCommit } = repository
  if (root === undefined) return 'remote'
  const there = await stat(join(root, repository.subpath)).catch(ifUnreadable(undefined))
  if (there === undefined) return 'missing'
  if (firstCommit === undefined)
    return (await tryGit(root, ['rev-parse', '--git-dir'], signal)) === undefined ? 'moved' : 'ok'
  return (await tryGit(root, ['cat-file', '-e', `${firstCommit}^{commit}`], signal)) === undefined ? 'moved' : 'ok'
}
