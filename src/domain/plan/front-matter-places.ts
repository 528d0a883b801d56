import { z } from 'zod'
import { resolveName } from '../../spec/requirement/tags.ts'

/** What the front matter says about repositories. */
export interface FrontMatterPlaces {
  /** Requirements belong into these alone; all where it names none. */
  readonly limit: readonly string[]
  /** A label, REQ key or heading, in the form `selectorOf` gives, and where it belongs. */
  readonly decided: ReadonlyMap<string, readonly string[]>
}

const KEYS = new Set(['repositories', 'repository', 'repos', 'repo'])
const Texts = z.union([z.string().transform((text) => [text]), z.array(z.string())])

/**
 * Reads `repositories: [api, web]` as a limit, and a mapping as a decision, either way round: `{ FR-001: api }` or
 * `{ api: [FR-001, Checkout] }`. Names that stand for no repository are left out.
 */
export function readFrontMatterPlaces(
  frontMatter: Readonly<Record<string, unknown>>,
  names: readonly string[],
): FrontMatterPlaces {
  const limit = new Set<string>()
  const decided = new Map<string, string[]>()
  const decide = (selector: string, repository: string) => {
    const key = selectorOf(selector)
    decided.set(key, [...new Set([...(decided.get(key) ?? []), repository])])
  }
  for (const [key, value] of Object.entries(frontMatter)) {
    if (!KEYS.has(key.toLowerCase())) continue
    const listed = Texts.safeParse(value)
    if (listed.success) {
      for (const name of resolveAll(listed.data, names)) limit.add(name)
      continue
    }
    if (typeof value !== 'object' || value === null) continue
    for (const [left, right] of Object.entries(value)) {
      const texts = Texts.safeParse(right).data ?? []
      const repository = resolveName(left, names)
      if (repository === undefined) for (const name of resolveAll(texts, names)) decide(left, name)
      else if (texts.length === 0) limit.add(repository)
      else for (const selector of texts) decide(selector, repository)
    }
  }
  return { limit: [...limit].sort(), decided }
}

/** Labels and headings are compared without case, numbering, tags and marks. */
export function selectorOf(text: string): string {
  return text
    .replace(/\[[^[\]]*\]/g, '')
    .replace(/^[\d.\s]+(?=\p{L})/u, '')
    .replace(/[\s*_`:.]+/g, ' ')
    .trim()
    .toLowerCase()
}

function resolveAll(texts: readonly string[], names: readonly string[]): readonly string[] {
  return texts.map((text) => resolveName(text, names)).filter((name) => name !== undefined)
}
