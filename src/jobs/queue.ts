import { holdWorker } from '../domain/worker.ts'
import { SpekiError } from '../errors.ts'
import { backOff, reasonOf } from '../events/back-off.ts'
import type { Tx } from '../store/database.ts'
import { holdsJob, type JobRecord, listJobs, queueRecurring, updateJob } from '../store/jobs.ts'
import type { Host, HostedWork } from './host.ts'
import type { Job } from './job.ts'

/** How many jobs that are due are looked at for one whose key is free. Each that is not has another of its kind at work. */
const LOOKED_AT = 100

/**
 * Jobs from the queue. One is taken under a fence, tried again with growing waits, and left for a person after its last try.
 *
 * @param random from 0 to 1, for the jitter of the waits
 */
export function hostJobs(jobs: readonly Job[], random: () => number): HostedWork {
  const known = new Map(jobs.map((job) => [job.name, job]))
  const names = [...known.keys()]
  const due = (now: number) => ({ names, states: ['queued', 'failed'] as const, dueBy: now })
  return {
    async prepare({ service }) {
      await service.database.write(async (tx) => {
        const now = service.now()
        for (const { name, every } of jobs) if (every !== undefined) await queueRecurring(tx, name, now + every, now)
      })
    },
    async takeOver(tx, _, dead, now) {
      for (const { id } of dead)
        for (const job of await listJobs(tx, { states: ['running'], holder: id }, Number.MAX_SAFE_INTEGER)) {
          const { attempts = job.attempts + 1, every } = known.get(job.name) ?? {}
          await fail(tx, job, { attempts, every }, 'Its host died.', now, now)
        }
      return undefined
    },
    async look(host) {
      const { service } = host
      // Looking must write nothing: it happens every second, on every host.
      if ((await service.database.read((reader) => listJobs(reader, due(service.now()), 1))).length === 0) return false
      const job = await service.database.write(async (tx) => {
        const now = service.now()
        await holdWorker(tx, host, now)
        return await takeJob(tx, host, known, now)
      })
      const definition = job && known.get(job.name)
      if (job === undefined || definition === undefined) return false
      host.begin(async (signal) => await execute(host, definition, job, random, signal))
      return true
    },
    async isNeeded({ service }) {
      const ready = await service.database.read((reader) => listJobs(reader, due(service.now()), 1))
      return ready.length > 0
    },
  }
}

/** The first whose kind has room, under a new fence. */
async function takeJob(
  tx: Tx,
  host: Host,
  known: ReadonlyMap<string, Job>,
  now: number,
): Promise<JobRecord | undefined> {
  const running = await listJobs(tx, { states: ['running'] }, Number.MAX_SAFE_INTEGER)
  const names = [...known.values()]
    .filter(({ name, concurrency }) => running.filter((other) => other.name === name).length < concurrency)
    .map(({ name }) => name)
  if (names.length === 0) return undefined
  const ready = await listJobs(tx, { names, states: ['queued', 'failed'], dueBy: now }, LOOKED_AT)
  const job = ready.find(
    ({ name, key }) => key === undefined || !running.some((other) => other.name === name && other.key === key),
  )
  if (job === undefined) return undefined
  const taken = { attempts: job.attempts + 1, fence: job.fence + 1, holder: host.id }
  await updateJob(tx, job.id, { ...taken, state: 'running', started_at: now, ended_at: null })
  return { ...job, ...taken, state: 'running', startedAt: now }
}

async function execute(
  host: Host,
  definition: Job,
  job: JobRecord,
  random: () => number,
  signal: AbortSignal,
): Promise<void> {
  const { service } = host
  const write = async <T>(work: (tx: Tx, now: number) => Promise<T>) =>
    await service.database.write(async (tx) => {
      const now = service.now()
      await holdWorker(tx, host, now)
      if (!(await holdsJob(tx, job)))
        throw new SpekiError(
          'conflict',
          `Job ${job.id} (${job.name}) was given to another host; nothing was changed.`,
          {
            hint: 'Start another: speki worker.',
          },
        )
      return await work(tx, now)
    })
  const say = (text: string) => host.say(`${job.name}: ${text}`)
  try {
    await definition.run({ service, worker: host, payload: job.payload, attempt: job.attempts, write, say }, signal)
  } catch (error) {
    // It was stopped, so it did not fail.
    if (signal.aborted) return await write(async (tx) => await giveBack(tx, job))
    const reason = reasonOf(error)
    say(`failed: ${reason}`)
    const retryAfter = backOff(job.attempts, random)
    return await write(async (tx, now) => await fail(tx, job, definition, reason, now + retryAfter, now))
  }
  await write(async (tx, now) => {
    await updateJob(tx, job.id, { state: 'done', holder: null, error: null, ended_at: now })
    await goOn(tx, job, definition.every, now)
  })
}

async function giveBack(tx: Tx, job: JobRecord): Promise<void> {
  const state = job.error === undefined ? 'queued' : 'failed'
  await updateJob(tx, job.id, { state, holder: null, attempts: job.attempts - 1 })
}

async function fail(
  tx: Tx,
  job: JobRecord,
  { attempts, every }: { readonly attempts: number; readonly every?: number | undefined },
  error: string,
  retryAt: number,
  now: number,
): Promise<void> {
  const dead = job.attempts >= attempts
  await updateJob(tx, job.id, {
    state: dead ? 'dead' : 'failed',
    holder: null,
    error,
    ...(dead ? { ended_at: now } : { due_at: retryAt }),
  })
  if (dead) await goOn(tx, job, every, now)
}

/** One occurrence that is over, well or not, is followed by the next. */
async function goOn(tx: Tx, job: JobRecord, every: number | undefined, now: number): Promise<void> {
  if (job.recurring && every !== undefined) await queueRecurring(tx, job.name, now + every, now)
}
