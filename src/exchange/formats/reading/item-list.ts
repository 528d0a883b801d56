const MARKER = /^(\s*)(?:[-*+•]|\d{1,4}[.)])\s+(?:\[([ xX])\]\s*)?(?:#(\d{1,6})\s+)?(.*)$/

export interface Item {
  readonly text: string
  /** Of a check box. */
  readonly checked: boolean
}

/** Items of a list written in Markdown, each with the lines that belong to it, and the prose beside them. */
export function readItems(text: string): { readonly items: readonly Item[]; readonly prose: string } {
  const items: { text: string; checked: boolean; readonly columns: number }[] = []
  const prose: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const match = MARKER.exec(line)
    const last = items.at(-1)
    const columns = line.length - line.trimStart().length
    if (match !== null && (last === undefined || columns <= last.columns))
      items.push({ text: (match[4] ?? '').trim(), checked: /x/i.test(match[2] ?? ''), columns })
    else if (last !== undefined && columns > last.columns && line.trim() !== '') last.text += `\n${line.trim()}`
    else prose.push(line)
  }
  return {
    items: items
      .filter((item) => item.text.trim() !== '')
      .map((item) => ({ text: item.text.trim(), checked: item.checked })),
    prose: prose.join('\n').trim(),
  }
}

/** A text as a list: its items where it is one, else its paragraphs. `whole` where the list says all the text does. */
export function asList(text: string): { readonly items: readonly string[]; readonly whole: boolean } {
  const { items, prose } = readItems(text)
  if (items.length > 0) return { items: items.map((item) => item.text), whole: prose === '' }
  const paragraphs = text.split(/\r?\n\s*\n/).map((paragraph) => paragraph.trim())
  return { items: paragraphs.filter((paragraph) => paragraph !== ''), whole: true }
}
