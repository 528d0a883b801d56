import type { BundleTask } from '../../../../schemas/bundle.ts'
import type { Instant } from '../../../../schemas/key.ts'
import type { Complexity } from '../../../../schemas/task.ts'
import { readDate } from './date.ts'
import { asList } from './item-list.ts'
import type { Json } from './json.ts'
import { refuse, type Where } from './refusal.ts'
import { readState } from './state.ts'

const MAX_TITLE = 300
const MAX_DESCRIPTION = 20_000
const MAX_CRITERION = 1000
const MAX_TEST_CASE = 500
const MAX_NOTE = 20_000
const MAX_REASON = 2000
const MAX_PATH = 500
const MAX_PATHS = 50

/** A field of the source, by the name it has there, so that what does not fit can be kept under it. */
export interface Field<V> {
  readonly field: string
  readonly value: V | null | undefined
}

export interface Passage extends Field<string> {
  /** Stands above it in the description; none for the first one. */
  readonly heading?: string
}

export interface VendorNote {
  readonly text: string
  readonly by?: string | undefined
  readonly at?: Instant | undefined
}

/** A task in the words of its tool. */
export interface VendorTask {
  readonly where: Where
  /** As people call the tool. */
  readonly tool: string
  readonly ref: string
  readonly alias: string
  readonly prd: string | undefined
  readonly title: Field<string>
  readonly status: Field<string>
  /** Reason for which it is held, where the source says more than its state. */
  readonly blockReason?: string | undefined
  readonly assignee?: string | undefined
  /** Become the description, in this order. */
  readonly passages: readonly Passage[]
  readonly acceptanceCriteria: readonly Field<string | readonly string[]>[]
  readonly testCases: readonly Field<string | readonly string[]>[]
  readonly files?: readonly Field<readonly string[]>[]
  readonly references?: readonly Field<readonly string[]>[]
  readonly notes: readonly VendorNote[]
  readonly dependsOn: readonly string[]
  readonly complexity: Complexity
  readonly priority: number
  readonly created: Field<string>
  readonly updated: Field<string>
  readonly finished: Field<string>
  readonly extra: Readonly<Record<string, Json>>
}

/** The task as SPEKI holds it; what is cut to fit, or reads as no date, is kept whole in `extra`. */
export function toTask(source: VendorTask): BundleTask {
  const extra: Record<string, Json> = { ...source.extra }
  const keep = (field: Field<Json | readonly string[]>): void => {
    if (field.value !== null && field.value !== undefined)
      extra[field.field] = Array.isArray(field.value) ? [...field.value] : (field.value as Json)
  }
  const written = source.status.value ?? ''
  const state = readState(written, source.tool)
  if (!state.exact && written !== '') keep(source.status)
  const date = (field: Field<string>): Instant | undefined => {
    const instant = field.value === null || field.value === undefined ? undefined : readDate(field.value)
    if (instant === undefined && field.value !== '') keep(field)
    return instant
  }
  const created = date(source.created)
  const updated = date(source.updated)
  const finished = date(source.finished)
  const reason = source.blockReason ?? state.blockReason
  const held = state.status === 'blocked' || (state.status === 'todo' && source.blockReason !== undefined)
  return {
    ref: limited(source.ref, 300, 'id', source.where),
    alias: limited(source.alias, 100, 'id', source.where),
    ...(source.prd !== undefined && { prd: source.prd }),
    title: titleOf(source, keep),
    description: describe(source.passages, keep),
    status: held ? 'blocked' : state.status,
    ...(held && reason !== undefined && { block_reason: cutAtWord(reason, MAX_REASON) }),
    acceptance_criteria: source.acceptanceCriteria.flatMap((field) => listOf(field, MAX_CRITERION, keep)),
    test_cases: source.testCases.flatMap((field) => listOf(field, MAX_TEST_CASE, keep)),
    requirements: [],
    depends_on: [...new Set(source.dependsOn)],
    complexity: source.complexity,
    priority: source.priority,
    context: {
      ...pathsOf('files', source.files ?? [], keep),
      ...pathsOf('references', source.references ?? [], keep),
    },
    notes: [
      ...(state.begun ? [begun(source.assignee, updated)] : []),
      ...source.notes.flatMap(({ text, by, at }) =>
        pieces(text.trim(), MAX_NOTE).map((piece) => ({
          text: piece,
          ...(by !== undefined && by !== '' && { by }),
          ...(at !== undefined && { at }),
        })),
      ),
    ],
    ...(created !== undefined && { created_at: created }),
    ...(updated !== undefined && { updated_at: updated }),
    ...(finished !== undefined && state.status === 'done' && { finished_at: finished }),
    extra:
      finished !== undefined && state.status !== 'done'
        ? { ...extra, [source.finished.field]: source.finished.value ?? null }
        : extra,
  }
}

