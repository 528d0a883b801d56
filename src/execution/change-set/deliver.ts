import { ConnectorError } from '../../../connectors/connector.ts'
import type { Principal } from '../../../schemas/actor.ts'
import { changeSetKey } from '../../../schemas/key.ts'
import { noteChangeSet, readChangeSet } from '../../domain/change-set/change-set.ts'
import { SpekiError } from '../../errors.ts'
import { advanceBranch, advanceProblem } from '../../git/advance.ts'
import { isAncestor } from '../../git/commit.ts'
import { pushCommit, remoteTip } from '../../git/remote.ts'
import { hint, step } from '../../step.ts'
import type { FrozenChecks } from '../../store/run/runs.ts'
import type { ExecutionContext } from '../context.ts'
import { explainConnector } from './connector-failure.ts'
import { type Integration, integrate } from './integrate.ts'
import type { Destination, RootPart } from './parts.ts'
import { createPullRequests, hostedPart, mergePart } from './pull-requests.ts'

export interface Delivery {
  readonly state: 'delivered' | 'stopped'
  readonly delivered: readonly string[]
  /** Set where it stopped half-way: what failed, and what takes back what was delivered. */
  readonly stoppedAt: { readonly name: string; readonly reason: string } | undefined
  readonly compensation: readonly string[]
}

/** What came of asking for a delivery: what is in its way, what it would do, or what it did. */
export type DeliveryStep =
  | { readonly state: 'refused'; readonly integration: Integration; readonly problems: readonly string[] }
  | { readonly state: 'preview'; readonly integration: Integration }
  | ({ readonly integration: Integration } & Delivery)

/**
 * Tests a change set and, where `confirm` is the token of exactly that tested state, delivers it. Without it nothing moves: the
 * token of the preview is the integration's.
 */
export async function deliverConfirmed(
  context: ExecutionContext,
  caller: Principal,
  asked: { readonly id: number; readonly destination: Destination; readonly confirm: string | undefined },
  progress: (message: string) => void,
  signal: AbortSignal,
): Promise<DeliveryStep> {
  const { id, destination, confirm } = asked
  const { integration, problems } = await prepareDelivery(context, caller, id, destination, progress, signal)
  if (problems.length > 0) return { state: 'refused', integration, problems }
  if (confirm === undefined) return { state: 'preview', integration }
  if (confirm !== integration.token)
    throw new SpekiError('conflict', `${changeSetKey(id)} is not what was previewed any more. Nothing was delivered.`, {
      hint: hint`Look at a new preview: ${step('changeset_deliver', { change_set: changeSetKey(id), to: destination })}.`,
    })
  return { integration, ...(await deliver(context, caller, id, integration, signal)) }
}

/** Tests what would be delivered, and says what is in the way of it. Changes nothing but what is known of the change set. */
export async function prepareDelivery(
  context: ExecutionContext,
  caller: Principal,
  id: number,
  destination: Destination,
  progress: (message: string) => void,
  signal: AbortSignal,
  frozen: readonly FrozenChecks[] = [],
): Promise<{ readonly integration: Integration; readonly problems: readonly string[] }> {
  const { changeSet } = await readChangeSet(context.service, caller, id)
  if (changeSet.state === 'delivered')
    throw new SpekiError('precondition_failed', `${changeSetKey(id)} is delivered already.`, {
      hint: hint`See ${step('changeset_get', { change_set: changeSetKey(id) })}.`,
    })
  const integration = await integrate(context, caller, id, destination, progress, signal, frozen)
  const problems = integration.ejected.map(({ name, reason }) => `${name}: ${reason}`)
  if (integration.parts.length === 0 && problems.length === 0) problems.push('Nothing has landed in it yet.')
  if (destination === 'local')
    for (const { name, root, target, tip, merged } of integration.parts) {
      if (merged === undefined || merged === tip) continue
      const problem = await advanceProblem(root, { branch: target, to: merged }, signal)
      if (problem !== undefined) problems.push(`${name}: ${problem}`)
    }
  return { integration, problems }
}

