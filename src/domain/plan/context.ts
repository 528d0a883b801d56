import type { PlannedTask } from '../../../schemas/plan.ts'
import type { Reader } from '../../store/database.ts'
import type { PrdRecord } from '../../store/prds.ts'
import { listRepositoryNames } from '../../store/repositories.ts'
import { listRequirements, type RequirementRecord } from '../../store/requirements.ts'
import { listDependencies, listTraces } from '../../store/task-links.ts'
import { findTask, listPrdTasks, type TaskRecord } from '../../store/tasks.ts'
import { type PlanContext, taskNumber } from './check.ts'

/** A plan's surroundings: what it is checked against and what storing it needs. */
export interface Surroundings {
  readonly context: PlanContext
  readonly requirements: readonly RequirementRecord[]
  readonly repositories: readonly { readonly id: number; readonly name: string; readonly inPrd: boolean }[]
  /** Tasks of the PRD that a new plan leaves as they are. */
  readonly kept: readonly TaskRecord[]
  /** Tasks of the PRD that nobody has begun. */
  readonly open: readonly TaskRecord[]
  /** Which requirements each task of the PRD realises. */
  readonly traces: ReadonlyMap<number, readonly number[]>
}

export async function readSurroundings(
  reader: Reader,
  prd: PrdRecord,
  tasks: readonly PlannedTask[],
): Promise<Surroundings> {
  const requirements = await listRequirements(reader, prd.id)
  const existing = await listPrdTasks(reader, prd.id)
  const kept = existing.filter(
    (task) => task.status === 'done' || task.status === 'in_progress' || task.status === 'in_review',
  )
  const open = existing.filter(
    (task) => task.status === 'todo' || task.status === 'blocked' || task.status === 'failed',
  )
  const traces = new Map(
    [...Map.groupBy(await listTraces(reader, prd.id), (trace) => trace.task)].map(([task, list]) => [
      task,
      list.map((trace) => trace.requirement),
    ]),
  )
  const repositories = (await listRepositoryNames(reader)).map((entry) => ({
    ...entry,
    inPrd: prd.repositoryIds.includes(entry.id),
  }))
  const known = new Map<number, { ofPrd: boolean; kept: boolean; dependsOn: readonly number[] }>()
  for (const task of existing) known.set(task.id, { ofPrd: true, kept: !open.includes(task), dependsOn: [] })
  await followDependencies(reader, known, tasks)
  const covered = new Set(kept.filter((task) => !task.stale).flatMap((task) => traces.get(task.id) ?? []))
  return {
    context: {
      prd: `PRD-${prd.id}`,
      repositories,
      requirements: requirements.map(({ id, label, text }) => ({ id, label, text })),
      covered,
      tasks: known,
    },
    requirements,
    repositories,
    kept,
    open,
    traces,
  }
}

/** Adds the tasks that the plan waits for, and whatever those wait for: a cycle may lead through them. */
async function followDependencies(
  reader: Reader,
  known: Map<number, { ofPrd: boolean; kept: boolean; dependsOn: readonly number[] }>,
  tasks: readonly PlannedTask[],
): Promise<void> {
  const followed = new Set<number>()
  let frontier = tasks.flatMap((task) => task.depends_on.flatMap((name) => taskNumber(name) ?? []))
  while (frontier.length > 0) {
    const next: number[] = []
    for (const id of frontier) {
      if (followed.has(id)) continue
      followed.add(id)
      const entry = known.get(id)
      if (entry === undefined && (await findTask(reader, id)) === undefined) continue
      const dependsOn = await listDependencies(reader, id)
      known.set(id, { ofPrd: entry?.ofPrd ?? false, kept: entry?.kept ?? true, dependsOn })
      next.push(...dependsOn)
    }
    frontier = next
  }
}
