import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber } from '../../../schemas/key.ts'
import type { PlanDraft } from '../../../schemas/plan.ts'
import { planText } from '../../reading/readings.ts'
import type { Reader } from '../../store/database.ts'
import { findPrdBody, type PrdRecord } from '../../store/prd/prds.ts'
import { findRepository } from '../../store/repositories.ts'
import { findLastAliasNumber } from '../../store/task/tasks.ts'
import { getPrd } from '../prd/prd.ts'
import type { RepositoryMap } from '../repository/repository.ts'
import { consult, type Service } from '../service.ts'
import { REF_PREFIX } from './compose.ts'
import { readPlanState } from './context.ts'
import { type DraftInput, type DraftRepository, drafting } from './drafting.ts'

/**
 * A plan that follows from the text and the repositories alone: one task a requirement and repository, what is used
 * before its users. Finished and claimed tasks stay, open ones are gone on with, so after an edit only what changed is
 * new. Without questions it passes `checkPlan` as it is; what would not pass is a question.
 */
export async function draftPlan(
  service: Service,
  caller: Principal,
  input: { readonly prd: string; readonly mapOf: (repository: string) => RepositoryMap | undefined },
): Promise<PlanDraft> {
  const drafted = await consult(service, caller, 'plan.draft', async (reader): Promise<DraftInput> => {
    const prd = await getPrd(reader, keyNumber(input.prd))
    const { id, kind, revision } = prd
    return {
      prd: { id, kind, revision },
      state: await readPlanState(reader, prd, []),
      text: planText.now({ text: (await findPrdBody(reader, id, revision)) ?? '', kind }),
      repositories: await readRepositories(reader, prd, input.mapOf),
      firstNumber: (await findLastAliasNumber(reader, REF_PREFIX[kind])) + 1,
    }
  })
  return await drafting.ahead(drafted)
}

async function readRepositories(
  reader: Reader,
  prd: PrdRecord,
  mapOf: (repository: string) => RepositoryMap | undefined,
): Promise<readonly DraftRepository[]> {
  const found: DraftRepository[] = []
  for (const id of prd.repositoryIds) {
    const record = await findRepository(reader, id)
    if (record !== undefined)
      found.push({ name: record.name, facts: { packages: record.facts.packages }, map: mapOf(record.name) })
  }
  return found
}
