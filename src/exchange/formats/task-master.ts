import type { Bundle, BundlePrd, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { byPath } from './reading/by-path.ts'
import { readDate } from './reading/date.ts'
import { collectLooseEnds } from './reading/loose-ends.ts'
import { withImplied } from './reading/order.ts'
import { refuse, refuseTooMany } from './reading/refusal.ts'
import { readState, stateByTasks } from './reading/state.ts'
import { cutAtWord } from './reading/task.ts'
import { readDocuments, type TagDocument } from './task-master/documents.ts'
import { type Reports, readReports } from './task-master/reports.ts'
import { readTag, type Tag } from './task-master/tag.ts'
import { readTags } from './task-master/tasks-file.ts'

/** Newest first; where both are there, the old one is what a migration left behind. */
const LISTS = ['.taskmaster/tasks/tasks.json', 'tasks/tasks.json']
const NEW = /^\.taskmaster\/.+\.(?:json|jsonl|txt|md|bak)$/
const OLD =
  /^(?:tasks\/task_\d+[^/]*\.txt|tasks\/tasks\.json|(?:scripts\/)?task-complexity-report[^/]*\.json|scripts\/[^/]*prd[^/]*\.(?:txt|md)|\.taskmasterconfig)$/i

/** Task Master: tags with tasks in tasks.json, PRDs in docs/, complexity in reports/. */
export const taskMaster: Format = { name: 'task_master', title: 'Task Master', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  if (!LISTS.some((path) => paths.includes(path))) return []
  return paths.filter((path) => NEW.test(path) || OLD.test(path))
}

function read(claimed: readonly SourceFile[]): Bundle {
  const files = claimed.toSorted(byPath)
  const list = LISTS.map((path) => files.find((file) => file.path === path)).find((file) => file !== undefined)
  if (list === undefined)
    return refuse({ file: '.taskmaster' }, 'there is no tasks.json.', 'Run the import in the folder that has it.')
  const { tags: sources, homeless: unread } = readTags(list)
  const documents = readDocuments(
    files,
    sources.map((tag) => tag.name),
  )
  const reports = readReports(files)
  const loose = collectLooseEnds()
  const tags = sources.map((source) => readTag(source, reports, loose))
  loose.settle('Run task-master fix-dependencies and import again.')
  const tasks = tags.flatMap((tag) => tag.tasks)
  refuseTooMany(list.path, tasks.length)
  const implied = new Map(tags.flatMap((tag) => [...tag.implied]))
  return {
    format: 'task_master',
    prds: [...tags.map((tag) => prdOf(tag, documents.byTag.get(tag.name))), ...documents.others.map(prdOfDocument)],
    tasks: withImplied(list.path, tasks, implied),
    knowledge: [],
    homeless: [...unread, ...loose.homeless(), ...unmatched(reports), ...rest(files, list, documents.used)],
  }
}

function prdOf(tag: Tag, document: TagDocument | undefined): BundlePrd {
  const { created, updated, description, ...other } = tag.source.metadata
  const created_at = readDate(text(created))
  const updated_at = readDate(text(updated))
  const title = document?.title ?? tag.source.title
  return {
    ref: tag.source.name,
    title: cutAtWord(title, 300),
    kind: 'prd',
    state: stateByTasks(tag.states.map((word) => readState(word, 'Task Master'))),
    body: document?.text ?? summary(title, text(description), tag.source.name),
    repositories: [],
    owners: [],
    ...(created_at !== undefined && { created_at }),
    ...(updated_at !== undefined && { updated_at }),
    extra: {
      ...other,
      ...(document !== undefined && { document: document.path, ...(description !== undefined && { description }) }),
      ...(created_at === undefined && created !== undefined && { created }),
      ...(updated_at === undefined && updated !== undefined && { updated }),
      ...(tag.source.other !== undefined && { tag: tag.source.other }),
      ...(tag.report !== undefined && { complexityReport: tag.report }),
    },
  }
}

/** Says only what is known: a tag without a document has tasks and nothing else. */
function summary(title: string, description: string, tag: string): string {
  const lead = description === '' ? '' : `${description}\n\n`
  return `# ${title}\n\n${lead}Tasks of the tag "${tag}" of Task Master, which came without a document of their own.\n`
}

function prdOfDocument(document: TagDocument): BundlePrd {
  return {
    ref: document.path,
    title: cutAtWord(document.title ?? document.name, 300),
    kind: 'prd',
    state: 'draft',
    body: document.text,
    repositories: [],
    owners: [],
    extra: { document: document.path },
  }
}

function unmatched(reports: Reports): Homeless[] {
  return reports.unused().map(({ path, what }) => ({ path, what, why: 'No task has it; it stays in this file.' }))
}

function rest(files: readonly SourceFile[], list: SourceFile, used: ReadonlySet<string>): Homeless[] {
  return files
    .filter((file) => file !== list && !used.has(file.path) && !/task-complexity-report[^/]*\.json$/.test(file.path))
    .map(({ path }) => ({ path, ...meaning(path) }))
}

function meaning(path: string): { what: string; why: string } {
  if (/\/task_?\d[^/]*\.(?:txt|md)$/.test(path))
    return { what: 'text of a task, made from tasks.json', why: 'What it says came from tasks.json.' }
  if (LISTS.includes(path) || /\.(?:bak|jsonl)$/.test(path))
    return { what: 'older or second copy of the tasks', why: 'The newest tasks.json counts; it stays in this file.' }
  if (/config|state\.json$/.test(path))
    return { what: 'settings of Task Master', why: 'SPEKI has its own; it stays in this file.' }
  return { what: 'document beside the tasks', why: 'Is no PRD of a tag; it stays in this file.' }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
