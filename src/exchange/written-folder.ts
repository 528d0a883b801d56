import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '../../schemas/actor.ts'
import type { Bundle, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import { keyNumber, prdKey, taskKey } from '../../schemas/key.ts'
import { type FieldRules, type Merge, nextBase } from '../domain/link/merge.ts'
import { type Service, transact } from '../domain/service.ts'
import { type Link, listLinks, saveLinks } from '../store/links.ts'
import { listRepositories } from '../store/repositories.ts'
import { type FolderEntry, folderSource, stateOf } from './folder-base.ts'
import type { ImportOutcome } from './import-bundle.ts'
import { PRD_RULES, TASK_RULES } from './merge-rules.ts'
import { placeOf } from './place.ts'

/** What is written into the folder: all as it is here, but a field in conflict as it is there. */
export function withConflicts(after: Bundle, before: Bundle, { plan, prds, tasks }: ImportOutcome): Bundle {
  const prdsThere = new Map(before.prds.map((prd) => [prd.ref, prd]))
  const tasksThere = new Map(before.tasks.map((task) => [task.ref, task]))
  const keyOf = (keys: ReadonlyMap<string, number>, ref: string, key: (id: number) => string) => {
    const id = keys.get(ref)
    return id === undefined ? ref : key(id)
  }
  return {
    ...after,
    prds: after.prds.map((prd) => {
      const there = prdsThere.get(prd.ref)
      const fields = fieldsInConflict(plan.prdMerges.get(prd.ref))
      if (there === undefined || fields.length === 0) return prd
      const parent = there.parent && keyOf(prds, there.parent, prdKey)
      return {
        ...prd,
        ...pick({ ...there, parent }, fields, PRD_RULES),
        // The number of a text is that of the one it was made of.
        ...(fields.includes('body') && { revision: there.revision }),
        in_conflict: fields,
      }
    }),
    tasks: after.tasks.map((task) => {
      const there = tasksThere.get(task.ref)
      const fields = fieldsInConflict(plan.taskMerges.get(task.ref))
      if (there === undefined || fields.length === 0) return task
      const depends_on = there.depends_on.map((ref) => keyOf(tasks, ref, taskKey))
      return { ...task, ...pick({ ...there, depends_on }, fields, TASK_RULES), in_conflict: fields }
    }),
  }
}

function fieldsInConflict(merge: Merge<BundlePrd> | Merge<BundleTask> | undefined): string[] {
  return (merge?.conflicts ?? []).map(({ field }) => field)
}

function pick<T extends object>(entry: T, fields: readonly string[], rules: FieldRules<T>): Partial<T> {
  const picked: Partial<T> = {}
  for (const field in rules) if (fields.includes(field)) picked[field] = entry[field]
  return picked
}

/** Keeps what was written as the base of the next time; a field in conflict keeps the one it had. */
export async function rememberFolder(
  service: Service,
  caller: Principal,
  folder: string,
  written: Bundle,
  plan: ImportOutcome['plan'] | undefined,
): Promise<void> {
  await transact(service, caller, 'export.run', async (tx, now) => {
    const source = folderSource(placeOf(folder, await listRepositories(tx)).name)
    const known = new Map((await listLinks(tx, source)).map(({ ref, base }) => [ref, base]))
    const linkOf = <T extends FolderEntry>(
      noun: 'prd' | 'task',
      entry: T,
      merge: Merge<T> | undefined,
      rules: FieldRules<T>,
    ): Link[] => {
      const conflicts = merge?.conflicts ?? []
      const { ours, theirs } = nextBase(undefined, { keep: {}, conflicts }, entry, entry, rules)
      const base = { ours, theirs: { ...theirs, state_written: stateOf(entry) } }
      const same = isDeepStrictEqual(known.get(entry.ref), JSON.parse(JSON.stringify(base)))
      return same ? [] : [{ noun, id: keyNumber(entry.ref), source, ref: entry.ref, base }]
    }
    const links = [
      ...written.prds.flatMap((prd) => linkOf('prd', prd, plan?.prdMerges.get(prd.ref), PRD_RULES)),
      ...written.tasks.flatMap((task) => linkOf('task', task, plan?.taskMerges.get(task.ref), TASK_RULES)),
    ]
    await saveLinks(tx, links, now)
  })
}
