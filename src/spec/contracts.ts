import type { SourceLines } from '../../schemas/requirement.ts'
import type { Passage } from './check/passage.ts'
import type { Specification } from './check/specification.ts'

/** An example that binds: a fenced block in a section about data, interfaces or events. */
export interface Contract {
  readonly title: string
  readonly text: string
  readonly lines: SourceLines
  /** Endpoints, events, types and tables it is about. */
  readonly names: ReadonlySet<string>
}

const MAX_TEXT = 3500

/** Contracts of a text, in order. */
export function contractsOf({ headings, fences, lines, passages }: Specification): readonly Contract[] {
  return fences.flatMap((fence) => {
    const section = headings.findLast(({ line, last }) => line < fence.start && fence.end <= last)
    if (section === undefined || !section.parts.includes('contracts')) return []
    const inner = lines.slice(fence.start, fence.end - 1).join('\n')
    const introduces = passages.findLast(
      (passage: Passage) =>
        passage.line < fence.start && passage.line > section.line && fence.start - passage.line <= 3,
    )
    const text = `${section.title}\n${introduces?.raw ?? ''}\n${inner}`
    const names = interfaceNames(text)
    if (names.size === 0) return []
    return [
      {
        title: section.title,
        text: inner.length > MAX_TEXT ? `${inner.slice(0, MAX_TEXT)}\n…` : inner,
        lines: { start: fence.start, end: fence.end },
        names,
      },
    ]
  })
}

const ENDPOINT = /\b(GET|POST|PUT|PATCH|DELETE)\s+`?(\/[\w\-/:{}<>.]*\w[}>]?)/g
const EVENT = /(?<![\w./-])([a-z][a-z0-9]*(?:[._][a-z0-9]+)*\.[a-z][a-z0-9_]*)(?![\w/(]|\.\w)/g
const TYPE = /(?<![\w./-])([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)(?![\w-])/g
const TABLE =
  /\b(?:table|TABLE)\s+(?:IF NOT EXISTS\s+)?[`"]?([a-z][a-z0-9_]+)[`"]?|[`"]([a-z][a-z0-9_]+)[`"]\s+table\b/g
/** Names of files look like events. */
const FILE =
  /\.(?:ts|tsx|js|jsx|mjs|json|ya?ml|md|py|go|rs|java|kt|rb|sql|css|html|txt|csv|toml|png|svg|com|org|net|io|test)$/

/** Endpoints, events, types and tables that a text names: what two repositories share. */
export function interfaceNames(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [, method = '', path = ''] of text.matchAll(ENDPOINT))
    names.add(`${method} ${path.replace(/\{[^}]*\}|:\w+|<[^>]*>/g, '{}')}`)
  for (const [, name = ''] of text.matchAll(EVENT)) if (!FILE.test(name)) names.add(name)
  for (const [, name = ''] of text.matchAll(TYPE)) names.add(name)
  for (const [, name, quoted] of text.matchAll(TABLE)) names.add(`table ${name ?? quoted}`)
  return names
}

/** Contracts that a requirement uses: they share a name. */
export function contractsFor(text: string, contracts: readonly Contract[]): readonly Contract[] {
  if (contracts.length === 0) return []
  const names = interfaceNames(text)
  return contracts.filter((contract) => [...contract.names].some((name) => names.has(name)))
}
