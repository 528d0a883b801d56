import { readDate } from '../reading/date.ts'
import type { LooseEnds } from '../reading/loose-ends.ts'
import { refuse } from '../reading/refusal.ts'
import { isOver } from '../reading/state.ts'
import type { Bead, Dependency } from './bead.ts'

const EXTERNAL = 'external:'
const MAX_EDGES = 1_000_000
const MAX_DEPTH = 64

/** Who belongs to whom and who waits for whom, in the ids of Beads. Deleted issues and templates stand outside. */
export interface Arrangement {
  readonly epics: readonly Bead[]
  /** In working order. */
  readonly tasks: readonly Bead[]
  /** Nearest epic above an issue. */
  readonly epicOf: ReadonlyMap<string, string>
  /** Tasks in an epic or in one below it. */
  readonly members: ReadonlyMap<string, readonly Bead[]>
  readonly dependsOn: ReadonlyMap<string, readonly string[]>
  /** Work of other projects that a task waits for. */
  readonly external: ReadonlyMap<string, readonly string[]>
  /** What containment means for the order: parents wait for parts, parts for what holds back their epic. */
  readonly implied: ReadonlyMap<string, readonly string[]>
}

export function arrange(file: string, beads: readonly Bead[], loose: LooseEnds): Arrangement {
  const all = new Map(beads.map((bead) => [bead.id, bead]))
  const live = new Map(beads.filter(isLive).map((bead) => [bead.id, bead]))
  const isEpic = (id: string): boolean => live.get(id)?.issue_type === 'epic'
  const parents = new Map<string, string>()
  for (const bead of live.values()) {
    const edge = bead.dependencies?.find(
      ({ type, depends_on_id }) => type === 'parent-child' && live.has(depends_on_id),
    )
    if (edge !== undefined) parents.set(bead.id, edge.depends_on_id)
  }
  const above = new Map([...live.values()].map((bead) => [bead.id, ancestors(bead, parents)]))
  const epicOf = new Map<string, string>()
  const members = new Map<string, Bead[]>()
  for (const bead of live.values()) {
    const epics = (above.get(bead.id) ?? []).filter(isEpic)
    if (epics[0] !== undefined) epicOf.set(bead.id, epics[0])
    if (!isEpic(bead.id)) for (const epic of epics) append(members, epic, bead)
  }

  const dependsOn = new Map<string, string[]>()
  const external = new Map<string, string[]>()
  const implied = new Map<string, string[]>()
  let edges = 0
  /** The tasks an id stands for; none for what was deleted. */
  const tasksOf = (id: string): readonly string[] =>
    isEpic(id) ? (members.get(id) ?? []).map((task) => task.id) : live.has(id) ? [id] : []
  const block = (bead: Bead, edge: Dependency): void => {
    const target = edge.depends_on_id
    if (target.startsWith(EXTERNAL)) {
      for (const task of tasksOf(bead.id)) append(external, task, target)
      return
    }
    if (target === bead.id) refuse(bead.where, `${target} depends on itself.`, 'Remove it with bd dep remove.')
    if (!all.has(target)) {
      loose.add(bead.where, bead.id, target, !isOver(bead.status ?? 'open', 'Beads'))
      return
    }
    // An epic waits for its parts by being one; a part that waits for its own epic would wait for itself.
    if (
      above.get(target)?.includes(bead.id) === true ||
      (isEpic(target) && above.get(bead.id)?.includes(target) === true)
    )
      return
    const targets = tasksOf(target)
    for (const task of tasksOf(bead.id)) {
      edges += targets.length
      if (edges > MAX_EDGES)
        refuse(
          { file },
          `more than ${MAX_EDGES} dependencies once epics are their issues.`,
          'Let fewer issues wait for whole epics.',
        )
      for (const id of targets) append(isEpic(bead.id) ? implied : dependsOn, task, id)
    }
  }
  for (const bead of live.values()) {
    const parent = parents.get(bead.id)
    if (parent !== undefined && !isEpic(parent)) for (const task of tasksOf(bead.id)) append(implied, parent, task)
    for (const edge of bead.dependencies ?? []) if (edge.type === 'blocks') block(bead, edge)
  }
  const epics = [...live.values()].filter((bead) => isEpic(bead.id))
  const tasks = [...live.values()].filter((bead) => !isEpic(bead.id))
  return { epics, tasks: byCreation(tasks), epicOf, members, dependsOn, external, implied }
}

function isLive(bead: Bead): boolean {
  return bead.status !== 'tombstone' && bead.is_template !== true
}

function ancestors(bead: Bead, parents: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = []
  for (let id = parents.get(bead.id); id !== undefined; id = parents.get(id)) {
    if (id === bead.id || found.length >= MAX_DEPTH)
      refuse(
        bead.where,
        `the parents of ${bead.id} go round in a circle or more than ${MAX_DEPTH} levels up.`,
        'Correct the parent-child dependencies and import again.',
      )
    found.push(id)
  }
  return found
}

/** Beads hands out work of equal priority oldest first; the file is sorted by id. */
function byCreation(tasks: readonly Bead[]): readonly Bead[] {
  const created = new Map(tasks.map((task) => [task, readDate(task.created_at ?? '') ?? Number.MAX_SAFE_INTEGER]))
  return [...tasks].sort((a, b) => (created.get(a) ?? 0) - (created.get(b) ?? 0))
}

function append<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
