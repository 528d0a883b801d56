import type { Principal } from '../../schemas/actor.ts'
import { changeSetKey, keyNumber, prdKey } from '../../schemas/key.ts'
import type { Outlook, PrdNeeds, ReadyTask } from '../domain/outlook.ts'
import type { Service } from '../domain/service.ts'
import type { StatusScope } from '../domain/status.ts'
import { BLANK, type Step, step } from '../step.ts'
import { deliveryStep } from './change-set/delivery-step.ts'

/** What to do where nothing more follows from the call that was made: what is held, what is ready, what is to be made ready. */
export async function nextWork(service: Service, caller: Principal, scope: StatusScope = {}): Promise<Step[]> {
  const { readOutlook } = await import('../domain/outlook.ts')
  return workOf(await readOutlook(service, caller, scope), scope)
}

/** The first of it, where the call has steps of its own. */
export async function firstWork(service: Service, caller: Principal): Promise<Step[]> {
  const [first] = await nextWork(service, caller)
  return first === undefined ? [] : [first]
}

/** How a ready task is claimed: with a worktree wherever one can be made, since whoever asks has no other place for it. First of all its PRD is brought back. */
export async function claimNext(service: Service, caller: Principal, task: string): Promise<Step> {
  const { readNeeds, readReady } = await import('../domain/outlook.ts')
  const ready = await readReady(service, caller, keyNumber(task))
  if (ready.prd === undefined) return claimOf(ready)
  return reviveOf(ready.prd, await readNeeds(service, caller, keyNumber(ready.prd))) ?? claimOf(ready)
}

/** What brings a PRD back on whose tasks nobody may work; undefined where they may. */
export function reviveOf(prd: string, { deleted, archived }: Pick<PrdNeeds, 'deleted' | 'archived'>): Step | undefined {
  if (deleted) return step('prd_update', { prd, deleted: false })
  return archived ? step('prd_update', { prd, state: 'draft' }) : undefined
}

function claimOf({ task, here }: ReadyTask): Step {
  return step('task_claim', { task, ...(here && { worktree: true }) })
}

function workOf(outlook: Outlook, scope: StatusScope): Step[] {
  const { held, ready, unplanned, stuck, undelivered, working } = outlook
  if (held !== undefined)
    return [step('task_get', { task: held }), step('task_validate', { task: held, lease_token: BLANK })]
  if (outlook.repositories === 0) return [step('repository_register', { path: BLANK })]
  if (ready !== undefined) return [step('task_claim', { ...inScope(scope), ...(ready.here && { worktree: true }) })]
  if (unplanned !== undefined)
    return [step(unplanned.requirements > 0 ? 'plan_draft' : 'prd_check', { prd: unplanned.prd })]
  if (stuck !== undefined) return [step('task_get', { task: stuck })]
  if (undelivered !== undefined) return [deliveryStep(changeSetKey(undelivered.id), undelivered.state)]
  if (working !== undefined) return [step('activity_list', { subject: working })]
  return [step('prd_create', { title: BLANK, body: BLANK }), ...(outlook.prds > 0 ? [step('prd_list')] : [])]
}

/** Whoever asked about one PRD or repository goes on in it. */
function inScope({ prd, repository }: StatusScope): Readonly<Record<string, unknown>> {
  return {
    ...(prd !== undefined && { prd: prdKey(prd) }),
    ...(repository !== undefined && { repository }),
  }
}
