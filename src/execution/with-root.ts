import { SpekiError } from '../errors.ts'
import { BLANK, hint, step } from '../step.ts'
import type { RepositoryRecord } from '../store/repositories.ts'

/** The repository with its working copy; throws where it has none. */
export function withRoot(repository: RepositoryRecord): RepositoryRecord & { readonly root: string } {
  const { root } = repository
  if (root === undefined)
    throw new SpekiError('precondition_failed', `${repository.name} has no local path, so nothing can run.`, {
      hint: hint`Give it one: ${step('repository_register', { name: repository.name, path: BLANK })}.`,
    })
  return { ...repository, root }
}
