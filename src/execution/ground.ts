import { readChangeSet } from '../domain/run/change-set.ts'
import { findMembers, joinChangeSet } from '../domain/run/land.ts'
import { type Assignment, type Holder, noteAttempt } from '../domain/run/work.ts'
import { SpekiError } from '../errors.ts'
import { ABSENT, addWorktree, moveRef, readRef, removeWorktree } from '../git/worktrees.ts'
import type { AttemptRecord } from '../store/attempts.ts'
import type { RepositoryRecord } from '../store/repositories.ts'
import { taskEdges } from './change-set/parts.ts'
import type { ExecutionContext } from './context.ts'
import { providersOf } from './joint/providers.ts'
import { closeSiblings, openSiblings } from './joint/siblings.ts'
import { attemptFolder, changeSetBranch } from './places.ts'
import { withRoot } from './with-root.ts'

/** Where an attempt works. */
export interface Ground {
  readonly repository: RepositoryRecord & { readonly root: string }
  readonly worktree: string
  /** Commit it begins at. */
  readonly base: string
  readonly environment: Readonly<Record<string, string>>
  /** Takes it away again, whatever state it is in. */
  close(signal: AbortSignal): Promise<void>
}

/** Makes the worktree of an attempt on what has landed in its change set so far. */
export async function openGround(
  context: ExecutionContext,
  worker: Holder,
  { attempt, repository }: Pick<Assignment, 'attempt' | 'repository'>,
  signal: AbortSignal,
): Promise<Ground> {
  const rooted = withRoot(repository)
  const { root } = rooted
  const base = await changeSetHead(context, worker, attempt.changeSetId, rooted, signal)
  await noteAttempt(context.service, worker, attempt, { base })
  const { worktree, branch } = attempt
  await addWorktree(root, { path: worktree, branch, commit: base }, signal)
  const folder = attemptFolder(context.folder, attempt.taskId, attempt.number)
  const view = await readChangeSet(context.service, attempt.changeSetId)
  const landed = [changeSetBranch(attempt.changeSetId)]
  const neighbours = await providersOf(context, rooted, landed, taskEdges(view), signal)
  const environment = await environmentOf(context, attempt, rooted, signal)
  return {
    repository: rooted,
    worktree,
    base,
    environment,
    async close(closing) {
      await removeWorktree(root, { path: worktree, branch }, closing)
      await closeSiblings(
        folder,
        neighbours.map(({ repository: other }) => other),
        closing,
      )
    },
  }
}

/** The variables under which the checks of an attempt run, as they were when its worktree was made. */
export async function environmentOf(
  context: ExecutionContext,
  attempt: AttemptRecord,
  repository: RepositoryRecord,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const rooted = withRoot(repository)
  const view = await readChangeSet(context.service, attempt.changeSetId)
  const landed = [changeSetBranch(attempt.changeSetId)]
  const neighbours = await providersOf(context, rooted, landed, taskEdges(view), signal)
  const folder = attemptFolder(context.folder, attempt.taskId, attempt.number)
  return (await openSiblings(folder, neighbours, [{ repository: rooted, worktree: attempt.worktree }], signal))
    .environment
}

/** Head of a change set in a repository; the repository joins it where it is not in it. */
async function changeSetHead(
  context: ExecutionContext,
  worker: Holder,
  changeSetId: number,
  repository: RepositoryRecord & { readonly root: string },
  signal: AbortSignal,
): Promise<string> {
  const branch = changeSetBranch(changeSetId)
  const ref = `refs/heads/${branch}`
  const members = await findMembers(context.service, changeSetId, repository.root)
  const known = members.find(({ repositoryId }) => repositoryId === repository.id)
  if (known !== undefined) {
    const head = await readRef(repository.root, ref, signal)
    if (head !== undefined) return head
    // Somebody deleted the branch; what it held is still known.
    await moveRef(repository.root, ref, known.head, ABSENT, signal)
    return known.head
  }
  const target = repository.defaultBranch ?? 'main'
  const base =
    (await readRef(repository.root, `refs/heads/${target}`, signal)) ??
    (await readRef(repository.root, `refs/remotes/origin/${target}`, signal))
  if (base === undefined)
    throw new SpekiError('precondition_failed', `${repository.name} has no commit on ${target}.`, {
      hint: `Commit something there, or name its branch: repository_register name="${repository.name}" default_branch="…".`,
    })
  const head = await readRef(repository.root, ref, signal)
  // A branch of that name without a member is left from a worker that died right here.
  if (head === undefined) await moveRef(repository.root, ref, base, ABSENT, signal)
  else if (head !== base && members.length === 0) await moveRef(repository.root, ref, base, head, signal)
  // Packages of one repository share its branch.
  const begin = members[0]?.base ?? base
  const member = { changeSetId, repositoryId: repository.id, branch, target, base: begin }
  await joinChangeSet(context.service, worker, member)
  return (await readRef(repository.root, ref, signal)) ?? base
}
