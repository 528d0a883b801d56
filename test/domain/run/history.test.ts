import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'vitest'
import type { DiagnosticReport, RunOptions } from '../../../schemas/run.ts'
import { systemPrincipal } from '../../../src/domain/access/principals.ts'
import { noteChangeSet } from '../../../src/domain/change-set/change-set.ts'
import { controlRun } from '../../../src/domain/run/control.ts'
import { type Inherited, inheritRuns, interrupt } from '../../../src/domain/run/inherit.ts'
import { holdRun } from '../../../src/domain/run/land.ts'
import { finishRun, settleRuns } from '../../../src/domain/run/settle.ts'
import { startRun } from '../../../src/domain/run/start.ts'
import {
  type Assignment,
  endAttempt,
  noteAttempt,
  type PlaceAttempt,
  takeWork,
  tryAgain,
} from '../../../src/domain/run/work.ts'
import { LEASE_MS, type Service } from '../../../src/domain/service.ts'
import { overrideCompletion } from '../../../src/domain/task/complete.ts'
import { endDeadWorkers, joinWorker, type WorkerCaller } from '../../../src/domain/worker.ts'
import { SpekiError } from '../../../src/errors.ts'
import { runs } from '../../property-runs.ts'
import { expectTold } from '../audit.ts'
import { person, prdOf, submit, task, workspace } from '../plan/workspace.ts'

const step = fc.oneof(
  ...(['take', 'fail', 'giveUp', 'again', 'note', 'die', 'interrupt', 'hold', 'settle', 'finish'] as const).map(
    (kind) => fc.record({ kind: fc.constant(kind), which: fc.nat(3) }),
  ),
  ...(['pause', 'resume', 'cancel', 'retry', 'start', 'override', 'wait'] as const).map((kind) =>
    fc.record({ kind: fc.constant(kind), which: fc.nat(3) }),
  ),
  fc.record({ kind: fc.constant('changeSet' as const), which: fc.nat(3) }),
)

const OPTIONS: RunOptions = {
  agent: 'command',
  command: ['true'],
  fallback: ['command', 'codex'],
  parallel: 2,
  attempts: 2,
  budget: { minutes: 1 },
  testFirst: false,
  deliver: 'none',
  variables: [],
}

const REPORT: DiagnosticReport = {
  class: 'UNKNOWN',
  summary: 'It is red.',
  cause: '',
  findings: [],
  changed: [],
  output: '',
  next: [],
}

const BODY = '# Sums\n\n## Requirements\n\n- FR-1: The api SHALL add.\n- FR-2: The api SHALL subtract.\n'

test('whatever becomes of runs, attempts and workers, each change of a row has its event', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = await createWorld()
      for (const { kind, which } of steps) {
        await world.play(kind, which)
        await expectTold(world.service.database, kind)
      }
    }),
    { numRuns: runs(60) },
  )
})

async function createWorld() {
  let clock = 1_000_000
  const { database } = await workspace({ api: {} })
  const service: Service = { database, now: () => clock }
  const prd = await prdOf(service, BODY, ['api'])
  await submit(service, prd, [
    task('A', { requirements: ['FR-1'] }),
    task('B', { requirements: ['FR-2'], depends_on: ['A'] }),
  ])
  let born = 0
  const workers: WorkerCaller[] = []
  const enter = async () => {
    born += 1
    const id = `worker-${born}`
    const worker = { id, ...systemPrincipal(id, id) }
    await joinWorker(service, worker, 'here', born)
    workers.unshift(worker)
    return worker
  }
  await enter()
  await startRun(service, person, { prd: 1, tasks: [], options: OPTIONS })
  const assignments: Assignment[] = []
  const inherited: Inherited[] = []
  const place: PlaceAttempt = ({ taskId, number, root }) => ({
    worktree: join(root, `${taskId}-${number}`),
    branch: `t-${taskId}-${number}`,
  })
  /** A refusal must be one that the rules know. */
  const attempted = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof SpekiError) || error.code === 'internal') throw error
    }
  }
  const ended = (which: number) => assignments[which % Math.max(assignments.length, 1)]
  const end = async (which: number, afterwards: 'keep' | 'failed') => {
    const assignment = ended(which)
    const [worker] = workers
    if (assignment === undefined || worker === undefined) return
    assignments.splice(assignments.indexOf(assignment), 1)
    const cause = { kind: 'run', failure: 'UNKNOWN', attempts: 2, reason: 'It is red.' } as const
    const how = { state: 'failed', report: REPORT, afterwards, cause } as const
    await attempted(async () => await endAttempt(service, worker, assignment, how))
  }
  return {
    service,
    async play(kind: string, which: number) {
      const [worker = await enter()] = workers
      if (kind === 'start') await attempted(() => startRun(service, person, { prd: 1, tasks: [], options: OPTIONS }))
      else if (kind === 'take')
        await attempted(async () => assignments.push(...(await takeWork(service, worker, place))))
      else if (kind === 'fail') await end(which, 'keep')
      else if (kind === 'giveUp') await end(which, 'failed')
      else if (kind === 'again') {
        const assignment = ended(which)
        if (assignment === undefined) return
        await attempted(async () => assignments.push(...(await tryAgain(service, worker, assignment, place))))
      } else if (kind === 'note') {
        const assignment = ended(which)
        if (assignment === undefined) return
        await attempted(() => noteAttempt(service, worker, assignment.attempt, { rounds: which, session: 's' }))
      } else if (kind === 'die') {
        const next = await enter()
        const isGone = ({ id }: { readonly id: string }) => id !== next.id
        await attempted(async () =>
          inherited.push(
            ...((await endDeadWorkers(service, next, isGone, async (tx, dead, now) => [
              ...(await inheritRuns(tx, next, dead, now)),
            ])) ?? []),
          ),
        )
      } else if (kind === 'interrupt') {
        const one = inherited.pop()
        if (one !== undefined) await attempted(() => interrupt(service, worker, one))
      } else if (kind === 'hold') await attempted(() => holdRun(service, worker, 1, 'The disk is full.'))
      else if (kind === 'settle') await attempted(() => settleRuns(service, worker))
      else if (kind === 'finish') {
        const run = await settleRuns(service, worker).catch(() => undefined)
        if (run !== undefined) await attempted(() => finishRun(service, worker, run, 'succeeded', undefined))
      } else if (kind === 'override')
        await attempted(() => overrideCompletion(service, person, (which % 2) + 1, 'by hand'))
      else if (kind === 'wait') clock += which % 2 === 0 ? 1000 : LEASE_MS + 1
      else if (kind === 'changeSet') {
        const state = (['tested', 'failed', 'delivering', 'open'] as const)[which] ?? 'open'
        await attempted(() => noteChangeSet(service, person, 1, { state, detail: {}, members: [], summary: 'seen' }))
      } else if (kind === 'pause' || kind === 'resume' || kind === 'cancel' || kind === 'retry')
        await attempted(() => controlRun(service, person, 1, kind))
    },
  }
}
