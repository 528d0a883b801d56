import type { PlannedTask } from '../../../schemas/plan.ts'
import type { SourceLines } from '../../../schemas/requirement.ts'
import type { TaskStatus } from '../../../schemas/task.ts'
import type { Reader } from '../../store/database.ts'
import type { PrdRecord } from '../../store/prd/prds.ts'
import { listRequirements, type RequirementRecord } from '../../store/prd/requirements.ts'
import { listRepositoryNames } from '../../store/repositories.ts'
import { listEdgesFrom, listTraces } from '../../store/task/task-links.ts'
import { findTasks, listPrdTasks, type TaskRecord } from '../../store/task/tasks.ts'

/** A task the store has, as far as a plan is checked against it. */
export interface ExistingTask {
  readonly id: number
  readonly alias: string | undefined
  readonly title: string
  readonly repository: string
  readonly prdId: number | undefined
  /** False for work added outside any plan. */
  readonly planned: boolean
  readonly status: TaskStatus
  readonly stale: boolean
  readonly requirements: readonly number[]
}

/** All that a plan is checked against. */
export interface PlanContext {
  readonly prdId: number
  /** Names in the whole workspace, and those of the PRD. */
  readonly repositories: readonly string[]
  readonly prdRepositories: readonly string[]
  /** Those of the current text. */
  readonly requirements: readonly {
    readonly id: number
    readonly label?: string | undefined
    readonly text: string
    readonly lines: SourceLines
  }[]
  /** Those of the parent, which tasks of a tech spec may realise. */
  readonly parentRequirements: readonly { readonly id: number; readonly label?: string | undefined }[]
  /** Every task of the PRD, and those of others that these or the plan wait for. */
  readonly tasks: readonly ExistingTask[]
  /** Edges from these tasks on, however far. */
  readonly edges: readonly { readonly task: number; readonly dependsOn: number }[]
}

/** Tasks of the PRD that a plan leaves as they are unless it names them: finished, claimed, or from outside any plan. */
export function staysByItself(task: ExistingTask): boolean {
  return task.status !== 'cancelled' && !(isOpen(task) && task.planned)
}

/** The context with the records behind it. */
export interface PlanState {
  readonly context: PlanContext
  readonly requirements: readonly RequirementRecord[]
  /** Tasks of the PRD by number. */
  readonly tasks: ReadonlyMap<number, TaskRecord>
  readonly repositoryIds: ReadonlyMap<string, number>
  /** Open tasks of the parent with the requirements they realise: its stories. */
  readonly stories: readonly { readonly id: number; readonly requirements: readonly number[] }[]
}

/** Reads, in one transaction, what the plan is checked against. */
export async function readPlanState(
  reader: Reader,
  prd: Pick<PrdRecord, 'id' | 'repositories' | 'kind' | 'parentId'>,
  tasks: readonly Pick<PlannedTask, 'depends_on'>[],
): Promise<PlanState> {
  const requirements = await listRequirements(reader, prd.id)
  const parentId = prd.kind === 'tech_spec' ? prd.parentId : undefined
  const parentRequirements = parentId === undefined ? [] : await listRequirements(reader, parentId)
  const repositories = await listRepositoryNames(reader)
  const own = await listPrdTasks(reader, prd.id)
  const traces = Map.groupBy(await listTraces(reader, prd.id), (trace) => trace.task)
  const ownIds = new Set(own.map((task) => task.id))
  const named = tasks.flatMap((task) => task.depends_on).flatMap((name) => parseTaskKey(name) ?? [])
  const edges = await listEdgesFrom(reader, [...new Set([...ownIds, ...named])])
  const awaited = edges.filter((edge) => ownIds.has(edge.task)).map((edge) => edge.dependsOn)
  const others = await findTasks(
    reader,
    [...new Set([...named, ...awaited])].filter((id) => !ownIds.has(id)),
  )
  const all = [...own, ...others]
  return {
    context: {
      prdId: prd.id,
      repositories: repositories.map((entry) => entry.name),
      prdRepositories: prd.repositories,
      requirements,
      parentRequirements,
      tasks: all.map((task) => ({
        id: task.id,
        alias: task.alias,
        title: task.title,
        repository: task.repository,
        prdId: task.prdId,
        planned: task.planId !== undefined,
        status: task.status,
        stale: task.stale,
        requirements: (traces.get(task.id) ?? []).map((trace) => trace.requirement),
      })),
      edges,
    },
    requirements,
    tasks: new Map(own.map((task) => [task.id, task])),
    repositoryIds: new Map(repositories.map((entry) => [entry.name, entry.id])),
    stories: parentId === undefined ? [] : await storiesOf(reader, parentId),
  }
}

async function storiesOf(reader: Reader, prdId: number): Promise<PlanState['stories']> {
  const open = (await listPrdTasks(reader, prdId)).filter(isOpen)
  const traces = Map.groupBy(await listTraces(reader, prdId), (trace) => trace.task)
  return open.map(({ id }) => ({ id, requirements: (traces.get(id) ?? []).map((trace) => trace.requirement) }))
}

/** `task-7` → 7; undefined for what is no key of a task. */
export function parseTaskKey(name: string): number | undefined {
  const digits = /^task-([1-9]\d{0,9})$/i.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** To do, blocked or failed: nobody works on it, so a new plan may change or cancel it. */
export function isOpen(task: Pick<ExistingTask, 'status'>): boolean {
  return task.status === 'todo' || task.status === 'blocked' || task.status === 'failed'
}
