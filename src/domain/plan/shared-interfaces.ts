import type { PlannedTask } from '../../../schemas/plan.ts'
import { reachable } from '../../graph.ts'
import { interfaceNames } from '../../spec/contracts.ts'

const PRODUCES =
  /\b(?:create[sd]?|expose[sd]?|offer[sed]*|provide[sd]?|publish(?:es|ed)?|emit(?:s|ted)?|raise[sd]?|send[s]?|sent|add[sed]*|define[sd]?|store[sd]?|serve[sd]?|implement[sed]*|answer[sed]*|accept[sed]*|produce[sd]?|write[s]?|migrate[sd]?|return[sed]*)\b/i
const CONSUMES =
  /\b(?:call[sed]*|subscribe[sd]?|listen[sed]*|consume[sd]?|read[s]?|show[sn]?|use[sd]?|display[sed]*|fetch(?:es|ed)?|load[sed]*|quer(?:y|ies|ied)|receive[sd]?|react[sed]*|handle[sd]?|request[sed]*|import[sed]*|on receiving|poll[sed]*)\b/i

/** How one task stands to a shared name. */
type Side = 'produces' | 'consumes' | 'open'

interface Use {
  readonly task: PlannedTask
  readonly side: Side
}

export interface Ordering {
  /** Edges to add, by the ref of the task that waits. */
  readonly edges: ReadonlyMap<string, readonly string[]>
  readonly questions: readonly string[]
}

/** So many tasks about one name say nothing about their order. */
const MAX_USES = 12

/**
 * Who comes first where tasks of two repositories name the same endpoint, event, type or table: the one that makes it
 * before the one that uses it. What the words leave open is a question. Only fresh tasks get edges.
 */
export function orderByInterfaces(tasks: readonly PlannedTask[], isFresh: (ref: string) => boolean): Ordering {
  const uses = new Map<string, Use[]>()
  for (const task of tasks) {
    const text = `${task.title}\n${task.description}\n${task.acceptance_criteria.join('\n')}`
    for (const name of interfaceNames(text)) {
      const use = { task, side: sideOf(text, name) }
      const known = uses.get(name)
      if (known === undefined) uses.set(name, [use])
      else known.push(use)
    }
  }
  const edges = new Map<string, string[]>()
  const questions: string[] = []
  const depends = new Map(tasks.map((task) => [task.ref, new Set(task.depends_on)]))
  for (const [name, group] of [...uses].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (new Set(group.map(({ task }) => task.repository)).size < 2 || group.length > MAX_USES) continue
    const producers = group.filter(({ side }) => side === 'produces')
    const others = group.filter(({ side }) => side !== 'produces')
    if (producers.length === 0) {
      questions.push(
        `Which task makes "${name}", and which uses it? ${group.map(({ task }) => `${task.ref} (${task.repository})`).join(' and ')} name it; put the one that makes it first.`,
      )
      continue
    }
    for (const { task: consumer } of others) {
      for (const { task: producer } of producers) {
        if (producer.repository === consumer.repository || !isFresh(consumer.ref)) continue
        if (reachable([producer.ref], (ref) => depends.get(ref) ?? []).has(consumer.ref)) continue
        depends.get(consumer.ref)?.add(producer.ref)
        edges.set(consumer.ref, [...(edges.get(consumer.ref) ?? []), producer.ref])
      }
    }
  }
  return { edges, questions }
}

/** By the verb nearest before the name in its sentence. */
function sideOf(text: string, name: string): Side {
  const bare = name.replace(/^table /, '').replace(/\{\}/g, '')
  const at = text.indexOf(bare)
  const before = text.slice(0, at === -1 ? text.length : at)
  const sentence = before.slice(
    Math.max(before.lastIndexOf('.\n'), before.lastIndexOf('. '), before.lastIndexOf('\n')) + 1,
  )
  const lastOf = (pattern: RegExp) => [...sentence.matchAll(new RegExp(pattern, 'gi'))].at(-1)?.index ?? -1
  const produced = lastOf(PRODUCES)
  const consumed = lastOf(CONSUMES)
  if (produced === consumed) return 'open'
  return produced > consumed ? 'produces' : 'consumes'
}
