import type { RepositoryRecord } from '../../store/repositories.ts'
import { contractEdges } from './contract-edges.ts'
import type { Edge } from './merge-order.ts'
import { providedKey, usesOf } from './package-use.ts'

/** Who provides for whom among repositories, as they themselves show. */
export function knownEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  return [...packageEdges(repositories), ...contractEdges(repositories)]
}

function packageEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  const consumers = repositories.map((consumer) => ({ consumer, uses: usesOf(consumer.facts.packages) }))
  return repositories.flatMap((provider) =>
    provider.facts.packages.flatMap((fact) =>
      consumers.flatMap(({ consumer, uses }): Edge[] => {
        const user = uses.get(providedKey(fact) ?? '')
        if (user === undefined || provider.root === consumer.root) return []
        const why = `uses the ${fact.ecosystem} package ${fact.name}`
        return [{ from: provider.name, to: consumer.name, kind: 'package', why, evidence: user.path }]
      }),
    ),
  )
}
