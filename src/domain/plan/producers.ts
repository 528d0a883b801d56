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
