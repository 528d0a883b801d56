import { nextBase, sideOf } from '../domain/link/merge.ts'
import type { Tx } from '../store/database.ts'
import { type Base, type Link, type LinkedNoun, saveLinks } from '../store/links.ts'
import { findTasks } from '../store/task/tasks.ts'
import type { Application } from './application.ts'
import { prdsOf, type RefOf, tasksOf } from './bundle-of.ts'
import { PRD_RULES, TASK_RULES } from './merge-rules.ts'

/** Keeps both sides as they are now, field by field, so that the next import sees which one changed. */
export async function rememberLinks(
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
  const refOf: RefOf = (noun, id) => refs.get(`${noun} ${id}`) ?? `${noun}:${id}`
  const prdsNow = new Map((await prdsOf(tx, [...keys.prds.values()], refOf)).map((prd) => [prd.ref, prd]))
  const tasksNow = new Map(
    (await tasksOf(tx, await findTasks(tx, [...keys.tasks.values()]), refOf)).map((task) => [task.ref, task]),
  )
  const links: Link[] = []
  const add = (
    noun: LinkedNoun,
    { ref, extra }: { ref: string; extra: unknown },
    id: number | undefined,
    base: Base,
  ) => {
    // What has no counterpart here is given back on export.
    if (id !== undefined) links.push({ noun, id, source, ref, base: { ...base, theirs: { ...base.theirs, extra } } })
  }
  for (const prd of bundle.prds) {
    const ours = prdsNow.get(prd.ref)
    const merge = plan.prdMerges.get(prd.ref)
    if (ours === undefined) continue
    const base =
      merge === undefined
        ? { ours: sideOf(ours, PRD_RULES), theirs: sideOf(prd, PRD_RULES) }
        : nextBase(local.prds.get(prd.ref)?.base, merge, ours, prd, PRD_RULES)
    add('prd', prd, keys.prds.get(prd.ref), base)
  }
  for (const task of bundle.tasks) {
    const ours = tasksNow.get(task.ref)
    const merge = plan.taskMerges.get(task.ref)
    if (ours === undefined) continue
    const base =
      merge === undefined
        ? { ours: sideOf(ours, TASK_RULES), theirs: sideOf(task, TASK_RULES) }
        : nextBase(local.tasks.get(task.ref)?.base, merge, ours, task, TASK_RULES)
    add('task', task, keys.tasks.get(task.ref), base)
  }
  for (const entry of bundle.knowledge) add('knowledge', entry, keys.knowledge.get(entry.ref), { ours: {}, theirs: {} })
  await saveLinks(tx, links, now)
}
