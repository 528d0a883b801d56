import { z } from 'zod'
import { actorOf } from '../../../schemas/actor.ts'
import { CriterionAnswer } from '../../../schemas/evidence.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { AttemptRecord } from '../../store/run/attempts.ts'
import { listMembers, type MemberRecord } from '../../store/run/change-sets.ts'
import { endStep, findStep, insertStep, removeStep } from '../../store/run/steps.ts'
import { enterMember, growChangeSet } from '../change-set/transition.ts'
import { consult, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { type Completed, completeIn } from '../task/complete.ts'
import { getRun } from './read.ts'
import { changeRun, landRow, noteOfAttempt } from './transition.ts'
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
    if (!known.some(({ repositoryId }) => repositoryId === member.repositoryId)) await enterMember(tx, member)
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
const landingStep = (attempt: AttemptRecord) => `land ${taskKey(attempt.taskId)}-${attempt.number}`

/** Writes down what is about to land, so that whoever comes after a crash can finish it. */
export async function intendLanding(
  service: Service,
  worker: Holder,
  attempt: AttemptRecord,
  landing: Landing,
): Promise<void> {
  await transact(service, worker, 'task.attempt', async (tx, now) => {
    await holdWorker(tx, worker, now)
    await noteOfAttempt(tx, attempt, { commit: landing.commit })
    const key = landingStep(attempt)
    if ((await findStep(tx, key)) !== undefined) await removeStep(tx, key)
    await insertStep(tx, { key, subject: taskKey(attempt.taskId), intent: landing }, now)
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
    const doer = { actor: actorOf(worker), now }
    await landRow(tx, doer, attempt, task, commit)
    const member = { repositoryId: task.repositoryId, head: commit }
    await growChangeSet(tx, doer, attempt.changeSetId, `${taskKey(task.id)} landed`, member)
    await endStep(tx, landingStep(attempt), 'landed', now)
    return completed
  })
}

/** Asks a run to pause because of something that is no task's fault; says why. */
export async function holdRun(service: Service, worker: Holder, runId: number, reason: string): Promise<void> {
  await transact(service, worker, 'run.work', async (tx, now) => {
    await holdWorker(tx, worker, now)
    await changeRun(tx, { actor: actorOf(worker), now }, await getRun(tx, runId), 'run.held', {
      wanted: 'pause',
      reason,
    })
  })
}
