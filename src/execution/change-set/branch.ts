import { findMembers } from '../../domain/run/land.ts'
import type { Holder } from '../../domain/run/work.ts'
import { consult } from '../../domain/service.ts'
import { SpekiError } from '../../errors.ts'
import { branchNames, excludes } from '../../git/ref-names.ts'
import { ABSENT, moveRef, readRef } from '../../git/worktree/worktrees.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { findWorkspaceId } from '../../store/workspace.ts'
import type { ExecutionContext } from '../context.ts'
import { changeSetBranches } from '../places.ts'

/** The branch of an attempt's change set in its repository, as a full ref name. */
export async function changeSetRef(context: ExecutionContext, worker: Holder, attempt: AttemptRecord): Promise<string> {
  const [member] = await findMembers(context.service, worker, attempt.changeSetId, attempt.root)
  if (member === undefined) throw new SpekiError('internal', `${attempt.root} is in no change set of its attempt.`)
  return `refs/heads/${member.branch}`
}

/**
 * Makes the branch of a change set at `base`, under the first of its names that nobody has: not a person, not another
 * workspace. Which branch this workspace made is noted in a ref of its own, first: so one of which a killed worker told
 * nobody is found again. Resolves with its name.
 */
export async function makeChangeSetBranch(
  context: ExecutionContext,
  worker: Holder,
  place: { readonly root: string; readonly changeSetId: number; readonly base: string },
  signal: AbortSignal,
): Promise<string> {
  const { root, changeSetId, base } = place
  const workspace = await consult(context.service, worker, 'changeset.read', findWorkspaceId)
  const names = changeSetBranches(changeSetId, workspace)
  const taken = await branchNames(root, signal)
  for (const name of names) {
    const [ref, note] = [`refs/heads/${name}`, `refs/speki/${workspace.slice(0, 8)}/${name}`]
    const [head, noted] = [await readRef(root, ref, signal), await readRef(root, note, signal)]
    const isOurs = head !== undefined && head === noted
    if (!isOurs && taken.some((other) => excludes(name, other))) continue
    await moveRef(root, note, base, noted ?? ABSENT, signal)
    try {
      await moveRef(root, ref, base, isOurs ? head : ABSENT, signal)
      return name
    } catch (error) {
      // Somebody made one of that name in this very moment.
      if (!(error instanceof SpekiError && error.code === 'conflict')) throw error
    }
  }
  throw new SpekiError(
    'precondition_failed',
    `Every name for a branch of the change set is taken in ${root}: ${names.join(', ')}.`,
    {
      hint: 'Rename one of these branches, then repeat the call.',
    },
  )
}
