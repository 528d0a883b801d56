import type { RepositoryRecord } from '../../store/repositories.ts'
import { contractEdges } from './contract-edges.ts'
import { consumersOf, type Edge } from './merge-order.ts'
import { providedKey, usesOf } from './package-use.ts'

/** Who provides for whom among repositories, as they themselves show; packages of one working copy left out. */
export function knownEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  const roots = new Map(repositories.map(({ name, root }) => [name, root]))
  return edgesAmong(repositories).filter(({ from, to }) => roots.get(from) !== roots.get(to))
}

/** The same, with those of one working copy. */
export function edgesAmong(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  return [...packageEdges(repositories), ...contractEdges(repositories)]
}

/**
 * What is registered of the working copy that `changed` are of, and concerned by a change of them: they themselves, what contains
 * one or lies in one, and what uses one, directly or through others. The changed ones come first.
 */
export function concernedBy<T extends RepositoryRecord>(changed: readonly T[], all: readonly T[]): readonly T[] {
  const inside = all.filter(({ root }) => root !== undefined && root === changed[0]?.root)
  const edges = edgesAmong(inside)
  const near = inside.filter(({ subpath }) => changed.some((each) => isAround(each.subpath, subpath)))
  const names = new Set(near.flatMap(({ name }) => [name, ...consumersOf(name, edges)]))
  const others = inside.filter(({ id, name }) => names.has(name) && changed.every((each) => each.id !== id))
  return [...changed, ...others]
}

function isAround(one: string, other: string): boolean {
  const within = (inner: string, outer: string) => outer === '.' || inner === outer || inner.startsWith(`${outer}/`)
  return within(one, other) || within(other, one)
}

function packageEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  const consumers = repositories.map((consumer) => ({ consumer, uses: usesOf(consumer.facts.packages) }))
  return repositories.flatMap((provider) =>
    provider.facts.packages.flatMap((fact) =>
      consumers.flatMap(({ consumer, uses }): Edge[] => {
        const user = uses.get(providedKey(fact) ?? '')
        if (user === undefined || provider.id === consumer.id) return []
        const why = `uses the ${fact.ecosystem} package ${fact.name}`
        return [{ from: provider.name, to: consumer.name, kind: 'package', why, evidence: user.path }]
      }),
    ),
  )
}
