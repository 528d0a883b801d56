import type { Tx } from '../store/database.ts'
import { type Origin, saveOrigins } from '../store/origins.ts'
import { findTasks } from '../store/task/tasks.ts'
import type { Application } from './application.ts'
import { prdsOf, type RefOf, tasksOf } from './bundle-of.ts'
import { conflictFinder } from './conflict.ts'

/** Keeps both sides as they are now, so that the next import sees which one changed. */
export async function rememberOrigins(
  tx: Tx,
  { bundle, local, plan, now }: Application,
  keys: {
    readonly prds: ReadonlyMap<string, number>
    readonly tasks: ReadonlyMap<string, number>
    readonly knowledge: ReadonlyMap<string, number>
  },
): Promise<void> {
  const { source } = local
  const refs = new Map<string, string>([
    ...[...keys.prds].map(([ref, id]) => [`prd ${id}`, ref] as const),
    ...[...keys.tasks].map(([ref, id]) => [`task ${id}`, ref] as const),
  ])
  const refOf: RefOf = (kind, id) => refs.get(`${kind} ${id}`) ?? `${kind}:${id}`
  const prdsNow = new Map((await prdsOf(tx, [...keys.prds.values()], refOf)).map((prd) => [prd.ref, prd]))
  const tasksNow = new Map(
    (await tasksOf(tx, await findTasks(tx, [...keys.tasks.values()]), refOf)).map((task) => [task.ref, task]),
  )
  // What is in conflict keeps its old base, or the conflict would be gone with the next import.
  const inConflict = conflictFinder(plan.conflicts)
  const origins: Origin[] = []
  const add = (kind: Origin['kind'], ref: string, id: number | undefined, localNow: unknown, sourceNow: unknown) => {
    if (id === undefined || inConflict(kind, id)) return
    origins.push({ kind, id, source, ref, imported: JSON.stringify({ source: sourceNow, local: localNow }) })
  }
  for (const prd of bundle.prds) add('prd', prd.ref, keys.prds.get(prd.ref), prdsNow.get(prd.ref), prd)
  for (const task of bundle.tasks) add('task', task.ref, keys.tasks.get(task.ref), tasksNow.get(task.ref), task)
  for (const entry of bundle.knowledge) {
    const id = keys.knowledge.get(entry.ref)
    if (id !== undefined) add('knowledge', entry.ref, id, entry, entry)
  }
  await saveOrigins(tx, origins, now)
}
