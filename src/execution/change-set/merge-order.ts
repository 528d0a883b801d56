/** `from` provides what `to` uses; both are names of repositories. */
export interface Edge {
  readonly from: string
  readonly to: string
  /** Where it shows, for people. */
  readonly why: string
}

/**
 * Repositories in the order in which they can be delivered: providers first, otherwise as given. Those that need each other
 * in a circle are one unit.
 */
export function mergeOrder(names: readonly string[], edges: readonly Edge[]): readonly (readonly string[])[] {
  const known = edges.filter(({ from, to }) => from !== to && names.includes(from) && names.includes(to))
  const reach = new Map(names.map((name) => [name, consumersOf(name, known)]))
  const units: string[][] = []
  const placed = new Set<string>()
  while (placed.size < names.length) {
    for (const name of names) {
      if (placed.has(name)) continue
      const circle = names.filter(
        (other) => other === name || (reach.get(name)?.has(other) && reach.get(other)?.has(name)),
      )
      const waits = known.some(({ from, to }) => circle.includes(to) && !circle.includes(from) && !placed.has(from))
      if (waits) continue
      units.push(circle)
      for (const member of circle) placed.add(member)
    }
  }
  return units
}

/** All that use a repository, directly or through others. */
export function consumersOf(name: string, edges: readonly Edge[]): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [name]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const { from, to } of edges) {
      if (from !== at || found.has(to)) continue
      found.add(to)
      waiting.push(to)
    }
  }
  return found
}
