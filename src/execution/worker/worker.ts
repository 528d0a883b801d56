import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { runKey, taskKey } from '../../../schemas/key.ts'
import { systemPrincipal } from '../../domain/access/principals.ts'
import { beat, inheritWork, joinWorker, leaveWorker } from '../../domain/run/inherit.ts'
import { readOpenRuns } from '../../domain/run/read.ts'
import { settleRuns } from '../../domain/run/settle.ts'
import {
  type Assignment,
  type PlaceAttempt,
  takeWork,
  WORKER_LEASE_MS,
  type WorkerCaller,
  wishes,
} from '../../domain/run/work.ts'
import { ifAborted } from '../../expected.ts'
import { markGit } from '../../git/git-mark.ts'
import { keepAwake } from '../../process/keep-awake.ts'
import { awaitMarked } from '../../process/marked.ts'
import { isAlive } from '../../process/process-list.ts'
import type { ExecutionContext } from '../context.ts'
import { attemptPlace } from '../places.ts'
import { finishChangeSet } from './finish.ts'
import { recover, sweep } from './recover.ts'
import { workOnTask } from './work-task.ts'

export interface WorkerOptions {
  /** Ends when nothing is left that a worker could do. */
  readonly untilIdle: boolean
  /** Told what happens, for a log. */
  readonly say: (text: string) => void
}

/** How often a worker looks for work and for what people ask. */
const LOOK_MS = 300

/** Works on runs until it is told to stop; what it has in hand then goes back. Several workers share the work of a workspace. */
export async function runWorker(context: ExecutionContext, options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const id = `worker-${randomUUID()}`
  await markGit(id, async () => await work(context, id, options, signal))
}

async function work(context: ExecutionContext, id: string, options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { service } = context
  const worker: WorkerCaller = { id, ...systemPrincipal(`speki worker ${process.pid}`, id) }
  await joinWorker(service, worker, hostname(), process.pid)
  // A worker that lost its lease stops everything at once: its work belongs to somebody else.
  const lost = new AbortController()
  const stop = AbortSignal.any([signal, lost.signal])
  const heart = setInterval(() => {
    beat(service, worker).catch((error: unknown) => lost.abort(error))
  }, WORKER_LEASE_MS / 4)
  const hands = new Map<
    number,
    { readonly assignment: Assignment; readonly cancel: AbortController; readonly done: Promise<void> }
  >()
  const place = attemptPlace(context.folder)
  let sleep: (() => void) | undefined
  const start = (assignment: Assignment, beside: readonly Assignment[]) => {
    const { attempt, repository } = assignment
    const cancel = new AbortController()
    options.say(`${taskKey(attempt.taskId)} in ${repository.name}: ${attempt.agent} begins`)
    const done = workOnTask(context, worker, assignment, beside, place, AbortSignal.any([stop, cancel.signal]))
      .catch((error: unknown) => lost.abort(error))
      .finally(() => hands.delete(attempt.taskId))
    hands.set(attempt.taskId, { assignment, cancel, done })
  }
  try {
    await takeOver(context, worker, options.say, stop)
    await sweep(context, worker, stop)
    while (!stop.aborted) {
      const moved = await turn(context, worker, { start, place, say: options.say, stop })
      const asked = await wishes(
        service,
        worker,
        [...hands.values()].map(({ assignment }) => assignment.run.id),
      )
      for (const { assignment, cancel } of hands.values())
        if (asked.get(assignment.run.id)?.wanted === 'cancel') cancel.abort()
      if (hands.size > 0) sleep ??= keepAwake()
      else sleep = void sleep?.()
      if (options.untilIdle && !moved && hands.size === 0 && !(await isNeeded(context, worker))) break
      if (!moved) await pause(LOOK_MS, undefined, { signal: stop }).catch(ifAborted)
    }
  } finally {
    await Promise.all([...hands.values()].map(({ done }) => done))
    clearInterval(heart)
    sleep?.()
    await leaveWorker(service, worker)
  }
  if (lost.signal.aborted) throw lost.signal.reason
}

interface Turn {
  readonly start: (assignment: Assignment, beside: readonly Assignment[]) => void
  readonly place: PlaceAttempt
  readonly say: (text: string) => void
  readonly stop: AbortSignal
}

/** One look around: the dead, the finished, the ready. True where there was something to do. */
async function turn(
  context: ExecutionContext,
  worker: WorkerCaller,
  { start, place, say, stop }: Turn,
): Promise<boolean> {
  const { service } = context
  await takeOver(context, worker, say, stop)
  const finished = await settleRuns(service, worker)
  if (finished !== undefined) {
    say(`${runKey(finished.id)}: every task is done; testing its change set`)
    await finishChangeSet(context, worker, finished, say, stop)
    return true
  }
  const [assignment, ...beside] = await takeWork(service, worker, place)
  if (assignment !== undefined) start(assignment, beside)
  return assignment !== undefined
}

/** Clears up after workers that died, and finishes what had landed. */
async function takeOver(
  context: ExecutionContext,
  worker: WorkerCaller,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const began = performance.now()
  const { dead, inherited } = await inheritWork(context.service, worker, isGone)
  if (dead.length === 0) return
  // What it was just telling a repository comes first: then nothing changes any more.
  for (const { id } of dead) await awaitMarked(id, stop)
  for (const each of inherited) {
    say(`${taskKey(each.attempt.taskId)}: its worker died; clearing up`)
    await recover(context, worker, each, stop)
  }
  await sweep(context, worker, stop)
  say(
    `cleared up after ${dead.length} dead ${dead.length === 1 ? 'worker' : 'workers'} in ${Math.round(performance.now() - began)} ms`,
  )
}

/** Whether a worker of this machine is gone for sure. */
function isGone(other: { readonly host: string; readonly pid: number }): boolean {
  return other.host === hostname() && !isAlive(other.pid)
}

/** Whether a run could still need a worker: paused ones wait for a person. */
async function isNeeded(context: ExecutionContext, worker: WorkerCaller): Promise<boolean> {
  return (await readOpenRuns(context.service, worker)).some(
    ({ state, wanted }) => state !== 'paused' && wanted !== 'pause',
  )
}