/**
 * Delivers exactly what was tested, provider first, each target branch moved only from where it stood. Repeating it after a
 * crash goes on: what is there already is not delivered twice. Where a step fails, it stops, and says what would take back the
 * steps before.
 */
export async function deliver(
  context: ExecutionContext,
  caller: Principal,
  id: number,
  integration: Integration,
  signal: AbortSignal,
): Promise<Delivery> {
  const { parts, destination } = integration
  if (destination === 'pull_requests') for (const part of parts) await hostedPart(context, part, signal)
  await note(
    context,
    caller,
    id,
    integration,
    'delivering',
    `Delivery of ${parts.map(({ name }) => name).join(', ')} begins`,
    [],
  )
  const delivered: RootPart[] = []
  const stop = async (name: string, error: unknown): Promise<Delivery> => {
    if (signal.aborted) throw error
    const reason = reasonOf(error)
    const compensation = delivered.toReversed().map(compensate)
    const summary = `Stopped at ${name}: ${reason} Delivered before: ${delivered.map((part) => part.name).join(', ') || 'nothing'}`
    await note(context, caller, id, integration, 'stopped', summary, delivered, {
      stoppedAt: { name, reason },
      compensation,
    })
    return {
      state: 'stopped',
      delivered: delivered.map((part) => part.name),
      stoppedAt: { name, reason },
      compensation,
    }
  }
  if (destination === 'pull_requests') {
    const { changeSet } = await readChangeSet(context.service, caller, id)
    const requests = createPullRequests(
      context,
      { key: changeSetKey(id), title: changeSet.title },
      parts,
      integration.edges,
    )
    for (const part of parts)
      try {
        await requests.open(part, signal)
      } catch (error) {
        return await stop(part.name, error)
      }
  }
  for (const part of parts)
    try {
      if (destination === 'pull_requests') await mergePart(context, part, signal)
      else await deliverPart(part, destination, signal)
      delivered.push(part)
    } catch (error) {
      return await stop(part.name, error)
    }
  const names = delivered.map(({ name }) => name)
  const told = [`Delivered ${names.join(', ')}`, ...integration.notes].join('; ')
  await note(context, caller, id, integration, 'delivered', told, delivered)
  return { state: 'delivered', delivered: names, stoppedAt: undefined, compensation: [] }
}

async function deliverPart(part: RootPart, destination: Destination, signal: AbortSignal): Promise<void> {
  const { root, target, tip, merged } = part
  if (merged === undefined || merged === tip) return
  if (destination === 'local') {
    await advanceBranch(root, { branch: target, to: merged, expected: tip }, signal)
    return
  }
  const now = await remoteTip(root, target, signal)
  if (now !== undefined && (await isAncestor(root, merged, now, signal))) return
  await pushCommit(root, { commit: merged, branch: target, expected: tip }, signal)
}

/** What failed and the next step, as sentences. */
export function reasonOf(error: unknown): string {
  const known = error instanceof ConnectorError ? explainConnector(error) : error
  const message = known instanceof Error ? known.message : String(known)
  const hint = known instanceof SpekiError && known.hint !== undefined ? ` ${known.hint}` : ''
  return `${message}${/[.!?]$/.test(message) ? '' : '.'}${hint}`
}

/** What takes a delivered part back; a person decides whether. */
function compensate({ name, root, target, tip, merged }: RootPart): string {
  return `${name}: git -C ${root} revert --no-edit ${tip.slice(0, 12)}..${(merged ?? '').slice(0, 12)} on ${target}`
}

async function note(
  context: ExecutionContext,
  caller: Principal,
  id: number,
  { token, destination, parts, edges, notes }: Integration,
  state: 'delivering' | 'delivered' | 'stopped',
  summary: string,
  delivered: readonly RootPart[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await noteChangeSet(context.service, caller, id, {
    state,
    detail: { token, destination, order: parts.map(({ name }) => name), edges, notes, summary, ...more },
    members: delivered.flatMap(({ repositories, merged, tip }) =>
      repositories.map((repository) => ({ repositoryId: repository.id, state: 'delivered', detail: { merged, tip } })),
    ),
    summary,
  })
}
