import type { Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { Service } from '../../domain/service.ts'
import { BLANK, type Step, step } from '../../step.ts'
import { nextWork, reviveOf } from '../next-work.ts'

/** What brings the work on a PRD on: what revives it, what is missing for a plan, the plan, else its tasks. */
export async function prdWork(service: Service, caller: Principal, id: number): Promise<Step[]> {
  const { readNeeds } = await import('../../domain/outlook.ts')
  const needs = await readNeeds(service, caller, id)
  const prd = prdKey(id)
  const revive = reviveOf(prd, needs)
  if (revive !== undefined) return [revive]
  if (needs.plan && needs.repositories === 0) return [step('repository_register', { path: BLANK })]
  if (needs.plan && needs.spans === 0) return [step('prd_update', { prd, repositories: BLANK })]
  if (needs.plan) return [step('plan_draft', { prd })]
  return await nextWork(service, caller, { prd: id })
}
