import type { Bundle, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import { keyNumber } from '../../schemas/key.ts'
import { sideOf } from '../domain/link/merge.ts'
import type { Reader } from '../store/database.ts'
import { type Base, type Link, type LinkedNoun, listLinks, type Side } from '../store/links.ts'
import { findPrdBody, findPrds, type PrdRecord } from '../store/prd/prds.ts'
import { findTasks, type TaskRecord } from '../store/task/tasks.ts'
import { findWorkspaceId } from '../store/workspace.ts'
import { prdsOf, type RefOf, tasksOf } from './bundle-of.ts'
import { findFolderBases, folderSource } from './folder-base.ts'
import { PRD_RULES, TASK_RULES } from './merge-rules.ts'

/** What an earlier import, or this workspace itself, has of a bundle. */
export interface Known<Record, Entity> {
  readonly record: Record
  /** As a bundle would have it now. */
  readonly now: Entity
  /** Both sides as they were when last in step; undefined where nobody knows, and then differences are conflicts. */
  readonly base: Base | undefined
}

type LocalLink = Pick<Link, 'noun' | 'id' | 'ref'> & { readonly base: Base | undefined }

export interface LocalState {
  /** Name of the place the bundle comes from; the same place again finds what it brought. */
  readonly source: string
  /** The bundle was exported from this workspace. */
  readonly own: boolean
  readonly prds: ReadonlyMap<string, Known<PrdRecord, BundlePrd>>
  readonly tasks: ReadonlyMap<string, Known<TaskRecord, BundleTask>>
  readonly knowledge: ReadonlySet<string>
  /** Tasks here that came from there; a dependency on any other is ours alone. */
  readonly linkedTasks: ReadonlySet<number>
  /** Refs of tasks that were imported from here before and are not in the bundle. */
  readonly gone: readonly string[]
}

/** Reads what is there of a bundle already. `place` names the folder it was read from. */
export async function readLocalState(reader: Reader, bundle: Bundle, place: string): Promise<LocalState> {
  const workspace = await findWorkspaceId(reader)
  const own = bundle.workspace !== undefined && bundle.workspace === workspace
  const elsewhere = bundle.workspace === undefined ? `${bundle.format}:${place}` : `speki:${bundle.workspace}`
  const source = own ? folderSource(place) : elsewhere
  const links: readonly LocalLink[] = own
    ? ownLinks(bundle, await findFolderBases(reader, source, bundle))
    : await listLinks(reader, source)
  const byRef = (noun: LinkedNoun) =>
    new Map(links.filter((link) => link.noun === noun).map((link) => [link.ref, link]))
  const prdLinks = byRef('prd')
  const taskLinks = byRef('task')
  const refs = new Map(links.map((link) => [`${link.noun} ${link.id}`, link.ref]))
  const refOf: RefOf = (noun, id) => refs.get(`${noun} ${id}`) ?? `${noun}:${id}`

  const prdRecords = (
    await findPrds(
      reader,
      [...prdLinks.values()].map(({ id }) => id),
    )
  ).filter(({ deletedAt }) => deletedAt === undefined)
  const taskRecords = await findTasks(
    reader,
    [...taskLinks.values()].map(({ id }) => id),
  )
  const prdById = new Map(prdRecords.map((record) => [record.id, record]))
  const taskById = new Map(taskRecords.map((record) => [record.id, record]))
  const prdsNow = new Map((await prdsOf(reader, [...prdById.keys()], refOf)).map((prd) => [prd.ref, prd]))
  const tasksNow = new Map((await tasksOf(reader, taskRecords, refOf)).map((task) => [task.ref, task]))

  const prds = new Map<string, Known<PrdRecord, BundlePrd>>()
  for (const prd of bundle.prds) {
    const link = prdLinks.get(prd.ref)
    const record = prdById.get(link?.id ?? 0)
    const now = prdsNow.get(prd.ref)
    if (link === undefined || record === undefined || now === undefined) continue
    const base = link.base ?? (await exportedPrd(reader, prd, record, now))
    prds.set(prd.ref, { record, now, base })
  }
  const tasks = new Map<string, Known<TaskRecord, BundleTask>>()
  for (const task of bundle.tasks) {
    const link = taskLinks.get(task.ref)
    const record = taskById.get(link?.id ?? 0)
    const now = tasksNow.get(task.ref)
    if (link === undefined || record === undefined || now === undefined) continue
    const base =
      link.base ??
      (task.revision === record.revision ? inStep(withoutConflicts(sideOf(now, TASK_RULES), task)) : undefined)
    tasks.set(task.ref, { record, now, base })
  }
  const present = new Set(bundle.tasks.map(({ ref }) => ref))
  return {
    source,
    own,
    prds,
    tasks,
    knowledge: new Set(byRef('knowledge').keys()),
    linkedTasks: new Set(taskById.keys()),
    gone: own
      ? []
      : [...taskLinks.keys()].filter(
          (ref) => !present.has(ref) && taskById.get(taskLinks.get(ref)?.id ?? 0)?.status !== 'cancelled',
        ),
  }
}

/** What an export has of a PRD is known as long as nothing changed here, and its text as long as the revision is kept. */
async function exportedPrd(reader: Reader, prd: BundlePrd, record: PrdRecord, now: BundlePrd): Promise<Base> {
  const fields = prd.version === record.version ? withoutConflicts(sideOf(now, PRD_RULES), prd) : {}
  if ('body' in fields || prd.revision === undefined) return inStep(fields)
  const body = await findPrdBody(reader, record.id, prd.revision)
  return inStep({ ...fields, ...(body !== undefined && { body }) })
}

/** What the file says to be in conflict stands there as somebody wrote it, until they take that out. */
function withoutConflicts(side: Side, { in_conflict: conflicts = [] }: BundlePrd | BundleTask): Side {
  return Object.fromEntries(Object.entries(side).filter(([field]) => !conflicts.includes(field)))
}

function inStep(side: Side): Base {
  return { ours: side, theirs: side }
}

/** In a bundle of our own the refs are our keys; what was in step is remembered, or follows from its revisions. */
function ownLinks({ prds, tasks, knowledge }: Bundle, bases: ReadonlyMap<string, Base>): readonly LocalLink[] {
  const linksOf = (noun: LinkedNoun, pattern: RegExp, entries: readonly { readonly ref: string }[]) =>
    entries
      .filter(({ ref }) => pattern.test(ref))
      .map(({ ref }) => ({ noun, id: keyNumber(ref), ref, base: bases.get(ref) }))
  return [
    ...linksOf('prd', /^PRD-\d+$/, prds),
    ...linksOf('task', /^TASK-\d+$/, tasks),
    ...linksOf('knowledge', /^KNOW-\d+$/, knowledge),
  ]
}
