/** The outgoing edges of a node. Nodes are compared by identity; edges may lead to nodes that no list names. */
export type Next<N> = (node: N) => Iterable<N>

/** Walks depth first on a stack of its own (a chain of thousands of nodes is legal); `leave` sees each node after all it leads to. */
function walk<N>(
  starts: Iterable<N>,
  next: Next<N>,
  visit: {
    readonly enter?: (node: N) => void
    /** An edge to a node that was entered before. */
    readonly meet?: (from: N, to: N, path: readonly { readonly node: N }[]) => void
    readonly leave?: (node: N, parent: N | undefined) => void
  },
): void {
  const entered = new Set<N>()
  for (const start of starts) {
    if (entered.has(start)) continue
    const path: { readonly node: N; readonly edges: Iterator<N> }[] = []
    const enter = (node: N) => {
      entered.add(node)
      path.push({ node, edges: next(node)[Symbol.iterator]() })
      visit.enter?.(node)
    }
    enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value, done } = top.edges.next()
      if (done === true) {
        path.pop()
        visit.leave?.(top.node, path.at(-1)?.node)
      } else if (entered.has(value)) visit.meet?.(top.node, value, path)
      else enter(value)
    }
  }
}

/** Everything that can be reached from the starts, themselves included, in the order in which it is found. */
export function reachable<N>(starts: Iterable<N>, next: Next<N>): ReadonlySet<N> {
  const found = new Set<N>(starts)
  // A set that grows while it is read is read to its end.
  for (const node of found) for (const to of next(node)) found.add(to)
  return found
}

/** The shortest way from one node to another, both included; undefined where there is none. */
export function pathBetween<N>(from: N, to: N, next: Next<N>): readonly N[] | undefined {
  const cameFrom = new Map<N, N | undefined>([[from, undefined]])
  for (const node of cameFrom.keys()) {
    if (node === to) break
    for (const other of next(node)) if (!cameFrom.has(other)) cameFrom.set(other, node)
  }
  if (!cameFrom.has(to)) return undefined
  return chainOf(to, (node) => cameFrom.get(node))
}

/** All nodes that can be reached from the starts, each behind everything it leads to; of a circle each edge is followed once. */
export function dependenciesFirst<N>(starts: Iterable<N>, next: Next<N>): readonly N[] {
  const order: N[] = []
  walk(starts, next, { leave: (node) => void order.push(node) })
  return order
}

/**
 * The strongly connected components (Tarjan), each behind those it leads to: nodes that lead to one another in a circle are
 * one component, every other node is one of its own.
 */
export function components<N>(starts: Iterable<N>, next: Next<N>): readonly (readonly N[])[] {
  const index = new Map<N, number>()
  const low = new Map<N, number>()
  const open: N[] = []
  const closed = new Set<N>()
  const found: N[][] = []
  const lower = (node: N, value: number) => low.set(node, Math.min(low.get(node) ?? value, value))
  walk(starts, next, {
    enter(node) {
      lower(node, index.size)
      index.set(node, index.size)
      open.push(node)
    },
    meet(from, to) {
      if (!closed.has(to)) lower(from, index.get(to) ?? 0)
    },
    leave(node, parent) {
      if (parent !== undefined) lower(parent, low.get(node) ?? 0)
      if (low.get(node) !== index.get(node)) return
      const members = open.splice(open.lastIndexOf(node))
      for (const member of members) closed.add(member)
      found.push(members)
    },
  })
  return found
}

/**
 * Cycles, one for each edge that closes one on the way from `starts`; at most `limit`. Each is the list of its nodes in the
 * direction of the edges, the first one not repeated, beginning with the node that comes first in `starts`. Self-edges are
 * left out.
 */
export function findCycles<N>(starts: readonly N[], next: Next<N>, limit: number): readonly (readonly N[])[] {
  const rank = new Map(starts.map((node, position) => [node, position]))
  const place = new Map<N, number>()
  const cycles: (readonly N[])[] = []
  let depth = 0
  walk(starts, next, {
    enter: (node) => void place.set(node, depth++),
    meet(from, to, path) {
      const begin = place.get(to)
      if (begin === undefined || to === from || cycles.length >= limit) return
      const cycle = path.slice(begin).map(({ node }) => node)
      cycles.push(beginAtLowest(cycle, rank))
    },
    leave(node) {
      place.delete(node)
      depth--
    },
  })
  return cycles
}

function beginAtLowest<N>(cycle: readonly N[], rank: ReadonlyMap<N, number>): readonly N[] {
  const ranks = cycle.map((node) => rank.get(node) ?? Number.POSITIVE_INFINITY)
  const first = ranks.indexOf(Math.min(...ranks))
  return [...cycle.slice(first), ...cycle.slice(0, first)]
}

/** How far a node stands from the beginning: `depth` in edges, `weight` along the heaviest chain up to and with it. */
export interface Distance<N> {
  readonly depth: number
  readonly weight: number
  /** The node before it on that chain. */
  readonly before: N | undefined
}

/** The heaviest chain that ends in each node; `next` leads to what a node waits for. Edges that close a circle do not count. */
export function longestChains<N>(
  starts: Iterable<N>,
  next: Next<N>,
  weightOf: (node: N) => number,
): ReadonlyMap<N, Distance<N>> {
  const distances = new Map<N, Distance<N>>()
  for (const node of dependenciesFirst(starts, next)) {
    let depth = 0
    let weight = 0
    let before: N | undefined
    for (const other of next(node)) {
      const distance = distances.get(other)
      if (distance === undefined) continue
      depth = Math.max(depth, distance.depth + 1)
      if (before === undefined || distance.weight > weight) {
        weight = distance.weight
        before = other
      }
    }
    distances.set(node, { depth, weight: weight + weightOf(node), before })
  }
  return distances
}

/** The nodes of a chain, first to last. */
export function chainTo<N>(last: N, distances: ReadonlyMap<N, Distance<N>>): readonly N[] {
  return chainOf(last, (node) => distances.get(node)?.before)
}

function chainOf<N>(last: N, before: (node: N) => N | undefined): readonly N[] {
  const chain: N[] = []
  for (let at: N | undefined = last; at !== undefined; at = before(at)) chain.push(at)
  return chain.reverse()
}
