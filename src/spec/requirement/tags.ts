/** Repositories a passage names outright, and names it uses as tags that stand for none. */
export interface Tags {
  readonly repositories: readonly string[]
  readonly unknown: readonly string[]
  /** The words that name them, as written. */
  readonly quote: string
}

const BRACKET = /\[\s*(?:repo|repos|repository|repositories)\s*:([^[\]]{1,300})\]/giu
const AT = /(?<![\p{L}\p{N}_.@/`-])@([A-Za-z0-9][A-Za-z0-9._-]*)(?![A-Za-z0-9._/-])/gu
const PARENTHESES = /\(\s*`?([A-Za-z0-9][A-Za-z0-9._, `-]{0,200})\)/gu
const IN_THE =
  /\b(?:in|into|inside|within)\s+(?:the\s+)?[`"“']?([A-Za-z0-9][A-Za-z0-9._-]*)[`"”']?\s+(?:repository|repo|service)\b/giu

/** Reads `[repo: a, b]`, `@a`, `(a)` and "in the a repository". Only a bracket can name what there is not; the rest is prose then. */
export function readTags(text: string, names: readonly string[]): Tags {
  const repositories = new Set<string>()
  const unknown = new Set<string>()
  const quotes: string[] = []
  for (const match of text.matchAll(BRACKET)) {
    quotes.push(match[0])
    for (const part of splitNames(match[1] ?? '')) {
      const name = resolveName(part, names)
      if (name === undefined) unknown.add(part)
      else repositories.add(name)
    }
  }
  for (const pattern of [AT, PARENTHESES, IN_THE]) {
    for (const match of text.matchAll(pattern)) {
      const parts = splitNames(match[1] ?? '').map((part) => exactName(part, names))
      const known = parts.filter((part) => part !== undefined)
      if (known.length === 0 || known.length < parts.length) continue
      quotes.push(match[0])
      for (const name of known) repositories.add(name)
    }
  }
  return { repositories: [...repositories], unknown: [...unknown], quote: quotes.join(' ') }
}

/** The text without its bracket tags, for titles and criteria. */
export function withoutTags(text: string): string {
  return text
    .replace(BRACKET, '')
    .replace(/(?<!\s)\s+([:.,;])/g, '$1')
    .replace(/\s{2,}/g, ' ')
    .trim()
}

/** The name, whatever its case, or the only one that begins so. */
export function resolveName(wanted: string, names: readonly string[]): string | undefined {
  const exact = exactName(wanted, names)
  if (exact !== undefined) return exact
  const [only, ...others] = names.filter((name) => name.toLowerCase().startsWith(wanted.toLowerCase()))
  return others.length === 0 ? only : undefined
}

function exactName(wanted: string, names: readonly string[]): string | undefined {
  return names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === wanted.toLowerCase())
}

function splitNames(list: string): readonly string[] {
  return list
    .split(/[\s,;&+`"']+/)
    .map((part) => part.replace(/[._-]+$/, ''))
    .filter((part) => part !== '' && part.toLowerCase() !== 'and')
}
