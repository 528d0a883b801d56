import type { Evidence } from '../../../schemas/evidence.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { Knowledge } from '../../../schemas/knowledge.ts'
import type { CheckCommand } from '../../../schemas/repository.ts'
import type { Requirement } from '../../../schemas/requirement.ts'
import type { TaskNote, TaskStatus } from '../../../schemas/task.ts'
import type { Reader } from '../../store/database.ts'
import { listRelevantKnowledge } from '../../store/knowledge.ts'
import { listLinksOf } from '../../store/links.ts'
import { listRequirementsOfTask, presentRequirement } from '../../store/prd/requirements.ts'
import { findRepository } from '../../store/repositories.ts'
import { findEvidence } from '../../store/task/proof.ts'
import { listDependencies, listDependents, listNotes } from '../../store/task/task-links.ts'
import { findTasks, type TaskRecord } from '../../store/task/tasks.ts'
import { effectiveCommands } from '../repository/repository.ts'

/** Everything a worker needs beyond the task itself. */
export interface Packet {
  readonly repository: {
    readonly name: string
    readonly path?: string
    readonly subpath: string
    readonly defaultBranch?: string
  }
  /** Where it was imported from: its texts are somebody else's. */
  readonly origin: string | undefined
  readonly checks: readonly CheckCommand[]
  readonly requirements: readonly Requirement[]
  readonly dependencies: readonly {
    readonly id: string
    readonly title: string
    readonly repository: string
    readonly status: TaskStatus
    readonly contracts: readonly string[]
    readonly evidence?: Evidence
  }[]
  readonly unblocks: {
    readonly total: number
    readonly tasks: readonly { readonly id: string; readonly title: string; readonly repository: string }[]
  }
  readonly knowledge: { readonly total: number; readonly entries: readonly Knowledge[] }
  readonly notes: readonly TaskNote[]
}

/** What concerns the task alone is read whole; these two can be as many as the workspace has. */
const MAX_KNOWLEDGE = 200
const MAX_UNBLOCKS = 200

/** With `from`, the long lists reach that much further. */
export async function buildPacket(reader: Reader, task: TaskRecord, from = 0): Promise<Packet> {
  const repository = await findRepository(reader, task.repositoryId)
  const dependents = await listDependents(reader, task.id, from + MAX_UNBLOCKS)
  return {
    repository: {
      name: task.repository,
      ...(repository?.root !== undefined && { path: repository.root }),
      subpath: repository?.subpath ?? '.',
      ...(repository?.defaultBranch !== undefined && { defaultBranch: repository.defaultBranch }),
    },
    origin: (await listLinksOf(reader, 'task', [task.id])).at(-1)?.source,
    checks: repository === undefined ? [] : effectiveCommands(repository),
    requirements: (await listRequirementsOfTask(reader, task.id)).map(presentRequirement),
    dependencies: await describeDependencies(reader, task.id),
    unblocks: {
      total: dependents.total,
      tasks: (await findTasks(reader, dependents.ids)).map((entry) => ({
        id: taskKey(entry.id),
        title: entry.title,
        repository: entry.repository,
      })),
    },
    knowledge: await listRelevantKnowledge(reader, task, from + MAX_KNOWLEDGE),
    notes: await listNotes(reader, task.id),
  }
}

async function describeDependencies(reader: Reader, taskId: number) {
  const records = await findTasks(reader, await listDependencies(reader, taskId))
  const described: Packet['dependencies'][number][] = []
  for (const record of records) {
    const evidence = record.status === 'done' ? await findEvidence(reader, record.id) : undefined
    described.push({
      id: taskKey(record.id),
      title: record.title,
      repository: record.repository,
      status: record.status,
      contracts: record.context.contracts ?? [],
      ...(evidence !== undefined && { evidence }),
    })
  }
  return described
}
