import type { ContractKind } from '../../../schemas/repository.ts'
import { components, reachable } from '../../graph.ts'

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
  const providers = Map.groupBy(edges, ({ to }) => to)
  const wanted = new Set(names)
  const position = new Map([...wanted].map((name, index) => [name, index]))
  const byPosition = (a: string, b: string) => (position.get(a) ?? 0) - (position.get(b) ?? 0)
  return components(wanted, (name) => (providers.get(name) ?? []).map(({ from }) => from))
    .map((unit) => unit.filter((name) => wanted.has(name)).sort(byPosition))
    .filter((unit) => unit.length > 0)
}

/** All that use a repository, directly or through others; itself only where it stands in a circle. */
export function consumersOf(name: string, edges: readonly Link[]): ReadonlySet<string> {
  const consumers = Map.groupBy(edges, ({ from }) => from)
  const next = (at: string) => (consumers.get(at) ?? []).map(({ to }) => to)
  return reachable(next(name), next)
}

/** All that a repository uses, directly or through others. */
export function providersFor(name: string, edges: readonly Link[]): ReadonlySet<string> {
  return consumersOf(
    name,
    edges.map(({ from, to }) => ({ from: to, to: from })),
  )
}
