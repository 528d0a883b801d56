import type { ContractKind } from '../../../schemas/repository.ts'

/** `from` provides what `to` uses; both are names of repositories. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly kind: 'package' | 'task' | ContractKind
  /** Where it shows, for people. */
  readonly why: string
  /** File or folder of `to` in which it shows; tasks have none. */
  readonly evidence?: string | undefined
}

type Link = Pick<Edge, 'from' | 'to'>

/**
 * Repositories in the order in which they can be delivered: providers first, otherwise as given. Those that need each other
 * in a circle are one unit. Others that lie between them count, too, without being delivered.
 */
export function mergeOrder(names: readonly string[], edges: readonly Link[]): readonly (readonly string[])[] {
  const waiting = new Set(names)
  const reach = new Map([...waiting].map((name) => [name, consumersOf(name, edges)]))
  const uses = (consumer: string, provider: string) => reach.get(provider)?.has(consumer) === true
  const units: string[][] = []
  while (waiting.size > 0) {
    // Circles taken as one make the rest free of circles, so one is always ready.
    for (const name of waiting) {
      const circle = [...waiting].filter((other) => other === name || (uses(other, name) && uses(name, other)))
      if ([...waiting].some((other) => !circle.includes(other) && uses(name, other))) continue
      units.push(circle)
      for (const member of circle) waiting.delete(member)
    }
  }
  return units
}

/** All that use a repository, directly or through others. */
export function consumersOf(name: string, edges: readonly Link[]): ReadonlySet<string> {
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

/** All that a repository uses, directly or through others. */
export function providersFor(name: string, edges: readonly Link[]): ReadonlySet<string> {
  return consumersOf(
    name,
    edges.map(({ from, to }) => ({ from: to, to: from })),
  )
}
