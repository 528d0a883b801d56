import { z } from 'zod'
import type { BundleTask } from '../../../../schemas/bundle.ts'
import type { SourceFile } from '../../format.ts'
import { readDate } from '../reading/date.ts'
import { AnyJson, type Json, otherFields, parseShape } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'
import { readPriority } from '../reading/state.ts'
import { toTask } from '../reading/task.ts'
import { readParts } from './front-matter.ts'
import { readSections, type Sections } from './sections.ts'

const Word = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Words = z
  .union([z.array(Word), Word.transform((text) => text.split(',').map((word) => word.trim()))])
  .nullish()
  .transform((words) => (words ?? []).filter((word) => word !== ''))

const Fields = z
  .object({
    id: Word,
    title: Word.nullish(),
    status: Word.nullish(),
    assignee: Words,
    dependencies: Words,
    references: Words,
    documentation: Words,
    modified_files: Words,
    parent_task_id: Word.nullish(),
    milestone: Word.nullish(),
    priority: Word.nullish(),
    created_date: Word.nullish(),
    updated_date: Word.nullish(),
    ordinal: z.number().nullish(),
  })
  .catchall(AnyJson)

const KNOWN = new Set(Object.keys(Fields.shape))

/** tasks and completed are alive; a draft is not yet accepted, an archived task was put away. */
export type Shelf = 'tasks' | 'completed' | 'drafts' | 'archive'

export interface BacklogTask {
  readonly path: string
  readonly shelf: Shelf
  readonly fields: z.infer<typeof Fields>
  readonly sections: Sections
}

/** Undefined where the file has no front matter, and so is none of Backlog.md's. */
export function readBacklogTask(file: SourceFile, shelf: Shelf): BacklogTask | undefined {
  const { values, body } = readParts(file)
  if (values === undefined) return undefined
  if (values['id'] === undefined || values['id'] === null || values['id'] === '')
    return refuse({ file: file.path, at: 'front matter' }, 'there is no id.', 'Give the task an id and import again.')
  const fields = parseShape(Fields, { ...values }, { file: file.path, at: 'front matter' })
  return { path: file.path, shelf, fields, sections: readSections(body) }
}

/** @param ref of the task, its prd and what it depends on */
export function convertTask(
  source: BacklogTask,
  links: { readonly ref: string; readonly prd: string | undefined; readonly dependsOn: readonly string[] },
): BundleTask {
  const { fields, sections, shelf, path } = source
  const { priority, exact } = readPriority(fields.priority)
  const status = statusOf(source)
  return toTask({
    where: { file: path },
    tool: 'Backlog.md',
    ref: links.ref,
    alias: fields.id,
    prd: links.prd,
    title: { field: 'title', value: fields.title ?? /([^/]*?)(?: - (.*))?\.md$/.exec(path)?.[2]?.replace(/-/g, ' ') },
    status: { field: 'status', value: status },
    ...(shelf === 'drafts' && { blockReason: 'still a draft in Backlog.md' }),
    assignee: fields.assignee.join(', '),
    passages: [
      { field: 'Description', value: sections.description },
      { field: 'body', value: sections.rest },
      { field: 'Implementation Plan', value: sections.plan, heading: 'Implementation Plan' },
    ],
    acceptanceCriteria: [
      { field: 'Acceptance Criteria', value: sections.criteria.map((check) => check.text) },
      { field: 'Definition of Done', value: sections.definitionOfDone.map((check) => check.text) },
    ],
    testCases: [],
    files: [{ field: 'modified_files', value: fields.modified_files }],
    references: [
      { field: 'references', value: fields.references },
      { field: 'documentation', value: fields.documentation },
    ],
    notes: [{ text: sections.notes }, { text: sections.summary }, ...sections.comments],
    dependsOn: links.dependsOn,
    complexity: 'medium',
    priority,
    created: { field: 'created_date', value: dated(fields.created_date) },
    updated: { field: 'updated_date', value: dated(fields.updated_date) },
    finished: { field: 'finished', value: undefined },
    extra: { ...extraOf(source), ...(!exact && { priority: fields.priority ?? null }) },
  })
}

export function statusOf({ fields, shelf }: BacklogTask): string {
  const written = fields.status ?? (shelf === 'completed' ? 'Done' : 'To Do')
  if (shelf === 'archive' && !/^(?:done|complete|completed)$/i.test(written.trim())) return 'cancelled'
  return written
}

/** Old projects write days as DD-MM-YY; anything else is for the reader of dates. */
function dated(written: string | null | undefined): string | null | undefined {
  const old = /^(\d{2})[-/.](\d{2})[-/.](\d{2})$/.exec(written ?? '')
  if (old === null) return written
  const iso = `20${old[3]}-${old[2]}-${old[1]}`
  return readDate(iso) === undefined ? written : iso
}

function extraOf(source: BacklogTask): Record<string, Json> {
  const { fields, sections, shelf } = source
  const extra: Record<string, Json> = otherFields(fields, KNOWN)
  if (shelf !== 'tasks') extra['folder'] = shelf
  if (shelf === 'archive' && fields.status) extra['status'] = fields.status
  if (fields.assignee.length > 0) extra['assignee'] = fields.assignee
  if (fields.parent_task_id) extra['parent_task_id'] = fields.parent_task_id
  if (fields.milestone) extra['milestone'] = fields.milestone
  if (fields.ordinal !== null && fields.ordinal !== undefined) extra['ordinal'] = fields.ordinal
  const checks = {
    'Acceptance Criteria checked': sections.criteria,
    'Definition of Done checked': sections.definitionOfDone,
  }
  for (const [name, list] of Object.entries(checks)) {
    const checked = list.flatMap((check, index) => (check.checked ? [index + 1] : []))
    if (checked.length > 0) extra[name] = checked
  }
  return extra
}
