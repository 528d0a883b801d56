import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Principal } from '../../../schemas/actor.ts'
import type { PlanDraft, PlannedTask } from '../../../schemas/plan.ts'
import type { PackageFact } from '../../../schemas/repository.ts'
import { agentPrincipal, personPrincipal } from '../../../src/domain/access/principals.ts'
import { draftPlan } from '../../../src/domain/plan/draft.ts'
import type { PlanOutcome } from '../../../src/domain/plan/store-plan.ts'
import { submitPlan } from '../../../src/domain/plan/submit.ts'
import { createPrd } from '../../../src/domain/prd/prd.ts'
import { type RepositoryProbe, registerRepository } from '../../../src/domain/repository/repository.ts'
import type { Service } from '../../../src/domain/service.ts'
import { openDatabase } from '../../../src/store/open.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { expectTold } from '../audit.ts'

export const person: Principal = personPrincipal('tester', 'tester')
export const agent: Principal = agentPrincipal({ client: 'agent', session: 'agent', onBehalfOf: 'tester' })

/** A workspace with these repositories; each may contain a package and use others. */
export async function workspace(
  repositories: Record<string, { readonly package?: string; readonly uses?: readonly string[] }>,
): Promise<Service> {
  const folder = await temporaryFolder()
  const database = await openDatabase({ file: join(folder, 'speki.db') })
  onTestFinished(async () => {
    await expectTold(database)
    await database.close()
  })
  const service: Service = { database, now: Date.now }
  for (const [name, { package: own, uses = [] }] of Object.entries(repositories)) {
    const packages: PackageFact[] =
      own === undefined ? [] : [{ name: own, ecosystem: 'npm', path: '.', dependencies: [...uses] }]
    const probe: RepositoryProbe = {
      inspect: async (_path, subpath = '.') => ({
        subpath,
        root: join(folder, name),
        commonDir: join(folder, name, '.git'),
        facts: { languages: [], packages, commands: [] },
      }),
      checkRemoteUrl: async (url) => url,
      health: async () => 'ok',
      map: async () => undefined,
    }
    await registerRepository(service, person, { name, path: join(folder, name) }, probe, AbortSignal.timeout(600_000))
  }
  return service
}

export async function prdOf(
  service: Service,
  body: string,
  repositories: readonly string[],
  kind: 'prd' | 'bug' = 'prd',
): Promise<string> {
  return (await createPrd(service, person, { title: 'A PRD', kind, body, repositories })).prd.id
}

/** Requirements FR-001 … with one criterion each. */
export function bodyOf(count: number, tag: (index: number) => string = () => ''): string {
  const parts = Array.from({ length: count }, (_, index) => {
    const label = `FR-${String(index + 1).padStart(3, '0')}`
    return `### ${label}: Part ${index + 1}${tag(index)}\n\nThe system shall answer ${index + 1} to question ${index + 1}.\n\nAcceptance criteria:\n- The answer to question ${index + 1} is ${index + 1}.\n`
  })
  return `# A PRD\n\n## Requirements\n\n${parts.join('\n')}`
}

export function task(ref: string, change: Partial<PlannedTask> = {}): PlannedTask {
  return {
    ref,
    title: `Do ${ref}`,
    repository: 'api',
    description: '',
    acceptance_criteria: [`It answers 200 to ${ref}.`],
    test_cases: [],
    requirements: [],
    depends_on: [],
    complexity: 'low',
    priority: 50,
    context: {},
    ...change,
  }
}

export async function draft(service: Service, prd: string): Promise<PlanDraft> {
  return await draftPlan(service, person, { prd, mapOf: () => undefined })
}

export async function submit(
  service: Service,
  prd: string,
  tasks: readonly PlannedTask[],
  baseRevision = 1,
  dryRun = false,
): Promise<PlanOutcome> {
  return await submitPlan(service, agent, { prd, baseRevision, tasks, dryRun })
}
