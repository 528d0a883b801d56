import type { BundleTask } from '../../../../schemas/bundle.ts'
import { components } from '../../../graph.ts'
import { refuse } from './refusal.ts'

const MAX_EDGES = 1_000_000

/**
 * Tasks with dependencies that the source means without writing them (a task waits for its parts). One that closes a
 * cycle with what is written gives way, for what is written counts more; cycles of written ones stay, to be refused
 * where the whole bundle is looked at.
 * @param implied by ref of the waiting task; refs that are no task of these are left out
 */
export function withImplied(
  file: string,
  tasks: readonly BundleTask[],
  implied: ReadonlyMap<string, readonly string[]>,
): BundleTask[] {
  const index = new Map(tasks.map((task, at) => [task.ref, at]))
  const written = tasks.map((task) => new Set(task.depends_on))
  let edges = 0
  const all = tasks.map((task, at) => {
    const refs = new Set(written[at])
    for (const ref of implied.get(task.ref) ?? []) if (ref !== task.ref && index.has(ref)) refs.add(ref)
    edges += refs.size
    if (edges > MAX_EDGES)
      refuse(
        { file },
        `more than ${MAX_EDGES} dependencies.`,
        'Let fewer tasks wait for large groups and import again.',
      )
    return refs
  })
  const knots = components(index.values(), (at) => [...(all[at] ?? [])].flatMap((ref) => index.get(ref) ?? []))
  const knot = new Map(knots.flatMap((members, number) => members.map((at) => [at, number] as const)))
  return tasks.map((task, at) => ({
    ...task,
    depends_on: [...(all[at] ?? [])].filter((ref) => {
      const to = index.get(ref)
      return written[at]?.has(ref) === true || to === undefined || knot.get(at) !== knot.get(to)
    }),
  }))
}
