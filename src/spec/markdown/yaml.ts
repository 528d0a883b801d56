import { type Document, isScalar, parseDocument, visit } from 'yaml'

/** Why a text is no YAML that may be read. */
export interface YamlFault {
  /** One sentence. */
  readonly says: string
  readonly hint: string
  /** Counted from 1 in the text. */
  readonly line?: number
}

export type YamlReading =
  | {
      /** As JSON has them: no dates, no infinite numbers. */
      readonly values: unknown
      readonly document: Document
      readonly fault?: undefined
    }
  | { readonly fault: YamlFault }

/** More is data in disguise, and costs more than the document. */
const MAX_YAML = 256 * 1024
/** The parser calls itself for each level. */
const MAX_BRACKETS = 200

/** YAML that a stranger may have written: bounded in size and depth, without aliases, each field once. Never throws. */
export function readYaml(source: string, most = MAX_YAML): YamlReading {
  if (source.length > most)
    return { fault: { says: `its YAML has more than ${most} characters`, hint: 'Move the text below it.' } }
  const brackets = deepest(source)
  if (brackets > MAX_BRACKETS) return { fault: { says: `its YAML is nested ${brackets} deep`, hint: 'Flatten it.' } }
  try {
    // The parser's own look for repeated fields compares each with each.
    const document = parseDocument(source, { logLevel: 'silent', uniqueKeys: false })
    const [error] = document.errors
    if (error !== undefined) {
      const says = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'this is no YAML'
      return { fault: { says, hint: 'Correct the YAML there.', line: error.linePos?.[0].line ?? 1 } }
    }
    const repeated = repeatedKey(document)
    if (repeated !== undefined)
      return {
        fault: {
          says: `Map keys must be unique: ${repeated.key}`,
          hint: 'Keep one of them.',
          line: source.slice(0, repeated.at).split('\n').length,
        },
      }
    // Without aliases: some that stand for each other take minutes.
    const values: unknown = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 0 }) ?? null))
    return { values, document }
  } catch (error) {
    // Aliases are refused with a reference error, a full stack is a range error, a cycle a type error.
    if (!(error instanceof ReferenceError || error instanceof RangeError || error instanceof TypeError)) throw error
    return {
      fault: {
        says: 'its YAML has aliases, repeats itself without end, or is nested too deep',
        hint: 'Write the values out.',
      },
    }
  }
}

function repeatedKey(document: Document): { readonly key: string; readonly at: number } | undefined {
  let found: { key: string; at: number } | undefined
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name)) found ??= { key: name, at: key.range?.[0] ?? 0 }
        seen.add(name)
      }
      return found === undefined ? undefined : visit.BREAK
    },
  })
  return found
}

function deepest(source: string): number {
  let depth = 0
  let most = 0
  for (const character of source) {
    if (character === '[' || character === '{') most = Math.max(most, ++depth)
    else if (character === ']' || character === '}') depth--
  }
  return most
}
