/**
 * Tests that were green in every run before and are neither green nor red now: they vanished, or do not run any more.
 * Counted by their own name without file and suite, as files are moved; line numbers in names do not count.
 */
export function lostTests(
  before: readonly (readonly string[])[],
  now: { readonly green: readonly string[]; readonly red: readonly string[] },
): readonly string[] {
  const [first = [], ...more] = before
  const others = more.map((ids) => new Set(ids))
  const stable = first.filter((id) => others.every((ids) => ids.has(id)))
  const left = new Map<string, number>()
  for (const id of [...now.green, ...now.red]) left.set(nameOf(id), (left.get(nameOf(id)) ?? 0) + 1)
  return stable.filter((id) => {
    const count = left.get(nameOf(id)) ?? 0
    left.set(nameOf(id), count - 1)
    return count <= 0
  })
}

function nameOf(id: string): string {
  return (id.split(' > ').at(-1) ?? id).replaceAll(/\(line \d+\)|:\d+\b/g, '')
}
