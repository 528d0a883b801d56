import { readFrontMatter as read } from '../../../spec/markdown/front-matter.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import type { SourceFile } from '../../format.ts'
import { checkJson } from '../reading/json.ts'
import { refuseYaml, storable, type Values } from '../reading/yaml.ts'

/**
 * Front matter of a Markdown file; no values where it has none.
 * @throws SpekiError `invalid_input` with the line, where it is broken
 */
export function readFrontMatter({ path, text }: SourceFile): Values {
  checkJson(text, { file: path })
  const { values, fault } = read(splitLines(text))
  return fault === undefined ? storable(values, path) : refuseYaml(fault, path)
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
