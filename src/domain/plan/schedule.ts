import type { PlanDraft, PlannedTask } from '../../../schemas/plan.ts'
import type { Complexity } from '../../../schemas/task.ts'
import { chainTo, longestChains } from '../../graph.ts'

/** How much of a plan can run at once, and what it takes at least. */
export interface Schedule {
  /** refs by depth: those of one wave wait for nothing in it or behind it. */
  readonly waves: readonly (readonly string[])[]
  /** The longest chain by weight, first to last. */
  readonly criticalPath: readonly string[]
  /** Its weight: low 1, medium 2, high 4. */
  readonly weight: number
}

const WEIGHT: Readonly<Record<Complexity, number>> = { low: 1, medium: 2, high: 4 }

/** Pure. Edges to anything outside the plan count as there already; of a circle each edge is followed once. */
export function scheduleOf(tasks: readonly Pick<PlannedTask, 'ref' | 'depends_on' | 'complexity'>[]): Schedule {
  const byRef = new Map(tasks.map((task) => [task.ref, task]))
  const distances = longestChains(
    byRef.keys(),
    (ref) => byRef.get(ref)?.depends_on.filter((name) => byRef.has(name)) ?? [],
    (ref) => WEIGHT[byRef.get(ref)?.complexity ?? 'medium'],
  )
  const waves: string[][] = []
  for (const { ref } of tasks) {
    const depth = distances.get(ref)?.depth ?? 0
    while (waves.length <= depth) waves.push([])
    waves[depth]?.push(ref)
  }
  let last: string | undefined
  let weight = 0
  for (const [ref, distance] of distances) {
    if (distance.weight <= weight) continue
    last = ref
    weight = distance.weight
  }
  return { waves, criticalPath: last === undefined ? [] : chainTo(last, distances), weight }
}

/** The same in the words of the packet. */
export function scheduleFields(tasks: Parameters<typeof scheduleOf>[0]): Pick<PlanDraft, 'waves' | 'critical_path'> {
  const { waves, criticalPath } = scheduleOf(tasks)
  return { waves: waves.map((wave) => [...wave]), critical_path: [...criticalPath] }
}
