import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import { listRepositories, type RepositoryRecord } from '../../store/repositories.ts'
import { listAttempts } from '../../store/run/attempts.ts'
import {
  type ChangeSetRecord,
  countChangeSets,
  listChangeSets,
  listMembers,
  type MemberRecord,
} from '../../store/run/change-sets.ts'
import { listDependenciesOf } from '../../store/task/task-links.ts'
import { findTasks } from '../../store/task/tasks.ts'
import { consult, type Service, transact } from '../service.ts'
import { type ChangeSetState, getChangeSet, moveChangeSet } from './transition.ts'

export interface ChangeSetView {
  readonly changeSet: ChangeSetRecord
  readonly members: readonly MemberRecord[]
  /** Every repository of the workspace. */
  readonly repositories: readonly RepositoryRecord[]
  /** Who provides for whom, as the tasks that were worked on say; by id of the repository. */
  readonly taskEdges: readonly { readonly from: number; readonly to: number; readonly why: string }[]
}

export interface ChangeSetLine extends ChangeSetRecord {
  readonly repositories: readonly string[]
}

/** The newest first, and how many there are. */
export async function readChangeSets(
  service: Service,
  caller: Principal,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<{ readonly changeSets: readonly ChangeSetLine[]; readonly total: number }> {
  return await consult(service, caller, 'changeset.read', async (reader) => {
    const changeSets: ChangeSetLine[] = []
    for (const record of await listChangeSets(reader, { before: page.before, limit: page.limit })) {
      const members = await listMembers(reader, record.id)
      changeSets.push({ ...record, repositories: members.map(({ repository }) => repository) })
    }
    return { changeSets, total: await countChangeSets(reader) }
  })
}

/** A change set with all that its test and delivery rest on. Throws where there is none of that number. */
export async function readChangeSet(service: Service, caller: Principal, id: number): Promise<ChangeSetView> {
  return await consult(service, caller, 'changeset.read', async (reader) => {
    const changeSet = await getChangeSet(reader, id)
    const attempts = await listAttempts(reader, { changeSetId: id })
    const own = [...new Set(attempts.map(({ taskId }) => taskId))]
    const dependencies = await listDependenciesOf(reader, own)
    const tasks = await findTasks(reader, [...new Set([...own, ...dependencies.map(({ dependsOn }) => dependsOn)])])
    const taskEdges = dependencies.flatMap(({ task, dependsOn }) => {
      const [to, from] = [tasks.find((entry) => entry.id === task), tasks.find((entry) => entry.id === dependsOn)]
      if (to === undefined || from === undefined || to.repositoryId === from.repositoryId) return []
      return [{ from: from.repositoryId, to: to.repositoryId, why: `${taskKey(task)} builds on ${taskKey(dependsOn)}` }]
    })
    return {
      changeSet,
      members: await listMembers(reader, id),
      repositories: await listRepositories(reader),
      taskEdges,
    }
  })
}

/** Writes down how far a change set and its members have come. */
export async function noteChangeSet(
  service: Service,
  caller: Principal,
  id: number,
  note: {
    readonly state: ChangeSetState
    /** What the step said, as JSON. */
    readonly detail: unknown
    readonly members: readonly { readonly repositoryId: number; readonly state: string; readonly detail: unknown }[]
    readonly summary: string
  },
): Promise<void> {
  await transact(service, caller, 'changeset.test', async (tx, now) => {
    await moveChangeSet(tx, { actor: actorOf(caller), now }, id, note, note.members)
  })
}
