import { parseDocument } from 'yaml'
import type { SourceFile } from '../../format.ts'
import { checkJson, type Json } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'

export type Values = Readonly<Record<string, Json>>

/** More is data in disguise, and would take the parser minutes. */
const MAX_CHARACTERS = 256 * 1024
/** The parser calls itself for each level. */
const MAX_BRACKETS = 200

/**
 * Front matter of a Markdown file; no values where it has none. A line of dashes with prose under it is a rule and no
 * front matter.
 * @throws SpekiError `invalid_input` with the line, where it is broken
 */
export function readFrontMatter(file: SourceFile): Values {
  checkJson(file.text, { file: file.path })
  const lines = withoutMark(file.text).split(/\r\n?|\n/, 2000)
  const first = lines.find((line, index) => index > 0 && !/^\s*(?:#.*)?$/.test(line))
  if (lines[0]?.trimEnd() !== '---' || !/^["'\w][^:]*:(?:\s|$)/.test(first ?? '')) return {}
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
  if (end === -1 && first !== lines[1]) return {}
  if (end === -1)
    refuse(
      { file: file.path, at: 'line 1' },
      'the front matter does not end.',
      'Close it with a line of three dashes and import again.',
    )
  return readYaml(lines.slice(1, end).join('\n'), file.path, 1)
}

/**
 * A YAML mapping that a stranger may have written.
 * @param before lines of the file above the text
 * @throws SpekiError `invalid_input` with the line, where it is broken, is no mapping or cannot be stored
 */
export function readYaml(text: string, file: string, before = 0): Values {
  const source = withoutMark(text)
  if (source.length > MAX_CHARACTERS)
    refuse({ file }, `its YAML has more than ${MAX_CHARACTERS} characters.`, 'Move the text below it and import again.')
  const brackets = deepest(source)
  if (brackets > MAX_BRACKETS) refuse({ file }, `its YAML is nested ${brackets} deep.`, 'Flatten it and import again.')
  const document = unlessEndless(() => parseDocument(source, { logLevel: 'silent' }), file)
  const [error] = document.errors
  if (error !== undefined) {
    const says = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'broken YAML'
    refuse(
      { file, at: `line ${(error.linePos?.[0].line ?? 1) + before}` },
      `${says}.`,
      'Correct the YAML there and import again.',
    )
  }
  // Without aliases: some that stand for each other take minutes. Through JSON, which has neither dates nor infinite numbers.
  const values = unlessEndless(
    () => JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 0 }) ?? null)) as Json,
    file,
  )
  checkJson(values, { file })
  if (values === null) return {}
  if (typeof values !== 'object' || Array.isArray(values))
    refuse(
      { file, at: `line ${before + 1}` },
      'its YAML is no list of fields.',
      'Write them as name: value and import again.',
    )
  return values
}

/** A text or number among the values, on one line; undefined for anything else and for nothing. */
export function wordOf(values: Values, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (typeof value !== 'string' && typeof value !== 'number') continue
    const text = String(value).replace(/\s+/g, ' ').trim()
    if (text !== '') return text
  }
  return undefined
}

/** A list of texts, or one with commas. */
export function wordsOf(values: Values, ...names: readonly string[]): readonly string[] {
  for (const name of names) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    const items = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
    const words = items.flatMap((item) => (typeof item === 'string' ? item.trim() || [] : []))
    if (words.length > 0) return [...new Set(words)]
  }
  return []
}

function unlessEndless<T>(read: () => T, file: string): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof RangeError || error instanceof TypeError)) throw error
    return refuse(
      { file },
      'its YAML repeats itself without end, or is nested too deep.',
      'Write the values out and import again.',
    )
  }
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

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
