/**
 * Cycles of a directed graph, one for each edge that closes one on the way from `starts`; at most `limit`. Each is the
 * list of its nodes in the direction of the edges, the first one not repeated, beginning with the node that comes first
 * in `starts`. Self-edges are left out.
 */
export function findCycles<N>(
  starts: readonly N[],
  next: (node: N) => readonly N[],
  limit: number,
): readonly (readonly N[])[] {
  const rank = new Map(starts.map((node, index) => [node, index]))
  const finished = new Set<N>()
  const onPath = new Map<N, number>()
  const cycles: (readonly N[])[] = []
  for (const start of starts) {
    if (finished.has(start)) continue
    // A stack of our own: a chain of 1,000 tasks is legal.
    const path: { readonly node: N; readonly edges: Iterator<N> }[] = []
    const enter = (node: N) => {
      onPath.set(node, path.length)
      path.push({ node, edges: next(node)[Symbol.iterator]() })
    }
    enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value, done } = top.edges.next()
      if (done === true) {
        path.pop()
        onPath.delete(top.node)
        finished.add(top.node)
        continue
      }
      const place = onPath.get(value)
      if (place === undefined) {
        if (!finished.has(value)) enter(value)
      } else if (value !== top.node) {
        cycles.push(
          rotate(
            path.slice(place).map((step) => step.node),
            rank,
          ),
        )
        if (cycles.length >= limit) return cycles
      }
    }
  }
  return cycles
}

function rotate<N>(cycle: readonly N[], rank: ReadonlyMap<N, number>): readonly N[] {
  const ranks = cycle.map((node) => rank.get(node) ?? Number.POSITIVE_INFINITY)
  const first = ranks.indexOf(Math.min(...ranks))
  return [...cycle.slice(first), ...cycle.slice(0, first)]
}
