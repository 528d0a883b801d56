import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draftPlan } from '../../../src/domain/plan/draft.ts'
import { submitPlan } from '../../../src/domain/plan/submit.ts'
import { editPrd } from '../../../src/domain/prd/edit.ts'
import { type RepositoryProbe, registerRepository } from '../../../src/domain/repository/repository.ts'
import type { Service } from '../../../src/domain/service.ts'
import { changeTasks } from '../../../src/domain/task/change.ts'
import { claimTask } from '../../../src/domain/task/claim.ts'
import { overrideCompletion } from '../../../src/domain/task/complete.ts'
import type { Database } from '../../../src/store/database.ts'
import { findBrokenEvent } from '../../../src/store/events.ts'
import { runs } from '../../property-runs.ts'
import { forEachDatabase } from '../../store/databases.ts'
import { agent, bodyOf, person, prdOf, task } from './workspace.ts'

const probe: RepositoryProbe = {
  inspect: async () => await Promise.reject(new Error('not asked')),
  checkRemoteUrl: async (url) => url,
  health: async () => 'remote',
  map: async () => undefined,
}

async function serviceOn(database: Database): Promise<Service> {
  const service: Service = { database, now: Date.now }
  for (const name of ['api', 'web', 'docs'])
    await registerRepository(
      service,
      person,
      { name, remoteUrl: `https://example.invalid/${name}.git` },
      probe,
      AbortSignal.timeout(600_000),
    )
  return service
}

const REPOSITORIES = ['api', 'web', 'docs']
const label = (index: number) => `FR-${String(index + 1).padStart(3, '0')}`

/** What must hold of the stored tasks whatever was planned. */
async function checkStore(service: Service, prd: string): Promise<void> {
  const { tasks, edges, traces, requirements, broken } = await service.database.read(async (reader) => ({
    tasks: await reader.sql.selectFrom('task').selectAll().execute(),
    edges: await reader.sql.selectFrom('task_dependency').selectAll().execute(),
    traces: await reader.sql.selectFrom('task_requirement').selectAll().execute(),
    requirements: await reader.sql
      .selectFrom('requirement')
      .select(['id', 'prd_id'])
      .where('removed_in', 'is', null)
      .execute(),
    broken: await findBrokenEvent(reader),
  }))
  expect(broken).toBeUndefined()
  const statusOf = new Map(tasks.map((row) => [row.id, row.status]))
  for (const row of tasks) {
    const open = edges.filter((edge) => edge.task_id === row.id && statusOf.get(edge.depends_on) !== 'done').length
    expect(row.waiting_on, `waiting_on of TASK-${row.id}`).toBe(open)
  }
  // A graph whose nodes can be taken away one by one has no cycle.
  let left = [...edges]
  for (let before = -1; before !== left.length; ) {
    before = left.length
    const waiting = new Set(left.map((edge) => edge.task_id))
    left = left.filter((edge) => waiting.has(edge.depends_on))
  }
  expect(left).toEqual([])
  const live = new Set(tasks.filter((row) => row.status !== 'cancelled').map((row) => row.id))
  for (const row of tasks)
    if (live.has(row.id) && row.status === 'todo')
      for (const edge of edges.filter(({ task_id }) => task_id === row.id))
        expect(live.has(edge.depends_on), `TASK-${row.id} waits for a cancelled task`).toBe(true)
  for (const { id, prd_id } of requirements)
    if (`PRD-${prd_id}` === prd)
      expect(
        traces.some((trace) => trace.requirement_id === id && live.has(trace.task_id)),
        `REQ-${id} is covered`,
      ).toBe(true)
}

