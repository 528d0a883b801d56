import type { PrdState } from '../../../../schemas/prd.ts'
import type { TaskStatus } from '../../../../schemas/task.ts'

export interface ReadState {
  readonly status: TaskStatus
  readonly blockReason?: string
  /** Somebody had it; a lease cannot be brought along, so it starts over with a note. */
  readonly begun: boolean
  /** The word says no more than the status does. */
  readonly exact: boolean
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  todo: ['todo', 'to do', 'open', 'pending', 'new', 'backlog', 'ready', 'planned', '待處理'],
  begun: ['in progress', 'doing', 'started', 'active', 'wip', 'hooked', '進行中'],
  in_review: ['review', 'in review', 'testing', 'qa', 'verify'],
  done: ['done', 'closed', 'completed', 'complete', 'finished', 'resolved', 'shipped', '已完成'],
  blocked: ['blocked', '被阻擋'],
  held: ['deferred', 'on hold', 'paused', 'waiting', 'pinned', 'draft'],
  cancelled: ['cancelled', 'canceled', 'wont do', 'wontfix', 'dropped', 'abandoned', 'obsolete'],
  failed: ['failed'],
}

const MEANING = new Map(Object.entries(WORDS).flatMap(([meaning, words]) => words.map((word) => [word, meaning])))

/** Words that stand for their status and nothing beside it, in the tools read here. */
const EXACT = new Set(['todo', 'in_review', 'done', 'cancelled', 'failed'])

/** What a tool's word for a state means here. A word nobody knows counts as work to do and is kept in `extra`. */
export function readState(word: string, tool: string): ReadState {
  const plain = word
    .trim()
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[\s_-]+/g, ' ')
  const meaning = MEANING.get(plain)
  const exact = meaning !== undefined && EXACT.has(meaning)
  if (meaning === 'in_review' || meaning === 'done' || meaning === 'cancelled' || meaning === 'failed')
    return { status: meaning, begun: false, exact }
  if (meaning === 'blocked' || meaning === 'held')
    return { status: 'blocked', blockReason: `${word.trim()} in ${tool}`, begun: false, exact }
  return { status: 'todo', begun: meaning === 'begun', exact }
}

/** How far a PRD is by what its tasks say. */
export function stateByTasks(tasks: readonly { readonly status: TaskStatus; readonly begun: boolean }[]): PrdState {
  const over = tasks.filter((task) => task.status === 'done' || task.status === 'cancelled')
  if (over.some((task) => task.status === 'done') && over.length === tasks.length) return 'completed'
  return over.length > 0 || tasks.some((task) => task.begun || task.status === 'in_review') ? 'in_progress' : 'draft'
}

const PRIORITY: Readonly<Record<string, number>> = {
  critical: 10,
  highest: 10,
  high: 30,
  medium: 50,
  low: 70,
  lowest: 90,
}

/** Middle where it is absent or a word of the project's own, which stays in `extra`. */
export function readPriority(word: string | null | undefined): { readonly priority: number; readonly exact: boolean } {
  const priority = word === null || word === undefined ? undefined : PRIORITY[word.trim().toLowerCase()]
  return { priority: priority ?? 50, exact: priority !== undefined || word === null || word === undefined }
}

/** Whether a word says that no work is left. */
export function isOver(word: string, tool: string): boolean {
  const { status } = readState(word, tool)
  return status === 'done' || status === 'cancelled'
}
