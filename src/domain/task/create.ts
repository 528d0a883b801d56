import { actorOf, type Principal } from '../../../schemas/actor.ts'
import type { Complexity, Task, TaskContext } from '../../../schemas/task.ts'
import { SpekiError } from '../../errors.ts'
import { appendEvent } from '../../store/events.ts'
import { reserveNumbers } from '../../store/keys.ts'
import { setDependencies, setTaskRequirements } from '../../store/task/task-links.ts'
import { insertTask, lastPosition, presentTask } from '../../store/task/tasks.ts'
import { followWork, getPrd } from '../prd/prd.ts'
import { resolveRepository } from '../repository/repository.ts'
import { type Request, type Service, transact } from '../service.ts'
import { checkEdge } from './change.ts'
import { getTask } from './claim.ts'

export interface TaskDraft {
  readonly title: string
  readonly repository: string
  readonly description: string
  readonly criteria: readonly string[]
  readonly testCases: readonly string[]
  readonly prd?: number | undefined
  readonly requirements: readonly number[]
  readonly dependsOn: readonly number[]
  readonly complexity: Complexity
  readonly priority: number
  readonly context: TaskContext
  /** The task on which it was discovered: the new one joins its PRD. */
  readonly followUpOf?: number | undefined
}

/** Adds work outside a plan: ad hoc, or a follow-up found on the way. */
export async function createTask(
  service: Service,
  caller: Principal,
  draft: TaskDraft,
  request?: Request,
): Promise<Task> {
  return await transact(
    service,
    caller,
    'task.create',
    async (tx, now) => {
      const origin = draft.followUpOf === undefined ? undefined : await getTask(tx, draft.followUpOf)
      const prdId = draft.prd ?? origin?.prdId
      const prd = prdId === undefined ? undefined : await getPrd(tx, prdId)
      const repository = await resolveRepository(tx, draft.repository)
      for (const id of draft.requirements) {
        const row = await tx.sql.selectFrom('requirement').select('prd_id').where('id', '=', id).executeTakeFirst()
        if (row === undefined || row.prd_id !== prdId) {
          throw new SpekiError(
            'invalid_input',
            `REQ-${id} is no requirement of ${prdId === undefined ? 'this ad-hoc task' : `PRD-${prdId}`}.`,
            { hint: 'Name the PRD it belongs to.' },
          )
        }
      }
      const id = await reserveNumbers(tx, 'task')
      await insertTask(tx, {
        id,
        alias: null,
        title: draft.title,
        description: draft.description,
        repository_id: repository.id,
        prd_id: prdId ?? null,
        plan_id: null,
        prd_revision: prd?.revision ?? null,
        stale: 0,
        status: 'todo',
        waiting_on: 0,
        criteria: JSON.stringify(draft.criteria),
        test_cases: JSON.stringify(draft.testCases),
        complexity: draft.complexity,
        priority: draft.priority,
        position: (await lastPosition(tx)) + 1,
        context: JSON.stringify(draft.context),
        block_reason: null,
        holder: null,
        holder_session: null,
        lease_hash: null,
        lease_expires_at: null,
        fence: 0,
        revision: 1,
        created_at: now,
        updated_at: now,
        finished_at: null,
      })
      for (const dependency of draft.dependsOn) await checkEdge(tx, id, dependency)
      await setDependencies(tx, id, draft.dependsOn)
      await setTaskRequirements(tx, id, draft.requirements)
      await tx.dialect.indexText(tx, { kind: 'task', id, title: draft.title, body: draft.description })
      await appendEvent(tx, {
        at: now,
        type: 'task.created',
        subject: `TASK-${id}`,
        prdId,
        repositoryId: repository.id,
        actor: actorOf(caller),
        revision: 1,
        payload: { title: draft.title, ...(origin !== undefined && { followUpOf: `TASK-${origin.id}` }) },
      })
      await followWork(tx, prdId, now)
      return await presentTask(tx, await getTask(tx, id))
    },
    request,
  )
}
