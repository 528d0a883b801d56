import { z } from 'zod'
import { actorOf } from '../../../schemas/actor.ts'
import { CriterionAnswer } from '../../../schemas/evidence.ts'
import { appendEvent } from '../../store/events.ts'
import { type AttemptRecord, updateAttempt } from '../../store/run/attempts.ts'
import {
  insertMember,
  listMembers,
  type MemberRecord,
  updateChangeSet,
  updateMember,
} from '../../store/run/change-sets.ts'
import { updateRun } from '../../store/run/runs.ts'
import { endStep, findStep, insertStep, removeStep } from '../../store/run/steps.ts'
import { consult, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { type Completed, completeIn } from '../task/complete.ts'
import { type Holder, holdWorker } from './work.ts'

/** Parts of a change set in one working copy: one, or several packages of it. */
export async function findMembers(
  service: Service,
  worker: Holder,
  changeSetId: number,
  root: string,
): Promise<readonly MemberRecord[]> {
  return await consult(service, worker, 'changeset.read', async (reader) =>
    (await listMembers(reader, changeSetId)).filter((member) => member.root === root),
  )
}

/** Takes a repository into a change set, if nobody did before. */
export async function joinChangeSet(
  service: Service,
  worker: Holder,
  member: Pick<MemberRecord, 'changeSetId' | 'repositoryId' | 'branch' | 'target' | 'base'>,
): Promise<void> {
  await transact(service, worker, 'task.attempt', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const known = await listMembers(tx, member.changeSetId)
    if (!known.some(({ repositoryId }) => repositoryId === member.repositoryId)) await insertMember(tx, member)
  })
}

export const Landing = z.object({
  commit: z.string().describe('Commit on the branch of the change set that holds the work'),
  tree: z.string().describe('Tree that was proven'),
  answers: z.array(CriterionAnswer).readonly(),
  summary: z.string(),
})
export type Landing = z.infer<typeof Landing>

/** Where the intent to land an attempt is written down. */
const landingStep = (attempt: AttemptRecord) => `land TASK-${attempt.taskId}-${attempt.number}`

/** Writes down what is about to land, so that whoever comes after a crash can finish it. */
export async function intendLanding(
  service: Service,
  worker: Holder,
  attempt: AttemptRecord,
  landing: Landing,
): Promise<void> {
  await transact(service, worker, 'task.attempt', async (tx, now) => {
    await holdWorker(tx, worker, now)
    await updateAttempt(tx, attempt.id, { commit_id: landing.commit })
    const key = landingStep(attempt)
    if ((await findStep(tx, key)) !== undefined) await removeStep(tx, key)
    await insertStep(tx, { key, subject: `TASK-${attempt.taskId}`, intent: landing }, now)
  })
}

/** What was about to land when a worker died; undefined where it had not come so far. */
export async function findLanding(
  service: Service,
  worker: Holder,
  attempt: AttemptRecord,
): Promise<Landing | undefined> {
  const step = await consult(service, worker, 'run.read', (reader) => findStep(reader, landingStep(attempt)))
  return step === undefined || step.outcome !== undefined ? undefined : Landing.parse(step.intent)
}

/** Closes the task through the gate, and with it the attempt; its commit is now the head of the change set there. */
export async function landAttempt(
  service: Service,
  worker: Holder,
  attempt: AttemptRecord,
  token: string,
  landing: Landing,
): Promise<Completed> {
  return await transact(service, worker, 'task.complete', async (tx, now) => {
    await holdWorker(tx, worker, now)
    const { commit, tree, answers, summary } = landing
    const task = await getTask(tx, attempt.taskId)
    const proof = { taskId: task.id, token, answers, summary, treeHash: tree }
    const completed = await completeIn(tx, worker, proof, now)
    await updateAttempt(tx, attempt.id, { state: 'landed', commit_id: commit, ended_at: now })
    await updateMember(tx, attempt.changeSetId, task.repositoryId, { head_commit: commit, state: 'open' })
    await updateChangeSet(tx, attempt.changeSetId, { state: 'open', updated_at: now })
    await endStep(tx, landingStep(attempt), 'landed', now)
    await appendEvent(tx, {
      at: now,
      type: 'attempt.landed',
      subject: `TASK-${task.id}`,
      prdId: task.prdId,
      repositoryId: task.repositoryId,
      actor: actorOf(worker),
      payload: {
        ...(attempt.runId !== undefined && { run: `RUN-${attempt.runId}` }),
        attempt: attempt.number,
        commit,
        changeSet: `CS-${attempt.changeSetId}`,
      },
    })
    return completed
  })
}

/** Asks a run to pause because of something that is no task's fault; says why. */
export async function holdRun(service: Service, worker: Holder, runId: number, reason: string): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    await updateRun(tx, runId, { wanted: 'pause', reason })
    await appendEvent(tx, {
      at: now,
      type: 'run.held',
      subject: `RUN-${runId}`,
      actor: actorOf(worker),
      payload: { reason },
    })
  })
}
