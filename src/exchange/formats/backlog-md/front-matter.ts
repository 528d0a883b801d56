import { type Document, isScalar, isSeq, parseDocument } from 'yaml'
import type { SourceFile } from '../../format.ts'
import { checkJson, type Json } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'

/** Ids and names: `1.10` is not the number 1.1. */
const AS_WRITTEN = ['id', 'title', 'parent_task_id', 'milestone', 'dependencies', 'parent', 'labels']

/** More is data in disguise. */
const MAX_CHARACTERS = 64 * 1024
const MAX_BRACKETS = 500

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
  const text = (file.text.charCodeAt(0) === 0xfeff ? file.text.slice(1) : file.text).replace(/\r\n?/g, '\n')
  if (!/^---[ \t]*\n/.test(text)) return { values: undefined, body: text }
  const start = text.indexOf('\n') + 1
  const end = /^---[ \t]*$/m.exec(text.slice(start))
  if (end === null)
    return refuse(
      { file: file.path, at: 'line 1' },
      'the front matter does not end.',
      'Close it with a line of three dashes.',
    )
  const source = text.slice(start, start + end.index)
  return { values: readYaml(source, file.path, 1), body: text.slice(start + end.index + end[0].length).trim() }
}

/** @param before lines of the file above the text */
export function readYaml(source: string, file: string, before: number): Readonly<Record<string, Json>> {
  const quoted = source.split('\n').map(quotePerson).join('\n')
  const document = compose(quoted, file)
  const error = document.errors[0]
  if (error !== undefined) {
    const at = `line ${(error.linePos?.[0].line ?? 1) + before}`
    const says = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'broken YAML'
    refuse({ file, at }, `${says}.`, 'Correct the YAML there and import again.')
  }
  const values = plainValues(() => document.toJS({ maxAliasCount: 0 }), file)
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return values === null
      ? {}
      : refuse(
          { file, at: `line ${before + 1}` },
          'this is no list of fields.',
          'Write it as name: value and import again.',
        )
  for (const key of AS_WRITTEN) {
    const node = document.get(key, true)
    if (isScalar(node)) values[key] = asWritten(node, values[key])
    else if (isSeq(node))
      values[key] = node.items.map((item, index) => asWritten(item, (values[key] as Json[] | undefined)?.[index]))
  }
  return values
}

function compose(source: string, file: string): Document {
  if (source.length > MAX_CHARACTERS)
    refuse(
      { file },
      `the front matter has more than ${MAX_CHARACTERS} characters.`,
      'Move the text below it and import again.',
    )
  // The parser calls itself for each level, and tells of a full stack like of an error in the text.
  let depth = 0
  for (const character of source) {
    if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    if (depth > MAX_BRACKETS)
      refuse({ file }, `brackets stand in each other more than ${MAX_BRACKETS} deep.`, 'Flatten them and import again.')
  }
  return parseDocument(source, { logLevel: 'silent' })
}

function plainValues(read: () => unknown, file: string): Json {
  try {
    // Through JSON, which has no infinite numbers.
    const values = JSON.parse(JSON.stringify(read() ?? null)) as Json
    checkJson(values, { file })
    return values
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof RangeError || error instanceof TypeError)) throw error
    return refuse(
      { file },
      'the front matter has aliases or is nested without end.',
      'Write the values out and import again.',
    )
  }
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
