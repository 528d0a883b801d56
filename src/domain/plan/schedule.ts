import type { PlanDraft, PlannedTask } from '../../../schemas/plan.ts'
import type { Complexity } from '../../../schemas/task.ts'

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
  const reached = new Map<
    string,
    { readonly depth: number; readonly weight: number; readonly before: string | undefined }
  >()
  for (const ref of inOrder(byRef)) {
    const task = byRef.get(ref)
    const before = (task?.depends_on ?? []).flatMap((name) => {
      const found = reached.get(name)
      return found === undefined ? [] : [{ name, ...found }]
    })
    const heaviest = before.reduce<(typeof before)[number] | undefined>(
      (best, entry) => (best === undefined || entry.weight > best.weight ? entry : best),
      undefined,
    )
    reached.set(ref, {
      depth: Math.max(-1, ...before.map(({ depth }) => depth)) + 1,
      weight: (heaviest?.weight ?? 0) + WEIGHT[task?.complexity ?? 'medium'],
      before: heaviest?.name,
    })
  }
  const waves: string[][] = []
  for (const { ref } of tasks) {
    const depth = reached.get(ref)?.depth ?? 0
    while (waves.length <= depth) waves.push([])
    waves[depth]?.push(ref)
  }
  const path: string[] = []
  let last: string | undefined
  for (const [ref, { weight }] of reached) if (weight > (reached.get(last ?? '')?.weight ?? 0)) last = ref
  const weight = reached.get(last ?? '')?.weight ?? 0
  for (; last !== undefined; last = reached.get(last)?.before) path.unshift(last)
  return { waves, criticalPath: path, weight }
}

/** The same in the words of the packet. */
export function scheduleFields(tasks: Parameters<typeof scheduleOf>[0]): Pick<PlanDraft, 'waves' | 'critical_path'> {
  const { waves, criticalPath } = scheduleOf(tasks)
  return { waves: waves.map((wave) => [...wave]), critical_path: [...criticalPath] }
}

/** Each behind what it waits for; a stack of our own, because a chain may be long. */
function inOrder(byRef: ReadonlyMap<string, Pick<PlannedTask, 'depends_on'>>): readonly string[] {
  const order: string[] = []
  const entered = new Set<string>()
  for (const start of byRef.keys()) {
    const stack: { ref: string; next: number }[] = []
    const enter = (ref: string) => {
      if (entered.has(ref)) return
      entered.add(ref)
      stack.push({ ref, next: 0 })
    }
    enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const name = byRef.get(top.ref)?.depends_on[top.next]
      top.next += 1
      if (name === undefined) {
        order.push(top.ref)
        stack.pop()
      } else if (byRef.has(name)) enter(name)
    }
  }
  return order
}
