import { join, resolve, sep } from 'node:path'
import type { ContractFact } from '../../../schemas/repository.ts'
import { remotePlace } from '../../git/remote-url.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import type { Edge } from './merge-order.ts'

/**
 * Who provides for whom, as descriptions of interfaces, submodules and paths say. What two repositories describe as theirs
 * gives no edge: nobody can tell which of them comes first.
 */
export function contractEdges(repositories: readonly RepositoryRecord[]): readonly Edge[] {
  return repositories.flatMap((consumer) =>
    (consumer.facts.contracts ?? [])
      .filter(({ role }) => role === 'uses')
      .flatMap((fact) => {
        const provider = providerOf(consumer, fact, repositories)
        if (provider === undefined || provider.id === consumer.id) return []
        return [{ from: provider.name, to: consumer.name, kind: fact.kind, why: reasonOf(fact), evidence: fact.path }]
      }),
  )
}

function providerOf(
  consumer: RepositoryRecord,
  fact: ContractFact,
  repositories: readonly RepositoryRecord[],
): RepositoryRecord | undefined {
  if (fact.kind === 'path') return lyingAt(resolve(consumer.root ?? '/', fact.name), repositories)
  if (fact.kind === 'git') {
    const place = remotePlace(fact.name, consumer.remoteUrl ?? consumer.root)
    const is = (url: string | undefined) =>
      url !== undefined && (place === remotePlace(url) || isFileIn(place, remotePlace(url)))
    return repositories.find(({ remoteUrl, root }) => is(remoteUrl) || is(root))
  }
  const owners = repositories.filter(({ facts }) =>
    (facts.contracts ?? []).some((other) => other.role === 'owns' && isSame(other, fact)),
  )
  return new Set(owners.map(({ root }) => root)).size === 1 ? owners[0] : undefined
}

/** The innermost registered folder around a path. */
function lyingAt(path: string, repositories: readonly RepositoryRecord[]): RepositoryRecord | undefined {
  const placeOf = ({ root, subpath }: RepositoryRecord) => (root === undefined ? undefined : join(root, subpath))
  return repositories
    .filter((repository) => within(path, placeOf(repository)))
    .sort((a, b) => (placeOf(b)?.length ?? 0) - (placeOf(a)?.length ?? 0))[0]
}

function within(path: string, folder: string | undefined): boolean {
  return folder !== undefined && (path === folder || path.startsWith(folder + sep))
}

/** A document by its URL on a code host. */
function isFileIn(place: string, repository: string): boolean {
  return /\.(ya?ml|json|graphqls?|gql)$/i.test(place) && place.startsWith(`${repository}/`)
}

function isSame(owned: ContractFact, used: ContractFact): boolean {
  if (owned.kind !== used.kind) return false
  if (owned.kind !== 'graphql') return owned.name === used.name
  // A copy is older than its source: it lacks types, or has some that are gone.
  const [types, copied] = [owned.name.split(' '), used.name.split(' ')]
  const shared = copied.filter((name) => types.includes(name)).length
  return shared >= 3 && shared * 2 >= Math.max(types.length, copied.length)
}

const REASONS: Readonly<Record<ContractFact['kind'], string>> = {
  openapi: 'uses the OpenAPI document',
  asyncapi: 'uses the AsyncAPI document',
  proto: 'uses the protobuf package',
  graphql: 'uses the GraphQL schema with',
  'json-schema': 'uses the JSON Schema',
  git: 'takes in the repository',
  path: 'reads the path',
}

function reasonOf({ kind, name }: ContractFact): string {
  return `${REASONS[kind]} ${name.length > 120 ? `${name.slice(0, 119)}…` : name}`
}
