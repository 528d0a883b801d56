/** A call as an answer names it: `task_get task="TASK-1"`. */
export interface NamedStep {
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  /** Arguments that stand there as `…`: the reader fills them in from what it has. */
  readonly blanks: readonly string[]
}

/** Every call of these tools that a text names, in its order. */
export function stepsIn(text: string, tools: ReadonlySet<string>): NamedStep[] {
  return [...text.matchAll(/(?<![\w./-])[a-z]+(?:_[a-z]+)+/g)]
    .filter(({ 0: tool }) => tools.has(tool))
    .map(({ index, 0: tool }) => readStep(tool, text.slice(index + tool.length)))
}

function readStep(tool: string, text: string): NamedStep {
  const args: Record<string, unknown> = {}
  const blanks: string[] = []
  let rest = text
  for (;;) {
    const [head, name = ''] = rest.match(/^ ([a-z_]+)=/) ?? []
    if (head === undefined) return { tool, args, blanks }
    rest = rest.slice(head.length)
    const written = valueAt(rest)
    if (written === '') return { tool, args, blanks }
    if (written.includes('…')) blanks.push(name)
    else args[name] = JSON.parse(written)
    rest = rest.slice(written.length)
  }
}

/** The JSON value a text begins with, or the mark of a blank. */
function valueAt(text: string): string {
  const [simple] = text.match(/^(?:…|"(?:[^"\\]|\\.)*"|true|false|null|-?\d+(?:\.\d+)?)/) ?? []
  if (simple !== undefined) return simple
  let depth = 0
  for (const { index, 0: part } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]|[^"[\]{}]+/g)) {
    if ('[{'.includes(part)) depth += 1
    if (']}'.includes(part)) depth -= 1
    if (depth === 0) return index === 0 ? '' : text.slice(0, index + part.length)
  }
  return ''
}