forEachDatabase((engine, openFresh) => {
  test('two plans at once, of one PRD and of two, never share a key', async () => {
    const { database, open } = await openFresh()
    const [first, second] = [await serviceOn(database), { database: await open(), now: Date.now }]
    const [one, two] = [await prdOf(first, bodyOf(5), ['api']), await prdOf(first, bodyOf(5), ['api'])]
    const plan = (prefix: string) =>
      Array.from({ length: 5 }, (_, index) =>
        task(`${prefix}${index}`, {
          requirements: [label(index)],
          depends_on: index > 0 ? [`${prefix}${index - 1}`] : [],
        }),
      )
    const outcomes = await Promise.all([
      submitPlan(first, agent, { prd: one, baseRevision: 1, tasks: plan('A'), dryRun: false }),
      submitPlan(second, agent, { prd: two, baseRevision: 1, tasks: plan('B'), dryRun: false }),
      submitPlan(second, agent, { prd: one, baseRevision: 1, tasks: plan('C'), dryRun: false }),
    ])
    const keys = outcomes.flatMap((outcome) => outcome.created.map((entry) => entry.task))
    expect(new Set(keys).size).toBe(15)
    expect(new Set(outcomes.map((outcome) => outcome.plan)).size).toBe(3)
    const statuses = await database.read(
      async ({ sql }) => await sql.selectFrom('task').select('status').where('prd_id', '=', 1).execute(),
    )
    expect(statuses.filter((row) => row.status === 'todo')).toHaveLength(5)
    expect(statuses.filter((row) => row.status === 'cancelled')).toHaveLength(5)
    await checkStore(first, one)
    await checkStore(first, two)
  })

  test('whatever is finished, claimed, given up and edited between plans, each re-draft is accepted as it is and loses no work', async () => {
    const { database } = await openFresh()
    const service = await serviceOn(database)
    const step = fc.oneof(
      fc.record({ kind: fc.constant('finish' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('claim' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('block' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('change' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('add' as const), at: fc.nat(2) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.subarray(REPOSITORIES, { minLength: 1 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('prd' as const, 'bug' as const),
        async (places, rounds, kind) => {
          const parts = places.map((at, index) => ({ number: index, at, answer: index }))
          const body = () =>
            `# P\n\n## Requirements\n\n${parts.map((part) => `### ${label(part.number)}: Part ${part.number} [repo: ${part.at.join(', ')}]\n\nThe system shall answer ${part.answer}.\n\nAcceptance criteria:\n- The answer is ${part.answer}.\n`).join('\n')}`
          const prd = await prdOf(service, body(), REPOSITORIES, kind)
          const id = Number(prd.slice(4))
          let revision = 1
          const tasksNow = async () =>
            await database.read(
              async ({ sql }) =>
                await sql
                  .selectFrom('task')
                  .select(['id', 'status', 'waiting_on'])
                  .where('prd_id', '=', id)
                  .orderBy('id')
                  .execute(),
            )
          const replan = async () => {
            const before = await tasksNow()
            const draft = await draftPlan(service, person, { prd, mapOf: () => undefined })
            const dry = await submitPlan(service, agent, {
              prd,
              baseRevision: revision,
              tasks: draft.tasks,
              dryRun: true,
            })
            const outcome = await submitPlan(service, agent, {
              prd,
              baseRevision: revision,
              tasks: draft.tasks,
              dryRun: false,
            })
            expect({ ...outcome, plan: undefined, created: outcome.created.map(({ ref }) => ({ ref })) }).toEqual(dry)
            const after = new Map((await tasksNow()).map((row) => [row.id, row]))
            for (const row of before)
              if (['done', 'in_progress', 'cancelled'].includes(row.status))
                expect(after.get(row.id)?.status).toBe(row.status)
            const ready = [...after.values()].filter((row) => row.status === 'todo' && row.waiting_on === 0).length
            expect(outcome.ready).toBe(ready)
            await checkStore(service, prd)
            const again = await draftPlan(service, person, { prd, mapOf: () => undefined })
            expect(
              again.tasks
                .filter((planned) => !planned.ref.startsWith('TASK-'))
                .flatMap((planned) => planned.requirements)
                .every((name) => stillChanged.has(name)),
            ).toBe(true)
            return outcome
          }
          // A claimed task whose requirement changed stays in doubt until its holder is done; work for the change is planned each time.
          const stillChanged = new Set<string>()
          await replan()
          for (const steps of rounds) {
            for (const next of steps) {
              const tasks = await tasksNow()
              const target = tasks[next.at % tasks.length]
              const part = parts[next.at % Math.max(parts.length, 1)]
              if (next.kind === 'finish' && target !== undefined && target.status === 'todo' && target.waiting_on === 0)
                await overrideCompletion(service, person, target.id, 'because')
              else if (
                next.kind === 'claim' &&
                target !== undefined &&
                target.status === 'todo' &&
                target.waiting_on === 0
              )
                await claimTask(service, agent, { task: target.id })
              else if (next.kind === 'block' && target?.status === 'todo')
                await changeTasks(service, person, [{ id: target.id }], { status: 'blocked', reason: 'x' })
              else if (next.kind === 'change' && part !== undefined) {
                part.answer += 1000
                stillChanged.add(label(part.number))
              } else if (next.kind === 'remove' && parts.length > 1) parts.splice(next.at % parts.length, 1)
              else if (next.kind === 'add')
                parts.push({
                  number: 100 + parts.length + revision * 20 + next.at,
                  at: [REPOSITORIES[next.at] ?? 'api'],
                  answer: 5,
                })
            }
            const edited = await editPrd(service, person, id, revision, { body: body() }, 'edit').catch(() => undefined)
            if (edited !== undefined)
              revision = (
                await database.read(
                  async ({ sql }) =>
                    await sql.selectFrom('prd').select('revision').where('id', '=', id).executeTakeFirstOrThrow(),
                )
              ).revision
            await replan()
          }
        },
      ),
      { numRuns: runs(engine === 'sqlite' ? 40 : 10) },
    )
  })
})
