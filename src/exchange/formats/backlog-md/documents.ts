import type { BundleKnowledge, BundlePrd } from '../../../../schemas/bundle.ts'
import type { SourceFile } from '../../format.ts'
import { readDate } from '../reading/date.ts'
import { type Json, otherFields } from '../reading/json.ts'
import { cutAtWord, pieces } from '../reading/task.ts'
import { readParts } from './front-matter.ts'

const MAX_KNOWLEDGE = 20_000

/** A milestone, by all the names that tasks call it. */
export interface Milestone {
  readonly names: readonly string[]
  readonly prd: BundlePrd
}

export function readMilestone(file: SourceFile): Milestone {
  const { values, body } = readParts(file)
  const id = word(values?.['id']) ?? nameOf(file.path)
  const title = word(values?.['title']) ?? nameOf(file.path)
  const archived = /(?:^|\/)archive\//.test(file.path)
  return {
    names: [id, title, nameOf(file.path)],
    prd: {
      ref: `milestone:${id}`,
      title: cutAtWord(title, 300),
      kind: 'prd',
      state: archived ? 'archived' : 'draft',
      body,
      repositories: [],
      owners: [],
      ...dates(values),
      extra: { id, ...rest(values, ['id', 'title', 'created_date', 'updated_date']) },
    },
  }
}

/** A document that says it is a specification, by type or by name; undefined for guides and notes. */
export function readSpecification(file: SourceFile): BundlePrd | undefined {
  const { values, body } = readParts(file)
  const title = word(values?.['title']) ?? nameOf(file.path)
  const type = word(values?.['type'])?.toLowerCase()
  const named = /\b(?:prd|spec|specification|requirements|tech spec)\b/i.test(title.replace(/[-_]/g, ' '))
  if (type !== 'specification' && !(named && (type === undefined || type === 'other'))) return undefined
  return {
    ref: `doc:${word(values?.['id']) ?? file.path}`,
    title: cutAtWord(title, 300),
    kind: /\btech(?:nical)?\b/i.test(title) ? 'tech_spec' : 'prd',
    state: 'draft',
    body,
    repositories: [],
    owners: [],
    ...dates(values),
    extra: rest(values, ['title', 'created_date', 'updated_date']),
  }
}

/** A decision, with its state in front: one that was superseded must not read like one that holds. */
export function readDecision(file: SourceFile): BundleKnowledge[] {
  const { values, body } = readParts(file)
  const title = word(values?.['title']) ?? nameOf(file.path)
  const status = word(values?.['status']) ?? 'proposed'
  const id = word(values?.['id']) ?? file.path
  const at = readDate(word(values?.['date']) ?? '')
  return pieces(`Decision (${status}): ${title}\n\n${body}`.trim(), MAX_KNOWLEDGE).map((text, index) => ({
    ref: index === 0 ? `decision:${id}` : `decision:${id}:${index + 1}`,
    kind: 'lesson',
    category: 'architecture',
    text,
    ...(at !== undefined && { at }),
    extra: values === undefined ? { path: file.path } : rest(values, at === undefined ? [] : ['date']),
  }))
}

function dates(values: Readonly<Record<string, Json>> | undefined) {
  const created = readDate(word(values?.['created_date']) ?? '')
  const updated = readDate(word(values?.['updated_date']) ?? '')
  return {
    ...(created !== undefined && { created_at: created }),
    ...(updated !== undefined && { updated_at: updated }),
  }
}

function rest(values: Readonly<Record<string, Json>> | undefined, known: readonly string[]): Record<string, Json> {
  return otherFields(values ?? {}, new Set(known))
}

function word(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value).replace(/\s+/g, ' ').trim()
  return text === '' ? undefined : text
}

/** The name of a file is `<id> - <title>.md`. */
function nameOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.md$/i, '')
  return (
    name
      .replace(/^\S+ - /, '')
      .replace(/-/g, ' ')
      .trim() || name
  )
}
