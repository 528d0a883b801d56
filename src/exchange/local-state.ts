import { z } from 'zod'
import { type Bundle, BundlePrd, BundleTask, withTodaysNames } from '../../schemas/bundle.ts'
import { keyNumber } from '../../schemas/key.ts'
import type { Reader } from '../store/database.ts'
import { listOrigins, type Origin } from '../store/origins.ts'
import { findPrdBody, findPrds, type PrdRecord } from '../store/prd/prds.ts'
import { findTasks, type TaskRecord } from '../store/task/tasks.ts'
import { findWorkspaceId } from '../store/workspace.ts'
import { prdsOf, type RefOf, tasksOf } from './bundle-of.ts'

/** What an earlier import, or this workspace itself, has of a bundle. */
export interface Known<Record, Entity> {
  readonly record: Record
  /** As a bundle would have it now. */
  readonly now: Entity
  /** Both sides as the last import left them; undefined where nobody knows, and then differences are conflicts. */
  readonly was: { readonly source: Entity; readonly local: Entity } | undefined
}

export interface KnownPrd extends Known<PrdRecord, BundlePrd> {
  /** The text both sides began with. */
  readonly baseBody: string | undefined
}

/** What an origin keeps of an import. */
const ImportedPrd = z.object({ source: BundlePrd, local: BundlePrd })
const OnceTask = z.preprocess(withTodaysNames, BundleTask)
const ImportedTask = z.object({ source: OnceTask, local: OnceTask })

export interface LocalState {
  /** Name of the place the bundle comes from; the same place again finds what it brought. */
  readonly source: string
  /** The bundle was exported from this workspace. */
  readonly own: boolean
  readonly prds: ReadonlyMap<string, KnownPrd>
  readonly tasks: ReadonlyMap<string, Known<TaskRecord, BundleTask>>
  readonly knowledge: ReadonlySet<string>
  /** Refs of tasks that were imported from here before and are not in the bundle. */
  readonly gone: readonly string[]
}

/** Reads what is there of a bundle already. `place` names the folder it was read from. */
export async function readLocalState(reader: Reader, bundle: Bundle, place: string): Promise<LocalState> {
  const workspace = await findWorkspaceId(reader)
  const own = bundle.workspace !== undefined && bundle.workspace === workspace
  const source = bundle.workspace === undefined ? `${bundle.format}:${place}` : `speki:${bundle.workspace}`
  const origins = own ? ownOrigins(bundle) : await listOrigins(reader, source)
  const byRef = (kind: Origin['kind']) =>
    new Map(origins.filter((origin) => origin.kind === kind).map((origin) => [origin.ref, origin]))
  const prdOrigins = byRef('prd')
  const taskOrigins = byRef('task')
  const refs = new Map(origins.map((origin) => [`${origin.kind} ${origin.id}`, origin.ref]))
  const refOf: RefOf = (kind, id) => refs.get(`${kind} ${id}`) ?? `${kind}:${id}`

  const prdRecords = (
    await findPrds(
      reader,
      [...prdOrigins.values()].map(({ id }) => id),
    )
  ).filter(({ deletedAt }) => deletedAt === undefined)
  const taskRecords = await findTasks(
    reader,
    [...taskOrigins.values()].map(({ id }) => id),
  )
  const prdById = new Map(prdRecords.map((record) => [record.id, record]))
  const taskById = new Map(taskRecords.map((record) => [record.id, record]))
  const prdsNow = new Map((await prdsOf(reader, [...prdById.keys()], refOf)).map((prd) => [prd.ref, prd]))
  const tasksNow = new Map((await tasksOf(reader, taskRecords, refOf)).map((task) => [task.ref, task]))

  const prds = new Map<string, KnownPrd>()
  for (const prd of bundle.prds) {
    const origin = prdOrigins.get(prd.ref)
    const record = prdById.get(origin?.id ?? 0)
    const now = prdsNow.get(prd.ref)
    if (origin === undefined || record === undefined || now === undefined) continue
    if (own) {
      const baseBody = prd.revision === undefined ? undefined : await findPrdBody(reader, record.id, prd.revision)
      prds.set(prd.ref, { record, now, was: prd.version === record.version ? unchanged(now) : undefined, baseBody })
    } else {
      const was = ImportedPrd.parse(JSON.parse(origin.imported))
      prds.set(prd.ref, { record, now, was, baseBody: was.source.body })
    }
  }
  const tasks = new Map<string, Known<TaskRecord, BundleTask>>()
  for (const task of bundle.tasks) {
    const origin = taskOrigins.get(task.ref)
    const record = taskById.get(origin?.id ?? 0)
    const now = tasksNow.get(task.ref)
    if (origin === undefined || record === undefined || now === undefined) continue
    const ownWas = task.revision === record.revision ? unchanged(now) : undefined
    tasks.set(task.ref, { record, now, was: own ? ownWas : ImportedTask.parse(JSON.parse(origin.imported)) })
  }
  const present = new Set(bundle.tasks.map(({ ref }) => ref))
  return {
    source,
    own,
    prds,
    tasks,
    knowledge: new Set(byRef('knowledge').keys()),
    gone: own
      ? []
      : [...taskOrigins.keys()].filter(
          (ref) => !present.has(ref) && taskById.get(taskOrigins.get(ref)?.id ?? 0)?.status !== 'cancelled',
        ),
  }
}

function unchanged<T>(now: T): { readonly source: T; readonly local: T } {
  return { source: now, local: now }
}

/** In a bundle of our own the refs are our keys. */
function ownOrigins({ prds, tasks, knowledge }: Bundle): readonly Origin[] {
  const of = (kind: Origin['kind'], pattern: RegExp, entries: readonly { readonly ref: string }[]) =>
    entries
      .filter(({ ref }) => pattern.test(ref))
      .map(({ ref }) => ({ kind, id: keyNumber(ref), source: '', ref, imported: '' }))
  return [
    ...of('prd', /^PRD-\d+$/, prds),
    ...of('task', /^TASK-\d+$/, tasks),
    ...of('knowledge', /^KNOW-\d+$/, knowledge),
  ]
}
