import type { RepositoryRecord } from '../../store/repositories.ts'
import { usesPackage } from '../joint/package-use.ts'
import { contractEdges } from './contract-edges.ts'
import type { Edge } from './merge-order.ts'

/** Who provides for whom among repositories, as they themselves show. */
export function knownEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  return [...packageEdges(repositories), ...contractEdges(repositories)]
}

function packageEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  return repositories.flatMap((provider) =>
    repositories.flatMap((consumer) => {
      if (provider.root === consumer.root) return []
      return consumer.facts.packages.flatMap((user) =>
        provider.facts.packages
          .filter((fact) => usesPackage(user, fact, consumer.facts.packages))
          .map((fact): Edge => {
            const why = `uses the ${fact.ecosystem} package ${fact.name}`
            return { from: provider.name, to: consumer.name, kind: 'package', why, evidence: user.path }
          }),
      )
    }),
  )
}
