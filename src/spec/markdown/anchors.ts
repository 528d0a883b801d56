/** A heading as a link finds it. */
export interface Anchor {
  readonly anchor: string
  /** Line of the heading, counted from 1. */
  readonly line: number
}

/** The anchors that renderers of Markdown give to headings: small letters, no punctuation, `-1` and so on for repeats. */
export function anchorsOf(headings: readonly { readonly title: string; readonly line: number }[]): readonly Anchor[] {
  const used = new Map<string, number>()
  return headings.map(({ title, line }) => {
    const plain = title
      .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
      .replace(/[`*]/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-')
    const count = used.get(plain) ?? 0
    used.set(plain, count + 1)
    return { anchor: count === 0 ? plain : `${plain}-${count}`, line }
  })
}
