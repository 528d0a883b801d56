import { type CodeHost, ConnectorError, type PullRequest } from '../../../connectors/connector.ts'
import { SpekiError } from '../../errors.ts'
import { isAncestor, treeOf } from '../../git/commit.ts'
import { tryGit } from '../../git/git.ts'
import { pushCommit, remoteLocation, remoteTip } from '../../git/remote.ts'
import { redact } from '../../redaction/redact.ts'
import { BLANK, hint, step } from '../../step.ts'
import { visible } from '../../visible.ts'
import type { ExecutionContext } from '../context.ts'
import type { Edge } from '../order/merge-order.ts'
import type { RootPart } from './parts.ts'

/** The place where the pull request of a part is kept. */
interface Hosted {
  readonly host: CodeHost
  readonly remote: string
}

/** Throws where a part has no code host. */
export async function hostedPart(context: ExecutionContext, part: RootPart, signal: AbortSignal): Promise<Hosted> {
  const remote = await remoteLocation(part.root, signal)
  const host = remote === undefined ? undefined : await context.codeHostOf(remote)
  if (remote === undefined || host === undefined)
    throw new SpekiError('precondition_failed', `${part.name} has no remote that keeps pull requests.`, {
      hint: hint`Deliver it with ${step('changeset_deliver', { change_set: BLANK, to: 'remote' })}, or with ${step('changeset_deliver', { change_set: BLANK, to: 'local' })}.`,
    })
  return { host, remote }
}

/**
 * The pull requests of a change set. `open` opens that of a part, or finds the one there is: its branch at exactly the commit
 * that was tested, its body with the whole change set and, by `Depends-On`, with the requests it has to follow, which are opened
 * before it. Repeating it changes nothing.
 */
export function createPullRequests(
  context: ExecutionContext,
  changeSet: { readonly key: string; readonly title: string },
  parts: readonly RootPart[],
  edges: readonly Edge[],
): { open(part: RootPart, signal: AbortSignal): Promise<void> } {
  const opened = new Map<string, PullRequest>()
  return {
    async open(part, signal) {
      if (part.merged === undefined || part.merged === part.tip) return
      const { host, remote } = await hostedPart(context, part, signal)
      const there = await remoteTip(part.root, part.branch, signal)
      if (there !== undefined && !(await isOurs(part, there, signal)))
        throw new SpekiError(
          'conflict',
          `The remote of ${part.name} has a branch ${part.branch} that is not this change set's.`,
          {
            hint: `Rename it there, or fetch in ${part.root} and begin a new change set: that takes another name.`,
          },
        )
      if (there !== part.merged)
        await pushCommit(part.root, { commit: part.merged, branch: part.branch, expected: there }, signal)
      const body = redact(visible(bodyOf(changeSet, part, parts, edges, opened)))
      const known = await host.findPullRequest(remote, part.branch, signal)
      const request =
        known?.state === 'open'
          ? await host.updatePullRequest(remote, known.number, { body }, signal)
          : known?.state === 'merged' && known.headCommit === part.merged
            ? known
            : await host.openPullRequest(
                remote,
                { head: part.branch, base: part.target, title: redact(visible(changeSet.title)), body },
                signal,
              )
      opened.set(part.name, request)
    },
  }
}

/** A branch of the remote is ours if work of the change set is on it. */
async function isOurs({ root, head, tip, merged }: RootPart, there: string, signal: AbortSignal): Promise<boolean> {
  if (there === merged) return true
  const shared = await tryGit(root, ['merge-base', '--end-of-options', there, head], signal)
  return shared !== undefined && !(await isAncestor(root, shared, tip, signal))
}

function bodyOf(
  { key }: { readonly key: string },
  part: RootPart,
  parts: readonly RootPart[],
  edges: readonly Edge[],
  open: ReadonlyMap<string, PullRequest>,
): string {
  const providers = [...new Set(edges.filter(({ to }) => to === part.name).map(({ from }) => from))]
  const links = providers.flatMap((name) => open.get(name)?.url ?? []).map((url) => `Depends-On: ${url}`)
  const rows = parts.map(
    ({ name, target, merged }) =>
      `| ${name}${name === part.name ? ' (this)' : ''} | ${target} | ${(merged ?? '').slice(0, 12)} |`,
  )
  return [
    `Part of ${key}: tested together, to be merged in this order, each at exactly this commit.`,
    ['| repository | into | commit |', '|---|---|---|', ...rows].join('\n'),
    ...(links.length > 0 ? [links.join('\n')] : []),
    `Speki-Change-Set: ${key}`,
  ].join('\n\n')
}

/** Merges one request, provider before user by the caller's order, and only from the state that was tested to the tree that was tested. */
export async function mergePart(context: ExecutionContext, part: RootPart, signal: AbortSignal): Promise<void> {
  const { merged, tip } = part
  if (merged === undefined || merged === tip) return
  const { host, remote } = await hostedPart(context, part, signal)
  const request = await host.findPullRequest(remote, part.branch, signal)
  if (request === undefined) throw new ConnectorError('not_found', `The pull request of ${part.branch} is gone.`)
  if (request.draft && request.state === 'open')
    await host.updatePullRequest(remote, request.number, { draft: false }, signal)
  const done = await host.mergePullRequest(
    remote,
    { number: request.number, expectedHead: merged, expectedBase: tip },
    signal,
  )
  const now = await remoteTip(part.root, part.target, signal)
  const standing = done.mergeCommit ?? now ?? ''
  const contains = now !== undefined && (now === standing || (await isAncestor(part.root, standing, now, signal)))
  if (!contains || (await treeOf(part.root, standing, signal)) !== (await treeOf(part.root, merged, signal)))
    throw new SpekiError(
      'conflict',
      `${part.target} of ${part.name} is not what was tested after the merge of ${request.url}.`,
      {
        hint: 'Somebody merged at the same moment: test the change set again.',
      },
    )
}
