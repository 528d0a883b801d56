import type { BundleTask } from '../../../../schemas/bundle.ts'
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
  const next = all.map((refs) => [...refs].flatMap((ref) => index.get(ref) ?? []))
  const knot = components(next)
  return tasks.map((task, at) => ({
    ...task,
    depends_on: [...(all[at] ?? [])].filter((ref) => {
      const to = index.get(ref)
      return written[at]?.has(ref) === true || to === undefined || knot[at] !== knot[to]
    }),
  }))
}

/** The strongly connected component of each node, by Tarjan's algorithm on a stack of its own: chains may be long. */
function components(next: readonly (readonly number[])[]): readonly number[] {
  const order = new Array<number>(next.length).fill(-1)
  const low = new Array<number>(next.length).fill(0)
  const component = new Array<number>(next.length).fill(-1)
  const waiting: number[] = []
  let count = 0
  let found = 0
  for (let start = 0; start < next.length; start++) {
    if (order[start] !== -1) continue
    const path: { readonly node: number; edge: number }[] = []
    const enter = (node: number): void => {
      order[node] = low[node] = count++
      waiting.push(node)
      path.push({ node, edge: 0 })
    }
    enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node } = top
      const to = next[node]?.[top.edge++]
      if (to !== undefined) {
        if (order[to] === -1) enter(to)
        else if (component[to] === -1) low[node] = Math.min(low[node] ?? 0, order[to] ?? 0)
        continue
      }
      path.pop()
      const above = path.at(-1)?.node
      if (above !== undefined) low[above] = Math.min(low[above] ?? 0, low[node] ?? 0)
      if (low[node] !== order[node]) continue
      for (let member = waiting.pop(); member !== undefined; member = member === node ? undefined : waiting.pop())
        component[member] = found
      found++
    }
  }
  return component
}
