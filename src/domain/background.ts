import { actorOf, type Principal } from '../../schemas/actor.ts'
import { runKey } from '../../schemas/key.ts'
import { SpekiError } from '../errors.ts'
import type { Reader, Tx } from '../store/database.ts'
import { appendEvent } from '../store/events.ts'
import {
  type DeadEvent,
  type FollowerRecord,
  findFollower,
  listDeadEvents,
  listFollowers,
  newestEvent,
  nextEvent,
  removeDeadEvents,
  removeFollower,
  updateFollower,
} from '../store/followers.ts'
import { countJobs, findJob, type JobRecord, type JobState, listJobs, updateJob } from '../store/jobs.ts'
import { listOpenRuns } from '../store/run/runs.ts'
import { listWorkers } from '../store/run/workers.ts'
import { consult, type Service, transact } from './service.ts'

export interface JobsView {
  readonly counts: readonly { readonly name: string; readonly state: JobState; readonly count: number }[]
  /** Not done, at most a hundred: those that wait for a person first. */
  readonly open: readonly JobRecord[]
  /** Workers that are alive. */
  readonly hosts: number
  /** What a person should look at. */
  readonly problems: readonly string[]
}

export interface FollowerView extends FollowerRecord {
  /** Events it has not had. */
  readonly behind: number
  readonly deadEvents: readonly DeadEvent[]
  /** What a person should look at. */
  readonly problem: string | undefined
}

/** What waits so long without a host was forgotten rather than just begun, in milliseconds. */
const PATIENCE_MS = 60_000
/** No host has known the name for so long: the subscriber was renamed or removed, in milliseconds. */
const FORGOTTEN_MS = 24 * 3_600_000

/** What is queued, what runs, and what is wrong with it. */
export async function readJobs(service: Service, caller: Principal): Promise<JobsView> {
  return await consult(service, caller, 'background.read', async (reader) => await viewJobs(reader, service.now()))
}

/** How far each subscriber of the event log is, and what is wrong with it. */
export async function readFollowers(service: Service, caller: Principal): Promise<readonly FollowerView[]> {
  return await consult(service, caller, 'background.read', async (reader) => await viewFollowers(reader, service.now()))
}

/** Everything in the background that a person should look at; empty where all is well. */
export async function backgroundProblems(reader: Reader, now: number): Promise<readonly string[]> {
  const followers = await viewFollowers(reader, now)
  return [...(await viewJobs(reader, now)).problems, ...followers.flatMap(({ problem }) => problem ?? [])]
}

async function viewJobs(reader: Reader, now: number): Promise<JobsView> {
  const counts = await countJobs(reader)
  const dead = await listJobs(reader, { states: ['dead'] }, 100)
  const others = await listJobs(reader, { states: ['queued', 'running', 'failed'] }, 100)
  const hosts = (await listWorkers(reader)).filter(({ leaseExpiresAt }) => leaseExpiresAt > now).length
  const problems = dead
    .slice(0, 3)
    .map(
      ({ id, name, attempts, error }) =>
        `${nameJob(name, id)} failed ${attempts} times: ${error ?? 'no reason'}. Repeat it: speki job retry ${id}`,
    )
  if (dead.length > 3) problems.push(`${dead.length - 3} more jobs failed for good: speki job list`)
  if (hosts === 0) {
    const late = now - PATIENCE_MS
    // What comes again by itself may wait for the next worker.
    const waiting = others.filter((job) => !job.recurring && job.dueAt < late).map(({ id, name }) => nameJob(name, id))
    const runs = (await listOpenRuns(reader))
      .filter(({ state, wanted, createdAt }) => state !== 'paused' && wanted !== 'pause' && createdAt < late)
      .map(({ id }) => runKey(id))
    const names = [...runs, ...waiting]
    if (names.length > 0)
      problems.push(
        `${listed(names)} ${names.length === 1 ? 'waits' : 'wait'}, and no worker is alive. Start one: speki worker`,
      )
  }
  return { counts, open: [...dead, ...others].slice(0, 100), hosts, problems }
}

