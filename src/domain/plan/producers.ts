/** A repository with the packages it has and the packages those use. */
interface Packaged {
  readonly name: string
  readonly facts: { readonly packages: readonly { readonly name: string; readonly dependencies: readonly string[] }[] }
}

/** Which repositories each one uses: those that contain a package it depends on. */
export function usesOf(repositories: readonly Packaged[]): ReadonlyMap<string, readonly string[]> {
  const found = repositories.map((repository) => {
    const wanted = new Set(repository.facts.packages.flatMap((entry) => entry.dependencies))
    const used = repositories.filter(
      (other) => other !== repository && other.facts.packages.some((entry) => wanted.has(entry.name)),
    )
    return [repository.name, used.map((other) => other.name)] as const
  })
  return new Map(found)
}

/** Names with each producer before its users. Where two use each other one of them comes first: only what stands before is waited for. */
export function producersFirst(
  names: readonly string[],
  uses: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const order: string[] = []
  const entered = new Set<string>()
  const visit = (name: string): void => {
    if (entered.has(name)) return
    entered.add(name)
    for (const used of [...(uses.get(name) ?? [])].sort()) visit(used)
    order.push(name)
  }
  for (const name of [...names].sort()) visit(name)
  return order
}

/** A task that others may have to wait for. */
export interface Candidate {
  readonly ref: string
  readonly repository: string
  readonly requirements: readonly number[]
  readonly text: string
}

/** Up to so many tasks of a producer are all waited for. */
const FEW = 8
/** Of more, so many of those that are about the same. */
const NEAR = 5
/** Where nothing is about the same, the first ones: what a text begins with the rest rests on. */
const FIRST = 3

/**
 * Which tasks of one producer the work on these requirements waits for: those for the same requirements, else those
 * for requirements that the text names, else few. Order of work does the rest.
 */
export function chooseProducers(
  requirements: readonly { readonly id: number; readonly text: string }[],
  candidates: readonly Candidate[],
  names: ReadonlyMap<number, string>,
): readonly string[] {
  const ids = requirements.map((requirement) => requirement.id)
  const text = requirements.map((requirement) => requirement.text).join('\n')
  const refsOf = (chosen: readonly Candidate[]) => chosen.map((candidate) => candidate.ref)
  const same = candidates.filter((candidate) => candidate.requirements.some((id) => ids.includes(id)))
  if (same.length > 0) return refsOf(same)
  const mentioned = new Set(text.match(/[\p{L}\p{N}][\p{L}\p{N}._-]*[\p{L}\p{N}]/gu) ?? [])
  const named = candidates.filter((candidate) =>
    candidate.requirements.some((id) => mentioned.has(names.get(id) ?? '')),
  )
  if (named.length > 0) return refsOf(named)
  if (candidates.length <= FEW) return refsOf(candidates)
  const words = telling(text)
  const near = candidates
    .map((candidate) => ({ candidate, shared: [...telling(candidate.text)].filter((word) => words.has(word)).length }))
    .filter(({ shared }) => shared >= 2)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, NEAR)
    .map(({ candidate }) => candidate)
  return refsOf(near.length > 0 ? near : candidates.slice(0, FIRST))
}

const COMMON = new Set('system shall should must users'.split(' '))

function telling(text: string): ReadonlySet<string> {
  return new Set((text.toLowerCase().match(/[\p{L}\p{N}]{5,}/gu) ?? []).filter((word) => !COMMON.has(word)))
}
