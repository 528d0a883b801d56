import type { Principal } from '../../../schemas/actor.ts'
import type { Task } from '../../../schemas/task.ts'
import { changedPaths } from '../../git/difference.ts'
import { git } from '../../git/git.ts'
import { treeHash } from '../../git/tree.ts'
import { takeSnapshot } from '../../git/worktree/snapshot.ts'
import { addWorktree, removeWorktree } from '../../git/worktree/worktrees.ts'
import { markOfFolder } from '../../process/process-list.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { openBeside } from '../attempt/ground.ts'
import { protectedPathsFor } from '../attempt/protected-paths.ts'
import type { ExecutionContext } from '../context.ts'
import { withPresentFacts } from '../joint/present-facts.ts'
import { providersOf } from '../joint/providers.ts'
import { closeSiblings, openSiblings } from '../joint/siblings.ts'
import type { Baseline } from '../judge/baseline.ts'
import { clearLeftovers } from '../judge/leftovers.ts'
import { type Verdict, verify } from '../judge/verify.ts'
import { scratchFolder, worktreeIn } from '../places.ts'
import { installSandbox, sandboxFor } from '../sandbox.ts'

/** Work of an agent in its own chat. */
export interface OwnWork {
  readonly caller: Principal
  /** With the checks that count for it. */
  readonly repository: RepositoryRecord & { readonly root: string }
  readonly task: Task
  /** Commit it is measured over. */
  readonly base: string
  readonly baseline: Baseline
  /** Of everything that git sees of it. */
  readonly tree: string
  /** Its attempt, where it has a worktree of ours. */
  readonly own: AttemptRecord | undefined
  readonly progress: (message: string) => void
}

/**
 * Judges work as a run judges its own: by the same gate, over the same base. In a copy of what git sees of it: there is nothing in
 * it that would not be committed, nothing that the checks write reaches the person's files, and who goes on working disturbs nothing.
 */
export async function judgeCopy(context: ExecutionContext, work: OwnWork, signal: AbortSignal): Promise<Verdict> {
  const { repository, base, tree } = work
  const { root } = repository
  const nested = await nestedFindings(work, signal)
  if (nested.length > 0) return { green: false, tree, checks: [], findings: nested }
  const folder = scratchFolder(context.folder, 'work', `${repository.id}-${base.slice(0, 12)}`)
  const place = { path: worktreeIn(folder, root), branch: undefined, commit: base, within: context.folder }
  const opened = new Set<OwnWork['repository']>()
  try {
    await addWorktree(root, place, signal)
    const worktree = place.path
    await git(worktree, ['read-tree', '--reset', '-u', '--end-of-options', tree], signal)
    // The work lies over the base as an agent leaves it: changed, and not committed.
    await git(worktree, ['read-tree', '--reset', 'HEAD'], signal)
    await clearLeftovers(worktree, { left: work.baseline.left, named: work.task.context.files ?? [] }, signal)
    const copied = await treeHash(worktree, signal)
    const environment = await besideCopy(context, work, { folder, worktree }, opened, signal)
    const judged = {
      ...work,
      worktree,
      environment,
      protectedPaths: protectedPathsFor(work.task),
      frozen: new Map<string, string>(),
      mark: markOfFolder(folder),
      sandbox: await sandboxFor(context, work.caller, { role: 'check' }, { repository, worktree, beside: folder }),
    }
    const verdict = await verify(context, judged, signal)
    return verdict.tree === copied ? { ...verdict, tree } : await rewritten(root, copied, verdict, tree, signal)
  } finally {
    await removeWorktree(root, place, AbortSignal.timeout(60_000))
    await closeSiblings(folder, [...opened], AbortSignal.timeout(60_000))
  }
}

const SUBMODULE = '160000'

/** What a repository inside the repository holds is in no tree of this one. */
async function nestedFindings({ repository: { root }, base, tree }: OwnWork, signal: AbortSignal) {
  const changed = await changedPaths(root, base, tree, signal)
  return changed
    .filter(({ newMode }) => newMode === SUBMODULE)
    .map(({ path }) => ({
      class: 'SCOPE' as const,
      path,
      message: `${path} is a repository inside the repository and is not as it was at the claim; what it holds cannot be judged here. Put it back, or take it out.`,
    }))
}

/** Checks that write the work itself anew have shown something of what they wrote, not of what is there. */
async function rewritten(
  root: string,
  copied: string,
  verdict: Verdict,
  tree: string,
  signal: AbortSignal,
): Promise<Verdict> {
  const paths = (await changedPaths(root, copied, verdict.tree, signal)).map(({ path }) => path)
  const message = `The checks write files of the work anew: ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ' …' : ''}. Run what writes them (a formatter, a generator) yourself, then validate again.`
  return {
    ...verdict,
    tree,
    green: false,
    findings: [...verdict.findings, { class: 'POLICY_DENIED', message }],
  }
}

/** What the work builds on, beside its copy: what has landed in its change set, else the working copies as they stand. */
async function besideCopy(
  context: ExecutionContext,
  { caller, repository, own }: OwnWork,
  place: { readonly folder: string; readonly worktree: string },
  opened: Set<OwnWork['repository']>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  if (own !== undefined) return (await openBeside(context, caller, own, repository, signal, opened, place)).environment
  const present = await withPresentFacts(repository, place.worktree, signal)
  const { neighbours, siblings } = await providersOf(context, caller, present, new Map(), [], signal)
  const standing = []
  for (const at of neighbours) {
    opened.add(at.repository)
    const { commit } = await takeSnapshot(at.repository.root, context.service.now(), signal)
    standing.push({ repository: at.repository, commit })
  }
  const lying = [present, ...siblings].map((each) => ({ repository: each, worktree: place.worktree }))
  const inside = installSandbox(context, caller, place.folder)
  return (await openSiblings(place.folder, standing, lying, inside, signal)).environment
}
