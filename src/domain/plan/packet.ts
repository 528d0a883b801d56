import type { Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { PlanDraft } from '../../../schemas/plan.ts'
import { ifRefused } from '../../expected.ts'
import { findRepository, type RepositoryRecord } from '../../store/repositories.ts'
import { getPrd } from '../prd/prd.ts'
import type { RepositoryMap, RepositoryProbe } from '../repository/repository.ts'
import { consult, type Service } from '../service.ts'
import { draftPlan } from './draft.ts'
import { usesOf } from './producers.ts'

export interface PlanPacket {
  readonly draft: PlanDraft
  readonly repositories: readonly { readonly name: string; readonly packages: string[]; readonly uses: string[] }[]
}

/** Looks at the repositories of a PRD as they are now, and drafts its plan with what stands there as evidence. */
export async function draftForPrd(
  service: Service,
  caller: Principal,
  probe: Pick<RepositoryProbe, 'map'>,
  prdId: number,
  signal: AbortSignal,
): Promise<PlanPacket> {
  const records = await consult(service, caller, 'plan.draft', async (reader) => {
    const prd = await getPrd(reader, prdId)
    const found: RepositoryRecord[] = []
    for (const id of prd.repositoryIds) {
      const record = await findRepository(reader, id)
      if (record !== undefined) found.push(record)
    }
    return found
  })
  const maps = new Map<string, RepositoryMap>()
  for (const record of records) {
    // A path that is gone is no reason not to plan: names and packages are evidence too.
    const map = await probe.map(record, signal).catch(ifRefused(undefined))
    signal.throwIfAborted()
    if (map !== undefined) maps.set(record.name, map)
  }
  const draft = await draftPlan(service, caller, { prd: prdKey(prdId), mapOf: (name) => maps.get(name) })
  const uses = usesOf(records)
  const repositories = records.map((record) => ({
    name: record.name,
    packages: record.facts.packages.slice(0, 20).map((entry) => entry.name),
    uses: [...(uses.get(record.name) ?? [])],
  }))
  return { draft, repositories }
}
