import type { Principal } from '../../../schemas/actor.ts'
import type { CheckResult } from '../../../schemas/evidence.ts'
import { keyNumber } from '../../../schemas/key.ts'
import { agentPrincipal } from '../../../src/domain/access/principals.ts'
import { listActivity } from '../../../src/domain/activity.ts'
import type { Service } from '../../../src/domain/service.ts'
import { type Claim, type ClaimFilter, claimTask } from '../../../src/domain/task/claim.ts'
import { recordValidation } from '../../../src/domain/task/complete.ts'
import { draft, person, prdOf, submit, workspace } from '../plan/workspace.ts'

export const TREE = 'a'.repeat(40)

const named = (given: string): Principal =>
  agentPrincipal({ client: 'agent', given, session: `session of ${given}`, onBehalfOf: 'tester' })

export const ada: Principal = named('ada')
export const bob: Principal = named('bob')

const BODY = `# Orders

## Requirements

### FR-001: Place an order [repo: api]

The system shall store an order and answer 201.

Acceptance criteria:
- Given a basket, when it is posted, then the answer is 201.

### FR-002: Show the order [repo: web]

The page shall show the number of the order within 2 seconds.

Acceptance criteria:
- Given an answer 201, when the page loads, then the number is shown within 2 seconds.
`

export interface Planned extends Service {
  readonly prd: string
  readonly body: string
  /** Lets time pass, in milliseconds. */
  wait(ms: number): void
}

/** A library and what uses it, and a PRD over both planned as drafted: TASK-2 waits for TASK-1. Its clock stands still. */
export async function planned(): Promise<Planned> {
  const { database } = await workspace({ api: { package: 'api' }, web: { package: 'web', uses: ['api'] } })
  let clock = 1_000_000
  const service = { database, now: () => clock }
  const prd = await prdOf(service, BODY, ['api', 'web'])
  const { tasks } = await draft(service, prd)
  await submit(service, prd, tasks)
  return { ...service, prd, body: BODY, wait: (ms) => (clock += ms) }
}

export async function claim(service: Service, caller: Principal, filter: ClaimFilter = {}): Promise<Claim> {
  const claimed = await claimTask(service, caller, filter)
  if (claimed === undefined) throw new Error('nothing was ready')
  return claimed
}

/** What the checks showed, as the runner tells it. */
export async function validate(
  service: Service,
  { task, lease }: Claim,
  change: { complete?: boolean; checks?: readonly Partial<CheckResult>[]; treeHash?: string } = {},
): Promise<void> {
  const { complete = true, checks = [{}], treeHash = TREE } = change
  const all = checks.map((check) => ({
    kind: 'test' as const,
    argv: ['npm', 'test'],
    status: 'passed' as const,
    durationMs: 1,
    outputTail: '',
    outputBytes: 0,
    outputDigest: '',
    ...check,
  }))
  const passed = all.every(({ status }) => status === 'passed')
  const outcome = { worktree: '/somewhere', treeHash, base: TREE, passed, complete, checks: all, findings: [] }
  await recordValidation(service, ada, keyNumber(task.id), lease.token, outcome)
}

export async function typesOf(service: Service, subject: string): Promise<string[]> {
  const events = await listActivity(service, person, { subject, limit: 100, newestFirst: false })
  return events.map(({ type }) => type)
}