async function viewFollowers(reader: Reader, now: number): Promise<readonly FollowerView[]> {
  const newest = await newestEvent(reader)
  const dead = Map.groupBy(await listDeadEvents(reader), ({ follower }) => follower)
  return (await listFollowers(reader)).map((follower) => {
    const deadEvents = dead.get(follower.name) ?? []
    const behind = newest - follower.lastEvent
    return { ...follower, behind, deadEvents, problem: problemOf(follower, behind, deadEvents, now) }
  })
}

function problemOf(
  { name, state, lastEvent, error, offeredAt }: FollowerRecord,
  behind: number,
  deadEvents: readonly DeadEvent[],
  now: number,
): string | undefined {
  if (state === 'stopped')
    return `${name} stopped after event ${lastEvent}: ${error ?? 'no reason'}. Go on: speki follower resume ${name}, with --skip without that event`
  const [first] = deadEvents
  if (first !== undefined)
    return `${name} went on without ${deadEvents.length} ${deadEvents.length === 1 ? 'event' : 'events'}, the first ${first.event}: ${first.error}. Settle it: speki follower resume ${name}`
  if (behind > 0 && offeredAt < now - FORGOTTEN_MS)
    return `${name} is ${behind} events behind and known to no worker. If it is gone for good: speki follower forget ${name}`
  return undefined
}

function nameJob(name: string, id: number): string {
  return `Job ${id} (${name})`
}

function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}

/** Gives a job that failed for good a new set of tries. */
export async function retryJob(service: Service, caller: Principal, id: number): Promise<JobRecord> {
  return await transact(service, caller, 'background.control', async (tx, now) => {
    const job = await findJob(tx, id)
    if (job === undefined)
      throw new SpekiError('not_found', `There is no job ${id}.`, { hint: 'List them: speki job list' })
    if (job.state !== 'dead')
      throw new SpekiError(
        'precondition_failed',
        `Job ${id} is ${job.state}; only one that failed for good is tried again.`,
        {
          hint: 'List them: speki job list',
        },
      )
    const columns = { state: 'queued', attempts: 0, due_at: now, ended_at: null } as const
    await updateJob(tx, id, columns)
    await appendEvent(tx, {
      at: now,
      type: 'job.retried',
      subject: `job ${id}`,
      actor: actorOf(caller),
      payload: { name: job.name },
    })
    return { ...job, state: 'queued', attempts: 0, dueAt: now, endedAt: undefined }
  })
}

/** Lets a subscriber that stopped go on, with the event at which it stopped or without it, and settles what was set aside. */
export async function resumeFollower(
  service: Service,
  caller: Principal,
  name: string,
  { skip }: { readonly skip: boolean },
): Promise<void> {
  await transact(service, caller, 'background.control', async (tx, now) => {
    const follower = await getFollower(tx, name)
    const skipped = skip && follower.state === 'stopped' ? await nextEvent(tx, follower.lastEvent) : undefined
    await updateFollower(tx, name, {
      state: 'following',
      failures: 0,
      retry_at: null,
      error: null,
      updated_at: now,
      ...(skipped !== undefined && { last_event: skipped }),
    })
    await removeDeadEvents(tx, name)
    await appendEvent(tx, {
      at: now,
      type: 'follower.resumed',
      subject: `follower ${name}`,
      actor: actorOf(caller),
      payload: { ...(skipped !== undefined && { skipped }) },
    })
  })
}

/** Forgets a subscriber that is gone for good; one that a worker still knows begins anew. */
export async function forgetFollower(service: Service, caller: Principal, name: string): Promise<void> {
  await transact(service, caller, 'background.control', async (tx, now) => {
    const { holder, lastEvent } = await getFollower(tx, name)
    if (holder !== undefined)
      throw new SpekiError('precondition_failed', `${name} is followed right now; nothing was changed.`, {
        hint: 'End the worker that knows it first.',
      })
    await removeFollower(tx, name)
    await appendEvent(tx, {
      at: now,
      type: 'follower.forgotten',
      subject: `follower ${name}`,
      actor: actorOf(caller),
      payload: { lastEvent },
    })
  })
}

async function getFollower(tx: Tx, name: string): Promise<FollowerRecord> {
  const follower = await findFollower(tx, name)
  if (follower !== undefined) return follower
  throw new SpekiError('not_found', `There is no subscriber ${name}.`, { hint: 'List them: speki follower list' })
}
