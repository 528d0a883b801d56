import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber } from '../../../schemas/key.ts'
import { agentPrincipal, personPrincipal } from '../../../src/domain/access/principals.ts'
import { type RepositoryProbe, registerRepository } from '../../../src/domain/repository/repository.ts'
import { LEASE_MS, type Service } from '../../../src/domain/service.ts'
import { changeTasks } from '../../../src/domain/task/change.ts'
import { claimTask } from '../../../src/domain/task/claim.ts'
import { completeTask, recordValidation } from '../../../src/domain/task/complete.ts'
import { createTask } from '../../../src/domain/task/create.ts'
import { SpekiError } from '../../../src/errors.ts'
import { openDatabase } from '../../../src/store/open.ts'
import { runs } from '../../property-runs.ts'
import { expectTold } from '../audit.ts'

const TASKS = 5
const TREE = 'a'.repeat(40)

/** What one of several workers may do next; `who` picks the worker, `which` one of the tokens it was given. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('claim' as const), who: fc.nat(3) }),
  fc.record({ kind: fc.constant('complete' as const), who: fc.nat(3), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('release' as const), who: fc.nat(3), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('block' as const), who: fc.nat(3), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('reopen' as const), task: fc.nat(TASKS - 1) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1000, LEASE_MS / 2, LEASE_MS + 1) }),
  fc.record({ kind: fc.constant('restart' as const), who: fc.nat(3) }),
)

interface Token {
  readonly task: number
  readonly token: string
  readonly fence: number
}

test('whatever workers do and however leases run out, no task has two holders and no acknowledged step is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const world = await createWorld()
      try {
        for (const next of steps) {
          await world.play(next)
          await world.check()
        }
      } finally {
        await world.end()
      }
    }),
    { numRuns: runs(25) },
  )
})

async function createWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'speki-interleaving-'))
  const database = await openDatabase({ file: join(folder, 'speki.db') })
  let clock = 1_000_000
  const service: Service = { database, now: () => clock }
  const person: Principal = personPrincipal('tester', 'person')
  const probe: RepositoryProbe = {
    inspect: async () => await Promise.reject(new Error('not asked')),
    checkRemoteUrl: async (url) => url,
    health: async () => 'remote',
    map: async () => undefined,
  }
  await registerRepository(
    service,
    person,
    { name: 'api', remoteUrl: 'https://example.invalid/api.git' },
    probe,
    AbortSignal.timeout(600_000),
  )
  for (let index = 0; index < TASKS; index += 1) {
    const dependsOn = index >= 2 ? [index - 1] : []
    await createTask(service, person, {
      title: `Task ${index}`,
      repository: 'api',
      description: '',
      acceptanceCriteria: [],
      testCases: [],
      requirements: [],
      dependsOn,
      complexity: 'low',
      priority: 50,
      context: {},
    })
  }

  const sessions = [0, 1, 2, 3]
  const tokens = new Map<number, Token[]>()
  const highestFence = new Map<number, number>()
  const acknowledged: { subject: string; type: string }[] = []
  const callerOf = (who: number): Principal =>
    agentPrincipal({
      client: 'worker',
      given: `worker-${who}`,
      session: `session-${who}-${sessions[who]}`,
      onBehalfOf: 'tester',
    })
  const tokenOf = (who: number, which: number) => {
    const own = tokens.get(who) ?? []
    return own[which % Math.max(own.length, 1)]
  }
  /** True if the step was done; a refusal must be one that the rules know. */
  const tried = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (error) {
      if (error instanceof SpekiError && ['conflict', 'precondition_failed', 'forbidden'].includes(error.code))
        return false
      throw error
    }
  }

  async function withToken(
    who: number,
    which: number,
    type: string,
    work: (token: Token, caller: Principal) => Promise<unknown>,
  ): Promise<void> {
    const token = tokenOf(who, which)
    if (token === undefined) return
    const current = token.fence === highestFence.get(token.task)
    if (!(await tried(() => work(token, callerOf(who))))) return
    expect(current, 'a token that a later claim replaced was taken').toBe(true)
    acknowledged.push({ subject: `TASK-${token.task}`, type })
  }

  return {
    async play(next: typeof step extends fc.Arbitrary<infer Step> ? Step : never) {
      if (next.kind === 'wait') clock += next.ms
      else if (next.kind === 'restart') sessions[next.who] = (sessions[next.who] ?? 0) + 1
      else if (next.kind === 'claim') {
        const claim = await claimTask(service, callerOf(next.who), {})
        if (claim === undefined) return
        const task = keyNumber(claim.task.id)
        expect(claim.task.fence).toBeGreaterThan(highestFence.get(task) ?? 0)
        highestFence.set(task, claim.task.fence)
        tokens.set(next.who, [
          ...(tokens.get(next.who) ?? []),
          { task, token: claim.lease.token, fence: claim.task.fence },
        ])
        acknowledged.push({ subject: claim.task.id, type: 'task.claimed' })
      } else if (next.kind === 'complete') {
        await withToken(next.who, next.which, 'task.completed', async ({ task, token }, caller) => {
          const check = {
            kind: 'test' as const,
            argv: ['true'],
            status: 'passed' as const,
            exitCode: 0,
            durationMs: 1,
            outputTail: '',
            outputBytes: 0,
            outputDigest: '',
          }
          await recordValidation(service, caller, task, token, {
            worktree: folder,
            treeHash: TREE,
            passed: true,
            complete: true,
            base: TREE,
            findings: [],
            checks: [check],
          })
          await completeTask(service, caller, { taskId: task, token, answers: [], summary: 'done', treeHash: TREE })
        })
      } else if (next.kind === 'release') {
        await withToken(
          next.who,
          next.which,
          'task.released',
          async ({ task, token }, caller) =>
            await changeTasks(service, caller, [{ id: task, token }], { status: 'todo' }),
        )
      } else if (next.kind === 'block') {
        await withToken(
          next.who,
          next.which,
          'task.blocked',
          async ({ task, token }, caller) =>
            await changeTasks(service, caller, [{ id: task, token }], { status: 'blocked', reason: 'x' }),
        )
      } else {
        const [task] = await database.read(
          async ({ sql }) =>
            await sql
              .selectFrom('task')
              .select('status')
              .where('id', '=', next.task + 1)
              .execute(),
        )
        if (task === undefined || !['done', 'blocked'].includes(task.status)) return
        if (await tried(() => changeTasks(service, person, [{ id: next.task + 1 }], { status: 'todo' })))
          acknowledged.push({ subject: `TASK-${next.task + 1}`, type: 'task.reopened' })
      }
    },

    async check() {
      await expectTold(database)
      const { tasks, edges, events } = await database.read(async ({ sql }) => ({
        tasks: await sql.selectFrom('task').selectAll().execute(),
        edges: await sql.selectFrom('task_dependency').selectAll().execute(),
        events: await sql.selectFrom('event').select(['subject', 'type']).execute(),
      }))
      const statusOf = new Map(tasks.map((task) => [task.id, task.status]))
      for (const task of tasks) {
        const open = edges.filter((edge) => edge.task_id === task.id && statusOf.get(edge.depends_on) !== 'done').length
        expect(task.waiting_on, `waiting_on of TASK-${task.id}`).toBe(open)
        expect(task.fence).toBe(highestFence.get(task.id) ?? 0)
        expect(task.lease_hash !== null).toBe(task.status === 'in_progress')
      }
      const count = (list: readonly { subject: string; type: string }[], entry: { subject: string; type: string }) =>
        list.filter((other) => other.subject === entry.subject && other.type === entry.type).length
      for (const entry of acknowledged)
        expect(count(events, entry), `${entry.type} of ${entry.subject}`).toBe(count(acknowledged, entry))
    },

    async end() {
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
