import type { Table, TableRow } from '../markdown/markdown-block.ts'
import { isPlaceholder, plain } from '../markdown/plain-text.ts'
import { mentionedLabels, parseLabel } from './label.ts'

interface Columns {
  readonly id: number
  readonly title: number
  readonly statement: number
  readonly criteria: number
  readonly story: readonly [number, number, number] | undefined
  /** `I want` or `I want to`, as the header has it. */
  readonly wish: string
  readonly steps: readonly [number, number, number] | undefined
}

export interface RequirementRow {
  readonly label: string | undefined
  readonly title: string | undefined
  readonly statement: string
  readonly criteria: readonly string[]
  /** Labels of criteria written elsewhere. */
  readonly refersTo: readonly string[]
  readonly line: number
  readonly isStory: boolean
}

const ID =
  /^(?:#|id|ids|no\.?|nr\.?|ref\.?|reference|identifier|key|code|number|(?:req|requirement|story|us|fr|nfr|feature)[ .-]?(?:id|no\.?|#|number|key|ref))$/
const TITLE = /^(?:name|title|feature|short name|area|capability)$/
const NAMED_STATEMENT =
  /^(?:(?:functional |non[- ]?functional |the |system |business )?requirements?(?: (?:description|statement|text))?|user stor(?:y|ies)|stor(?:y|ies)|shall statement)$/
const STATEMENT =
  /^(?:descriptions?|statements?|details?|what|behaviou?rs?|rules?|needs?|text|specification|target|expected behaviou?r|criteri(?:on|a)|acceptance criteri(?:on|a)|success criteri(?:on|a))$/
const DETAIL = /^(?:descriptions?|statements?|details?|specification|requirement (?:description|statement|text))$/
const CRITERIA =
  /^(?:acceptance|acceptance (?:criteri(?:on|a)|tests?|conditions?)|criteri(?:on|a)|verification|verified by|fit criteri(?:on|a)|measure|metric|target|how (?:to )?(?:verify|test|verified)|success criteri(?:on|a))$/

function columnsOf(table: Table): Columns {
  const names = table.header.cells.map((cell) =>
    plain(cell)
      .toLowerCase()
      .replace(/(?<![:*`])[:*`]+$/, ''),
  )
  const find = (pattern: RegExp): number => names.findIndex((name) => pattern.test(name))
  const triple = (a: RegExp, b: RegExp, c: RegExp): readonly [number, number, number] | undefined => {
    const places = [find(a), find(b), find(c)] as const
    return places.includes(-1) ? undefined : places
  }
  const named = find(NAMED_STATEMENT)
  const statement = named === -1 ? find(STATEMENT) : named
  // Beside a description the requirement column holds a name.
  const detail = named === -1 ? -1 : find(DETAIL)
  const story = triple(/^as an?\b/, /^i (?:want|need)\b/, /^so that\b/)
  // Beside a story in three columns, criteria are criteria.
  const criteria = names.findIndex((name, index) => (index !== statement || story !== undefined) && CRITERIA.test(name))
  return {
    id: find(ID),
    title: detail !== -1 ? named : names.findIndex((name, index) => index !== statement && TITLE.test(name)),
    statement: detail !== -1 ? detail : statement,
    criteria,
    story,
    wish: names.some((name) => /^i (?:want|need) to\b/.test(name)) ? 'I want to' : 'I want',
    steps: triple(/^given$/, /^when$/, /^then$/),
  }
}

/** Rows that state a requirement. `listed`: the section says that what stands here is one. */
export function requirementRows(table: Table, listed: boolean, own: ReadonlySet<string>): readonly RequirementRow[] {
  const columns = columnsOf(table)
  const named = table.header.cells.some((cell) => NAMED_STATEMENT.test(plain(cell).toLowerCase()))
  return table.rows.flatMap((row) => readRow(row, columns, { listed, named, own }))
}

interface TablePlace {
  readonly listed: boolean
  /** A column is called requirement or story. */
  readonly named: boolean
  readonly own: ReadonlySet<string>
}

function readRow(row: TableRow, columns: Columns, { listed, named, own }: TablePlace): readonly RequirementRow[] {
  const cell = (index: number): string =>
    index === -1 ? '' : plain((row.cells[index] ?? '').replace(/<br\s*\/?>/gi, ' '))
  const idCell = columns.id === -1 ? undefined : (row.cells[columns.id] ?? '')
  const labelled = idCell === undefined ? undefined : parseLabel(idCell, own)
  const inStatement = labelled === undefined ? parseLabel(cell(columns.statement), own) : undefined
  const defining = labelled ?? (inStatement?.rest === '' ? undefined : inStatement)
  const known = defining !== undefined && (defining.family === 'requirement' || listed)
  if (!listed && !known && !(named && idCell !== undefined)) return []
  if (/^~~/.test((row.cells[Math.max(0, columns.id)] ?? '').trim())) return []

  const story = columns.story?.map(cell)
  const steps = columns.steps?.map(cell)
  const title = cell(columns.title)
  let statement = inStatement !== undefined && known ? inStatement.rest : cell(columns.statement)
  if (story !== undefined) statement = `As a ${story[0]}, ${columns.wish} ${story[1]}, so that ${story[2]}`
  else if (steps !== undefined) statement = `Given ${steps[0]}, When ${steps[1]}, Then ${steps[2]}`
  if (statement === '' && labelled !== undefined && labelled.rest !== '') statement = labelled.rest
  const text = statement === '' ? title : statement
  if (text === '' || isPlaceholder(text) || isOnlyLabels(text)) return []
  const criteria = columns.criteria === -1 ? [] : criteriaOf(row.cells[columns.criteria] ?? '')
  const number = plain(idCell ?? '')
  const label =
    defining !== undefined ? defining.label : /^\d{1,4}(?:\.\d{1,4}){1,4}$/.test(number) ? number : undefined
  return [
    {
      label,
      title: title === '' || title === text ? undefined : title,
      statement: text,
      criteria: criteria.filter((criterion) => !isOnlyLabels(criterion)),
      refersTo: criteria.filter(isOnlyLabels).flatMap(mentionedLabels),
      line: row.line,
      isStory: story !== undefined,
    },
  ]
}

function criteriaOf(cell: string): readonly string[] {
  return cell
    .split(/<br\s*\/?>|;\s/i)
    .map((part) => plain(part.replace(/^\s*(?:[-*•]|\d{1,3}[.)])\s+/, '')))
    .filter((part) => part !== '' && !isPlaceholder(part))
}

/** `FR-001, FR-002` refers to requirements and states none. */
function isOnlyLabels(text: string): boolean {
  return (
    mentionedLabels(text).length > 0 &&
    /^[\s,;/&]*(?:and[\s,;/&]*)?$/.test(
      text.replace(/\b[A-Z]{1,10}(?:-[A-Z]{1,10}){0,3}-?\d{1,6}(?:\.\d{1,4}){0,3}\b/g, ''),
    )
  )
}

/** Criteria that stand as a table inside their requirement. */
export function criteriaRows(table: Table): readonly { text: string; line: number }[] {
  const columns = columnsOf(table)
  const names = table.header.cells.map((cell) => plain(cell).toLowerCase())
  const place = names.findIndex(
    (name) => CRITERIA.test(name) || /^(?:scenario|criterion|expected(?: result| behaviou?r)?)$/.test(name),
  )
  return table.rows.flatMap((row) => {
    if (columns.steps !== undefined) {
      const [given, when, then] = columns.steps.map((index) => plain(row.cells[index] ?? ''))
      return [{ text: `Given ${given}, When ${when}, Then ${then}`, line: row.line }]
    }
    const text = place === -1 ? '' : plain(row.cells[place] ?? '')
    return text === '' || isPlaceholder(text) ? [] : [{ text, line: row.line }]
  })
}