function begun(assignee: string | undefined, at: Instant | undefined): BundleTask['notes'][number] {
  const text = assignee === undefined || assignee === '' ? 'was in progress' : `was in progress for ${assignee}`
  return { text: cutAtWord(text, MAX_NOTE), ...(at !== undefined && { at }) }
}

/** Ids are compared, so a cut one would be another one. */
function limited(id: string, max: number, what: string, where: Where): string {
  if (id.length > max)
    refuse(where, `the ${what} has ${id.length} characters; ${max} are the most.`, 'Give it a shorter one.')
  return id
}

function titleOf(source: VendorTask, keep: (field: Field<string>) => void): string {
  const plain = (source.title.value ?? '').replace(/\s+/g, ' ').trim()
  if (plain === '')
    refuse(source.where, `${source.alias} has no ${source.title.field}.`, 'Give it one and import again.')
  const title = cutAtWord(plain, MAX_TITLE)
  if (title !== source.title.value?.trim()) keep(source.title)
  return title
}

function describe(passages: readonly Passage[], keep: (field: Field<string>) => void): string {
  const written = passages.filter((passage) => (passage.value ?? '').trim() !== '')
  const text = written
    .map(({ heading, value }) =>
      heading === undefined ? (value ?? '').trim() : `## ${heading}\n\n${(value ?? '').trim()}`,
    )
    .join('\n\n')
  if (text.length <= MAX_DESCRIPTION) return text
  for (const passage of written) keep(passage)
  return cutAtWord(text, MAX_DESCRIPTION)
}

function listOf(
  field: Field<string | readonly string[]>,
  max: number,
  keep: (field: Field<string | readonly string[]>) => void,
): string[] {
  const { value } = field
  if (value === null || value === undefined) return []
  const { items, whole } = typeof value === 'string' ? asList(value) : { items: value, whole: true }
  const texts = items.map((item) => item.trim()).filter((item) => item !== '')
  if (!whole || texts.some((item) => item.length > max)) keep(field)
  return texts.map((item) => cutAtWord(item, max))
}

function pathsOf(
  name: 'files' | 'references',
  fields: readonly Field<readonly string[]>[],
  keep: (field: Field<readonly string[]>) => void,
): { [K in typeof name]?: string[] } {
  const fitting: string[] = []
  for (const field of fields) {
    const paths = (field.value ?? []).map((path) => path.trim()).filter((path) => path !== '')
    const short = paths.filter((path) => path.length <= MAX_PATH).slice(0, Math.max(0, MAX_PATHS - fitting.length))
    if (short.length < paths.length) keep(field)
    fitting.push(...short)
  }
  return fitting.length > 0 ? { [name]: fitting } : {}
}

/** At most `max` characters, ended at a word where that keeps most of the text. */
export function cutAtWord(text: string, max: number): string {
  if (text.length <= max) return text
  const start = text.slice(0, max - 1)
  const space = start.search(/\s\S*$/)
  const kept = space > max / 2 ? start.slice(0, space) : start
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}…`
}

/** The text in pieces of at most `max` characters, which together are the text. */
export function pieces(text: string, max: number): string[] {
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + max)
    if (!text.slice(at, end).isWellFormed()) end--
    parts.push(text.slice(at, end))
    at = end
  }
  return parts.filter((part) => part.trim() !== '')
}
