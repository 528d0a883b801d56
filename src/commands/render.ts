import { stripVTControlCharacters } from 'node:util'

/** An answer for people: facts as lines, rows as tables, longer lists and groups as blocks. */
export function render(answer: Readonly<Record<string, unknown>>): string {
  const facts: string[] = []
  const blocks: string[] = []
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    const block = blockOf(value)
    if (block === undefined) facts.push(`${label(name).padEnd(16)} ${cell(value)}`)
    else blocks.push(`\n${label(name)}\n${block}`)
  }
  return [...facts, ...blocks].join('\n')
}

/** What does not go on one line; undefined for what does. */
function blockOf(value: unknown): string | undefined {
  if (isRows(value)) return table(value)
  if (Array.isArray(value))
    return cell(value).length > MAX_CELL ? value.map((entry) => `  - ${cell(entry)}`).join('\n') : undefined
  if (typeof value === 'string') return value.includes('\n') ? safe(value) : undefined
  if (
    typeof value !== 'object' ||
    value === null ||
    counts(value as Row) !== undefined ||
    cell(value).length <= MAX_CELL
  )
    return undefined
  return render(value as Row)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

type Row = Readonly<Record<string, unknown>>

const MAX_CELL = 60
/** Columns that say what to do are shown whole, or nearly. */
const SENTENCES: ReadonlySet<string> = new Set(['message', 'why', 'asks'])
const MAX_SENTENCE = 240

function isRows(value: unknown): value is readonly Row[] {
  return (
    Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null && !Array.isArray(entry))
  )
}

function label(name: string): string {
  return name.replaceAll('_', ' ')
}

/** Columns as wide as their widest cell, long cells cut. */
function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [
    columns.map((column) => label(column).toUpperCase()),
    ...rows.map((row) =>
      columns.map((column) => cut(cell(row[column]), SENTENCES.has(column) ? MAX_SENTENCE : MAX_CELL)),
    ),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(cell).join(value.some(Array.isArray) ? ' → ' : ', ')
  if (typeof value === 'object')
    return (
      counts(value as Row) ??
      Object.entries(value)
        .map(([name, entry]) => `${label(name)} ${cell(entry)}`)
        .join(', ')
    )
  return safe(String(value)).replaceAll('\n', ' ')
}

/** Task counts in the words people use. */
function counts(value: Row): string | undefined {
  if (typeof value['total'] !== 'number' || typeof value['done'] !== 'number') return undefined
  const parts = ['ready', 'in_progress', 'blocked', 'failed', 'stale']
    .filter((name) => Number(value[name]) > 0)
    .map((name) => `${String(value[name])} ${label(name)}`)
  return [`${value['done']}/${value['total']} done`, ...parts].join(', ')
}

/** Text of others cannot move the cursor or colour the terminal. */
function safe(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
}
