import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Inherited, interrupt } from '../../domain/run/inherit.ts'
import { findLanding, landAttempt } from '../../domain/run/land.ts'
import { releaseAbandoned } from '../../domain/run/own-attempt.ts'
import type { Holder } from '../../domain/run/work.ts'
import { consult } from '../../domain/service.ts'
import type { WorkerCaller } from '../../domain/worker.ts'
import { ifMissing } from '../../expected.ts'
import { removeInside, removeLeftAside } from '../../files/remove.ts'
import { isAncestor } from '../../git/commit.ts'
import { readRef, removeWorktree } from '../../git/worktree/worktrees.ts'
import { endMarked } from '../../process/marked.ts'
import { isAlive } from '../../process/process-list.ts'
import { listRepositories } from '../../store/repositories.ts'
import { type AttemptRecord, listAttempts } from '../../store/run/attempts.ts'
import { keepTree } from '../attempt/keep-tree.ts'
import { changeSetRef } from '../change-set/branch.ts'
import type { ExecutionContext } from '../context.ts'
import { closeSiblings } from '../joint/siblings.ts'
import { attemptFolder, checkpointStore, readAttemptName, SCRATCH_GROUPS, scratchOwner } from '../places.ts'
import { withRoot } from '../with-root.ts'

/**
 * Clears up after a worker that died in an attempt: ends its processes, then asks the repository what came of it. Work
 * whose commit is on the branch of the change set has landed; all other is taken back, kept under a ref, and free again.
 * Doing it twice changes nothing.
 */
export async function recover(
  context: ExecutionContext,
  worker: WorkerCaller,
  inherited: Inherited,
  signal: AbortSignal,
): Promise<void> {
  const { attempt, token } = inherited
  await endMarked(attempt.mark, signal)
  if (token === undefined || !(await finishLanding(context, worker, attempt, token, signal))) {
    await keepTree(attempt, signal)
    await interrupt(context.service, worker, inherited)
  }
  await clearAttempt(context, worker, attempt, signal)
}

async function finishLanding(
  context: ExecutionContext,
  worker: WorkerCaller,
  attempt: AttemptRecord,
  token: string,
  signal: AbortSignal,
): Promise<boolean> {
  const landing = await findLanding(context.service, worker, attempt)
  if (landing === undefined) return false
  const head = await readRef(attempt.root, await changeSetRef(context, worker, attempt), signal)
  if (head === undefined || !(await isAncestor(attempt.root, landing.commit, head, signal))) return false
  await landAttempt(context.service, worker, attempt, token, landing)
  return true
}

/** Ends what still runs of an attempt and takes everything of it away; its work is kept under a ref. */
export async function takeBack(
  context: ExecutionContext,
  worker: Holder,
  attempt: AttemptRecord,
  signal: AbortSignal,
): Promise<void> {
  await endMarked(attempt.mark, signal)
  const { taskId, number } = attempt
  const attempts = await consult(context.service, worker, 'run.read', (reader) => listAttempts(reader, { taskId }))
  // Its base was noted after it was taken.
  await keepTree(attempts.find((other) => other.number === number) ?? attempt, signal)
  await clearAttempt(context, worker, attempt, signal)
}

/** Takes worktree, branch and checkpoints of an attempt away, whatever state they are in. */
export async function clearAttempt(
  context: ExecutionContext,
  worker: Holder,
  attempt: AttemptRecord,
  signal: AbortSignal,
): Promise<void> {
  const { root, worktree, branch, taskId, number } = attempt
  await removeWorktree(root, { path: worktree, branch, within: context.folder }, signal)
  await closeSiblings(attemptFolder(context.folder, taskId, number), await rootedRepositories(context, worker), signal)
  await removeInside(checkpointStore(context.folder, taskId, number).folder, context.folder)
}

async function rootedRepositories(context: ExecutionContext, worker: Holder) {
  const all = await consult(context.service, worker, 'repository.read', listRepositories)
  return all.filter(({ root }) => root !== undefined).map(withRoot)
}

/**
 * Clears what attempts left that ended in the database but not on disk: their worker died in between. Then the scratch
 * folders of processes that are gone, with what still runs in them.
 */
export async function sweep(context: ExecutionContext, worker: WorkerCaller, signal: AbortSignal): Promise<void> {
  await removeLeftAside(context.folder)
  for (const attempt of await releaseAbandoned(context.service, worker)) await keepTree(attempt, signal)
  const names = [
    ...(await readdir(join(context.folder, 'attempts')).catch(ifMissing([]))),
    ...(await readdir(join(context.folder, 'checkpoints')).catch(ifMissing([]))),
  ]
  for (const name of new Set(names)) {
    const subject = readAttemptName(name)
    if (subject === undefined) continue
    const { taskId, number } = subject
    const attempts = await consult(context.service, worker, 'run.read', (reader) => listAttempts(reader, { taskId }))
    const attempt = attempts.find((other) => other.number === number)
    if (attempt !== undefined && attempt.state !== 'working') await clearAttempt(context, worker, attempt, signal)
  }
  for (const group of SCRATCH_GROUPS)
    for (const name of await readdir(join(context.folder, group)).catch(ifMissing([]))) {
      const owner = scratchOwner(name)
      if (owner !== undefined && isAlive(owner)) continue
      await closeSiblings(join(context.folder, group, name), await rootedRepositories(context, worker), signal)
    }
}
