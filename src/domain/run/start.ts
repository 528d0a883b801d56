import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { prdKey, runKey, taskKey } from '../../../schemas/key.ts'
import type { Run, RunOptions } from '../../../schemas/run.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, hint, type Sentence, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { findRepository, type RepositoryRecord } from '../../store/repositories.ts'
import { findOpenRunOf, presentRun } from '../../store/run/runs.ts'
import { listPrdTasks, type TaskRecord } from '../../store/task/tasks.ts'
import { changeSetFor } from '../change-set/change-set-for.ts'
import { requireReady } from '../check/gate.ts'
import { getPrd } from '../prd/prd.ts'
import { consult, type Request, type Service, transact } from '../service.ts'
import { getTask } from '../task/claim.ts'
import { freezeChecks, repositoriesOf } from './frozen-checks.ts'
import { getRun } from './read.ts'
import { enterRun } from './transition.ts'

export interface RunRequest {
  /** All tasks of a PRD that are not over. */
  readonly prd?: number | undefined
  /** Or these. */
  readonly tasks: readonly number[]
  readonly options: RunOptions
}

/** Queues a run; a worker takes it up. Throws with everything that keeps it from starting, and changes nothing then. */
export async function startRun(
  service: Service,
  caller: Principal,
  wanted: RunRequest,
  request?: Request,
): Promise<Run> {
  return await transact(
    service,
    caller,
    'run.start',
    async (tx, now) => {
      const { prd, tasks } = await wantedWork(tx, wanted)
      const title = prd?.title ?? tasks[0]?.title ?? ''
      const doer = { actor: actorOf(caller), now }
      const changeSetId = await changeSetFor(tx, doer, prd?.id, title)
      const id = await reserveNumbers(tx, 'run')
      await enterRun(tx, doer, {
        id,
        prdId: prd?.id,
        title,
        options: wanted.options,
        checks: (await repositoriesOf(tx, tasks)).map(freezeChecks),
        changeSetId,
        tasks: tasks.map((task) => task.id),
      })
      return await presentRun(tx, await getRun(tx, id))
    },
    request,
  )
}

/** What a run would work on, and where. Throws like `startRun`, and changes nothing. */
export async function previewRun(
  service: Service,
  caller: Principal,
  wanted: Omit<RunRequest, 'options'>,
): Promise<{ readonly tasks: readonly TaskRecord[]; readonly repositories: readonly RepositoryRecord[] }> {
  return await consult(service, caller, 'run.start', async (reader) => {
    const { tasks } = await wantedWork(reader, wanted)
    return { tasks, repositories: await repositoriesOf(reader, tasks) }
  })
}

/** The tasks of a request that are open; throws where a run over them cannot start. */
async function wantedWork(reader: Reader, wanted: Omit<RunRequest, 'options'>) {
  const prd = wanted.prd === undefined ? undefined : await getPrd(reader, wanted.prd)
  if (prd !== undefined) await requireReady(reader, prd, 'plan')
  const ids = prd === undefined ? wanted.tasks : (await listPrdTasks(reader, prd.id)).map((task) => task.id)
  const tasks = await openTasks(reader, ids)
  if (tasks.length === 0)
    throw new SpekiError(
      'precondition_failed',
      `${prd === undefined ? 'The list' : prdKey(prd.id)} has no task that is open.`,
      {
        hint:
          prd === undefined
            ? hint`Name tasks that are: ${step('task_list', { status: 'todo' })}.`
            : hint`Make a plan with ${step('plan_draft', { prd: prdKey(prd.id) })}, or reopen a task with ${step('task_update', { task: BLANK, status: 'todo' })}.`,
      },
    )
  await refuse(reader, tasks)
  return { prd, tasks }
}

async function openTasks(tx: Reader, ids: readonly number[]) {
  const tasks = []
  for (const id of ids) {
    const task = await getTask(tx, id)
    if (task.status !== 'done' && task.status !== 'cancelled') tasks.push(task)
  }
  return tasks
}

async function refuse(tx: Reader, tasks: Awaited<ReturnType<typeof openTasks>>): Promise<void> {
  const reasons: string[] = []
  const steps: Sentence[] = []
  const known = new Set<number>()
  for (const task of tasks) {
    const run = await findOpenRunOf(tx, task.id)
    if (run !== undefined) {
      reasons.push(`${taskKey(task.id)} is in ${runKey(run)} already.`)
      steps.push(hint`Wait for the other run: ${step('run_status', { run: runKey(run) })}.`)
    }
    if (known.has(task.repositoryId)) continue
    known.add(task.repositoryId)
    const repository = await findRepository(tx, task.repositoryId)
    if (repository?.root === undefined) {
      reasons.push(`${task.repository} has no local path.`)
      steps.push(hint`Give it one: ${step('repository_register', { name: task.repository, path: BLANK })}.`)
    }
  }
  const [first] = steps
  if (first !== undefined)
    throw new SpekiError('precondition_failed', `The run cannot start. ${reasons.join(' ')} Nothing was changed.`, {
      hint: first,
    })
}
