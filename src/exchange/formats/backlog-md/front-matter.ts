import { type Document, isScalar, isSeq } from 'yaml'
import { isRule, readFrontMatter } from '../../../spec/markdown/front-matter.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { readYaml } from '../../../spec/markdown/yaml.ts'
import type { SourceFile } from '../../format.ts'
import { checkJson, type Json } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'
import { refuseYaml, storable } from '../reading/yaml.ts'

/** Ids and names: `1.10` is not the number 1.1. */
const AS_WRITTEN = ['id', 'title', 'parent_task_id', 'milestone', 'dependencies', 'parent', 'labels']

/** Values that begin with @, which YAML reserves and Backlog.md allows. */
const PERSON = /^(\s*(?:assignee|reporter):[ \t]*)(.*)$/

export interface Parts {
  /** Undefined where the file has no front matter. */
  readonly values: Readonly<Record<string, Json>> | undefined
  readonly body: string
}

/**
 * Splits a Markdown file into its front matter and the text under it.
 * @throws SpekiError `invalid_input` with the line, where the front matter does not end or is no YAML mapping
 */
export function readParts(file: SourceFile): Parts {
  checkJson(file.text, { file: file.path })
  const lines = splitLines(file.text)
  if (!isRule(lines[0])) return { values: undefined, body: lines.join('\n') }
  const { values, length, document, fault } = readFrontMatter(lines, quotePersons)
  if (fault !== undefined) return refuseYaml(fault, file.path)
  // The tool writes front matter into all its files.
  if (length === 0)
    return refuse(
      { file: file.path, at: 'line 2' },
      'this is no list of fields.',
      'Write it as name: value and import again.',
    )
  return { values: withNames(storable(values, file.path), document), body: lines.slice(length).join('\n').trim() }
}

/** Settings, a file of YAML alone. */
export function readSettings({ path, text }: SourceFile): Readonly<Record<string, Json>> {
  const reading = readYaml(quotePersons(text.replace(/^\uFEFF/, '')))
  if (reading.fault !== undefined) return refuseYaml(reading.fault, path)
  return withNames(storable(reading.values, path), reading.document)
}

function withNames(values: Readonly<Record<string, Json>>, document: Document | undefined): Record<string, Json> {
  const named: Record<string, Json> = { ...values }
  for (const key of AS_WRITTEN) {
    const node = document?.get(key, true)
    if (isScalar(node)) named[key] = asWritten(node, named[key])
    else if (isSeq(node))
      named[key] = node.items.map((item, index) => asWritten(item, (named[key] as Json[] | undefined)?.[index]))
  }
  return named
}

function quotePersons(source: string): string {
  return source.split('\n').map(quotePerson).join('\n')
}

function asWritten(node: unknown, value: Json | undefined): Json {
  return isScalar(node) && typeof node.value === 'number' && node.source !== undefined ? node.source : (value ?? null)
}

function quotePerson(line: string): string {
  const match = PERSON.exec(line)
  const value = match?.[2]?.trim() ?? ''
  const quote = (word: string): string => (word.startsWith('@') ? JSON.stringify(word) : word)
  if (value.startsWith('@')) return `${match?.[1] ?? ''}${quote(value)}`
  const list = /^\[(.*)\]$/.exec(value)?.[1]
  if (list?.includes('@'))
    return `${match?.[1] ?? ''}[${list
      .split(',')
      .map((word) => quote(word.trim()))
      .join(', ')}]`
  return line.replace(/^(\s*-\s+)(@.*)$/, (_, dash: string, word: string) => `${dash}${quote(word.trim())}`)
}
