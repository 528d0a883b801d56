import { isDeepStrictEqual } from 'node:util'
import { readChangeSet } from '../../domain/change-set/change-set.ts'
import { findMembers, joinChangeSet } from '../../domain/run/land.ts'
import { type Assignment, type Holder, noteAttempt } from '../../domain/run/work.ts'
import { SpekiError } from '../../errors.ts'
import { isAncestor } from '../../git/commit.ts'
import { placeSubmodules } from '../../git/worktree/submodules.ts'
import { ABSENT, addWorktree, deleteRef, moveRef, readRef, removeWorktree } from '../../git/worktree/worktrees.ts'
import { BLANK, hint, step } from '../../step.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import type { MemberRecord } from '../../store/run/change-sets.ts'
import { makeChangeSetBranch } from '../change-set/branch.ts'
import { taskEdges } from '../change-set/parts.ts'
import type { ExecutionContext } from '../context.ts'
import { withPresentFacts } from '../joint/present-facts.ts'
import { providersOf } from '../joint/providers.ts'
import { closeSiblings, openSiblings } from '../joint/siblings.ts'
import { attemptFolder, worktreeIn } from '../places.ts'
import { installSandbox } from '../sandbox.ts'
import { withRoot } from '../with-root.ts'

/** Where an attempt works. */
export interface Ground {
  readonly repository: RepositoryRecord & { readonly root: string }
  readonly worktree: string
  /** Commit it begins at. */
  readonly base: string
  readonly environment: Readonly<Record<string, string>>
  /** What lies beside it, to be built against; one sentence each. */
  readonly beside: readonly string[]
  /**
   * The variables for the work as it stands. Where it uses or provides other packages than before, what it builds on is put
   * beside it anew. Throws `precondition_failed` where that cannot be.
   */
  renew(signal: AbortSignal): Promise<Readonly<Record<string, string>>>
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
  const place = { path: worktree, branch, within: context.folder }
  await addWorktree(root, { ...place, commit: base }, signal)
  const opened = new Set<Ground['repository']>()
  let joint = await openBeside(context, worker, attempt, rooted, signal, opened)
  return {
    repository: rooted,
    worktree,
    base,
    environment: joint.environment,
    beside: joint.notes,
    async renew(renewing) {
      // What was changed in them cannot land, so it proves nothing.
      await placeSubmodules(root, worktree, renewing)
      const { facts } = await withPresentFacts(rooted, worktree, renewing)
      if (isDeepStrictEqual(facts, joint.facts)) return joint.environment
      joint = await openBeside(context, worker, attempt, rooted, renewing, opened)
      return joint.environment
    },
    async close(closing) {
      await removeWorktree(root, place, closing)
      await closeSiblings(attemptFolder(context.folder, attempt.taskId, attempt.number), [...opened], closing)
    },
  }
}

/**
 * Puts what the work of an attempt builds on beside it, as its worktree stands, or a copy of it at a place of choice. `opened`
 * learns of all that then lies there.
 */
export async function openBeside(
  context: ExecutionContext,
  caller: Holder,
  attempt: AttemptRecord,
  repository: Ground['repository'],
  signal: AbortSignal,
  opened = new Set<Ground['repository']>(),
  place = { folder: attemptFolder(context.folder, attempt.taskId, attempt.number), worktree: attempt.worktree },
) {
  const { folder, worktree } = place
  const present = await withPresentFacts(repository, worktree, signal)
  const view = await readChangeSet(context.service, caller, attempt.changeSetId)
  const landed = new Map(view.members.map(({ root, branch }) => [root, branch]))
  const { neighbours, siblings } = await providersOf(context, caller, present, landed, taskEdges(view), signal)
  for (const neighbour of neighbours) opened.add(neighbour.repository)
  const own = [present, ...siblings].map((each) => ({ repository: each, worktree }))
  const inside = installSandbox(context, caller, folder)
  const { notes, environment } = await openSiblings(folder, neighbours, own, inside, signal)
  const places = neighbours.map((at) => `${at.repository.name} lies in ${worktreeIn(folder, at.repository.root)}.`)
  return {
    facts: present.facts,
    environment,
    notes: neighbours.length === 0 ? [] : [...places, ...notes],
  }
}

/** Head of a change set in a repository; the repository joins it where it is not in it. */
async function changeSetHead(
  context: ExecutionContext,
  worker: Holder,
  changeSetId: number,
  repository: RepositoryRecord & { readonly root: string },
  signal: AbortSignal,
): Promise<string> {
  const members = await findMembers(context.service, worker, changeSetId, repository.root)
  const known = members.find(({ repositoryId }) => repositoryId === repository.id)
  if (known !== undefined) return await standingHead(repository.root, known, signal)
  const target = repository.defaultBranch ?? 'main'
  const base =
    (await readRef(repository.root, `refs/heads/${target}`, signal)) ??
    (await readRef(repository.root, `refs/remotes/origin/${target}`, signal))
  if (base === undefined)
    throw new SpekiError('precondition_failed', `${repository.name} has no commit on ${target}.`, {
      hint: hint`Commit something there, or name its branch: ${step('repository_register', { name: repository.name, default_branch: BLANK })}.`,
    })
  // Packages of one repository share its branch.
  const [first] = members
  const place = { root: repository.root, changeSetId, base }
  const branch = first?.branch ?? (await makeChangeSetBranch(context, worker, place, signal))
  const member = { changeSetId, repositoryId: repository.id, branch, target, base: first?.base ?? base }
  await joinChangeSet(context.service, worker, member)
  const [joined = { branch, head: base }] = await findMembers(context.service, worker, changeSetId, repository.root)
  // Two that begin at once make one branch each where the first has landed meanwhile: one is enough.
  if (joined.branch !== branch) await deleteRef(repository.root, `refs/heads/${branch}`, base, signal)
  return await standingHead(repository.root, joined, signal)
}

/**
 * Where the branch of a change set stands. Work may have landed on it since, or a person may have added a commit; one that
 * somebody moved away from what landed is left as it is, and refused.
 */
async function standingHead(
  root: string,
  { branch, head: known }: Pick<MemberRecord, 'branch' | 'head'>,
  signal: AbortSignal,
): Promise<string> {
  const ref = `refs/heads/${branch}`
  const head = await readRef(root, ref, signal)
  if (head === undefined) {
    // Somebody deleted the branch; what it held is still known.
    await moveRef(root, ref, known, ABSENT, signal)
    return known
  }
  if (head === known || (await isAncestor(root, known, head, signal))) return head
  throw new SpekiError(
    'precondition_failed',
    `Somebody moved ${branch} in ${root} away from what landed on it, to ${head.slice(0, 12)}.`,
    {
      hint: `Keep what is there under another name, then put it back: git -C ${root} branch -f ${branch} ${known.slice(0, 12)}.`,
    },
  )
}
