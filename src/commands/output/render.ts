import { visible } from '../../visible.ts'
import { pageAsCommand } from '../operation/hints.ts'

import { fromNow, type Screen } from './screen.ts'
import { type Column, table } from './table.ts'

type Row = Readonly<Record<string, unknown>>

/** Longer than this a group or list stands below its name. */
const MAX_LINE = 60
const LABEL_WIDTH = 16

/** An answer for people: facts as lines, rows as tables, longer lists and groups as blocks. */
export function render(answer: Row, screen: Screen): string {
  const facts: string[] = []
  const blocks: string[] = []
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    if (name === 'next' && Array.isArray(value)) {
      facts.push(steps(value, screen))
      continue
    }
    const block = blockOf(name, value, screen)
    if (block === undefined) facts.push(`${heading(name, screen)} ${cell(name, value, screen)}`)
    else blocks.push(`\n${screen.style('bold', label(name))}\n${block}`)
  }
  return [...facts, ...blocks].join('\n')
}

/** What does not go on one line; undefined for what does. */
function blockOf(name: string, value: unknown, screen: Screen): string | undefined {
  if (isRows(value)) return tableOf(value, screen)
  const text = cell(name, value, screen)
  if (Array.isArray(value))
    return text.length > MAX_LINE ? value.map((entry) => `  - ${cell(name, entry, screen)}`).join('\n') : undefined
  if (typeof value === 'string') return value.includes('\n') ? safe(value) : undefined
  if (!isRow(value) || counts(value) !== undefined || text.length <= MAX_LINE) return undefined
  const inner = { ...screen, width: screen.width === undefined ? undefined : Math.max(20, screen.width - 2) }
  return render(value, inner)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** Each step on a line of its own, to be copied. */
function steps(value: readonly unknown[], screen: Screen): string {
  const written = value.map((entry) => pageAsCommand(safe(String(entry))))
  return written
    .map((line, index) => `${index === 0 ? heading('next', screen) : ' '.repeat(LABEL_WIDTH)} ${line}`)
    .join('\n')
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRows(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.every(isRow)
}

function label(name: string): string {
  return name.replaceAll('_', ' ')
}

function heading(name: string, screen: Screen): string {
  return screen.style('bold', label(name).padEnd(LABEL_WIDTH))
}

function tableOf(rows: readonly Row[], screen: Screen): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const columns: readonly Column[] = names.map((name) => ({
    name,
    cells: rows.map((row) => cell(name, row[name], screen)),
  }))
  return table(columns, screen)
}

function cell(name: string, value: unknown, screen: Screen): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value))
    return value.map((entry) => cell(name, entry, screen)).join(value.some(Array.isArray) ? ' → ' : ', ')
  if (isRow(value))
    return (
      counts(value) ??
      Object.entries(value)
        .map(([key, entry]) => `${label(key)} ${cell(key, entry, screen)}`)
        .join(', ')
    )
  // A column of "false" is noise to the eye, and a fact to a program.
  if (typeof value === 'boolean' && screen.width !== undefined) return value ? 'yes' : ''
  const text = safe(String(value)).replaceAll(/[\n\t]/g, ' ')
  return screen.now !== undefined && isTime(name, text) ? fromNow(Date.parse(text), screen.now) : text
}

function isTime(name: string, text: string): boolean {
  return /(^|_)at$/.test(name) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)
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
export function safe(text: string): string {
  return visible(text).replaceAll('\r', '')
}
