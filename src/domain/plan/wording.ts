import { requirementKey } from '../../../schemas/key.ts'
/** How people and plans call requirements: by the label, where only one has it and it is no other's key, else by the key. */
export function requirementNames(
  requirements: readonly { readonly id: number; readonly label?: string | undefined }[],
): ReadonlyMap<number, string> {
  const keys = new Set(requirements.map((entry) => requirementKey(entry.id)))
  const labels = Map.groupBy(requirements, (entry) => entry.label?.trim().toUpperCase())
  return new Map(
    requirements.map(({ id, label }) => {
      const folded = label?.trim().toUpperCase() ?? ''
      const unique = labels.get(folded)?.length === 1 && (!keys.has(folded) || folded === requirementKey(id))
      // A plan names requirements by at most 100 characters.
      return [id, label !== undefined && unique && label.length <= 100 ? label : requirementKey(id)]
    }),
  )
}

/** The text within `limit` characters, cut between words where it can be. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, limit - 1)
  const space = cut.lastIndexOf(' ')
  // Never half a surrogate pair: no store keeps one.
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, '').trimEnd()}…`
}
