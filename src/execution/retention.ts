import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ANSWERS_KEPT_MS } from '../domain/repeated-request.ts'
import { findSettledAttempt, readRetention } from '../domain/retention.ts'
import type { WorkerCaller } from '../domain/worker.ts'
import { ifMissing } from '../expected.ts'
import { removeInside } from '../files/remove.ts'
import type { Job } from '../jobs/job.ts'
import { deleteOldAnswers } from '../store/idempotency.ts'
import { removeDoneJobs } from '../store/jobs.ts'
import type { AttemptRecord } from '../store/run/attempts.ts'
import type { ExecutionContext } from './context.ts'
import { attemptFolder, evidenceFolder, readAttemptName } from './places.ts'
import { clearAttempt } from './worker/recover.ts'

const DAY_MS = 24 * 3_600_000

/**
 * Clears by age what nobody needs any more: stored answers, jobs that are done, streams and worktrees of attempts that are
 * over. Never events, and no file but those of attempts that this workspace made in this folder.
 */
export function retentionJob(context: ExecutionContext): Job {
  return {
    name: 'retention',
    concurrency: 1,
    attempts: 5,
    every: DAY_MS,
    async run({ service, worker, write, say }, signal) {
      const now = service.now()
      const keep = await readRetention(service, worker)
      // Calls clear a few as they come; where none come any more, the rest stays.
      await write(async (tx) => await deleteOldAnswers(tx, now - ANSWERS_KEPT_MS, Number.MAX_SAFE_INTEGER))
      const jobs = await write(async (tx) => await removeDoneJobs(tx, now - keep.jobs * DAY_MS))
      const attempts = await clearOldAttempts(context, worker, now - keep.attempts * DAY_MS, signal)
      say(`cleared ${jobs} jobs and the files of ${attempts} attempts`)
    },
  }
}

/** How many attempts it cleared. What fails on one, a repository that is not there for example, keeps no other from it. */
async function clearOldAttempts(
  context: ExecutionContext,
  worker: WorkerCaller,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  const failures: unknown[] = []
  let cleared = 0
  for (const name of await attemptNames(context.folder)) {
    signal.throwIfAborted()
    const subject = readAttemptName(name)
    const attempt = subject && (await findSettledAttempt(context.service, worker, subject, before))
    if (attempt === undefined || !isMadeIn(context.folder, attempt)) continue
    const evidence = evidenceFolder(context.folder, attempt.taskId, attempt.number)
    try {
      // A folder that somebody uses is young, whatever the database says of the attempt.
      if (await isYoung(evidence, before)) continue
      if (await isFolder(dirname(attempt.worktree))) await clearAttempt(context, worker, attempt, signal)
      if (await isFolder(evidence)) await removeInside(evidence, context.folder)
      cleared += 1
    } catch (error) {
      signal.throwIfAborted()
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} attempts could not be cleared: ${failures[0]}`)
  return cleared
}

async function attemptNames(folder: string): Promise<ReadonlySet<string>> {
  const groups = ['evidence', 'attempts'].map(
    // No attempt was made here yet.
    async (group) => await readdir(join(folder, group)).catch(ifMissing<string[]>([])),
  )
  return new Set((await Promise.all(groups)).flat())
}

/** Several workspaces on PostgreSQL may share a machine, and one workspace several machines: the row says where it was made. */
function isMadeIn(folder: string, attempt: AttemptRecord): boolean {
  return dirname(attempt.worktree) === attemptFolder(folder, attempt.taskId, attempt.number)
}

/** A link in its place was put there by somebody else. */
async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(ifMissing(undefined)))?.isDirectory() ?? false
}

async function isYoung(folder: string, before: number): Promise<boolean> {
  const there = await lstat(folder).catch(ifMissing(undefined))
  return there !== undefined && there.mtimeMs >= before
}
