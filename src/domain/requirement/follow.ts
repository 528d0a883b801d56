import type { OpenQuestion } from '../../../schemas/requirement.ts'
import { extraction } from '../../reading/readings.ts'
import type { Tx } from '../../store/database.ts'
import { reserveNumbers } from '../../store/keys.ts'
import {
  insertRequirement,
  listRemovedRequirements,
  listRequirements,
  type RequirementRecord,
  removeRequirement,
  updateRequirement,
} from '../../store/prd/requirements.ts'
import { listRequirementsOf, listTasksOf } from '../../store/task/task-links.ts'
import { findTasks, listBlockedTasks } from '../../store/task/tasks.ts'
import { questionAbout, questionsByRequirement } from '../plan/open-questions.ts'
import { type Doer, markStale, moveTask } from '../task/transition.ts'
import { matchRequirements } from './match.ts'

/** What an edit did to the requirements of a PRD, by key number. */
export interface RequirementChange {
  readonly added: readonly number[]
  /** Statement or criteria differ; moved lines alone do not count. */
  readonly changed: readonly number[]
  readonly removed: readonly number[]
  readonly staleTasks: readonly number[]
  /** Tasks that waited for an answer the text now gives. */
  readonly answered: readonly number[]
}

/** Reads the requirements of the new text, keeps the keys of those that were there, and marks the tasks of changed ones stale. */
export async function followText(
  tx: Tx,
  doer: Doer,
  prdId: number,
  text: string,
  revision: number,
): Promise<RequirementChange> {
  const before = await listRequirements(tx, prdId)
  const removedBefore = await listRemovedRequirements(tx, prdId)
  const { requirements, questions } = extraction.now({ text })
  const present = matchRequirements(before.map(identity), requirements)
  const missing = requirements.map((_, index) => index).filter((index) => !present.kept.has(index))
  // A requirement that comes back, word for word or under its label, is the one that went.
  const returned = matchRequirements(
    removedBefore.map(identity),
    missing.flatMap((index) => requirements[index] ?? []),
  )
  const added: number[] = []
  const changed: number[] = []
  const firstNew = missing.length > 0 ? await reserveNumbers(tx, 'requirement', missing.length) : 0
  const removed = present.removed.map(Number)
  const known = new Map(before.map((entry) => [entry.id, entry]))
  const places = new Map(missing.map((index, place) => [index, place]))
  for (const [index, requirement] of requirements.entries()) {
    const keptId = present.kept.get(index)
    if (keptId !== undefined) {
      const id = Number(keptId)
      const old = known.get(id)
      if (old !== undefined && meaning(old) !== meaning(requirement)) {
        changed.push(id)
        await indexRequirement(tx, id, requirement.text)
      }
      await updateRequirement(tx, id, requirement, index)
      continue
    }
    const place = places.get(index) ?? 0
    const returnedId = returned.kept.get(place)
    const id = returnedId === undefined ? firstNew + place : Number(returnedId)
    added.push(id)
    if (returnedId === undefined) await insertRequirement(tx, id, prdId, requirement, index)
    else await updateRequirement(tx, id, requirement, index)
    await indexRequirement(tx, id, requirement.text)
  }
  for (const id of removed) {
    await removeRequirement(tx, id, revision)
    await tx.dialect.removeText(tx, { kind: 'requirement', id })
  }
  const staleTasks = await markTasksStale(tx, doer, [...changed, ...removed])
  return { added, changed, removed, staleTasks, answered: await freeAnswered(tx, doer, prdId, questions) }
}

/** Marks the tasks of these requirements, cancelled ones left out; returns the keys' numbers of those newly marked. */
async function markTasksStale(tx: Tx, doer: Doer, requirements: readonly number[]): Promise<readonly number[]> {
  const traces = Map.groupBy(await listTasksOf(tx, requirements), ({ task }) => task)
  const marked = (await findTasks(tx, [...traces.keys()])).filter((task) => !task.stale && task.status !== 'cancelled')
  for (const task of marked)
    await markStale(tx, doer, task, traces.get(task.id)?.map(({ requirement }) => requirement) ?? [])
  return marked.map(({ id }) => id)
}

/** Frees tasks whose question the text no longer asks; one that waits for another question now says which. */
async function freeAnswered(
  tx: Tx,
  doer: Doer,
  prdId: number,
  questions: readonly OpenQuestion[],
): Promise<readonly number[]> {
  const waiting = (await listBlockedTasks(tx, prdId)).filter(({ cause }) => cause?.kind === 'open_question')
  if (waiting.length === 0) return []
  const open = questionsByRequirement(questions, await listRequirements(tx, prdId))
  const traces = Map.groupBy(
    await listRequirementsOf(
      tx,
      waiting.map(({ id }) => id),
    ),
    ({ task }) => task,
  )
  const answered: number[] = []
  for (const task of waiting) {
    const cause = questionAbout(traces.get(task.id)?.map(({ requirement }) => requirement) ?? [], open)
    if (cause === undefined) {
      await moveTask(tx, doer, task, { to: 'todo' })
      answered.push(task.id)
    } else if (task.cause?.kind === 'open_question' && task.cause.question !== cause.question)
      await moveTask(tx, doer, task, { to: 'blocked', cause })
  }
  return answered
}

async function indexRequirement(tx: Tx, id: number, text: string): Promise<void> {
  await tx.dialect.indexText(tx, { kind: 'requirement', id, title: '', body: text })
}

function identity(record: RequirementRecord) {
  return { id: String(record.id), label: record.label, text: record.text, section: record.section }
}

function meaning(requirement: Pick<RequirementRecord, 'text' | 'criteria'>): string {
  return JSON.stringify([requirement.text, requirement.criteria.map((criterion) => criterion.text)])
}
