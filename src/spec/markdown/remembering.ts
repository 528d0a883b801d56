const MAX_KNOWN = 20_000

/** A function of a text that looks each text up once: the same lines and titles are asked about by everything that reads them. Emptied when full. */
export function remembering<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly result: T }>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before.result
    if (known.size >= MAX_KNOWN) known.clear()
    const result = work(text)
    known.set(text, { result })
    return result
  }
}
