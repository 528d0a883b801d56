import type { OpenQuestion } from '../../../schemas/requirement.ts'
import { extractRequirements } from '../../spec/requirement/extract.ts'
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
import { listWaitingForAnswer, markStale } from '../../store/task/task-links.ts'
import { updateTask } from '../../store/task/tasks.ts'
import { questionsByRequirement, WAITS_FOR_ANSWER } from '../plan/open-questions.ts'
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
export async function followText(tx: Tx, prdId: number, text: string, revision: number): Promise<RequirementChange> {
  const before = await listRequirements(tx, prdId)
  const removedBefore = await listRemovedRequirements(tx, prdId)
  const { requirements, questions } = extractRequirements(text)
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
  for (const [index, requirement] of requirements.entries()) {
    const keptId = present.kept.get(index)
    if (keptId !== undefined) {
      const id = Number(keptId)
      const old = before.find((entry) => entry.id === id)
      if (old !== undefined && meaning(old) !== meaning(requirement)) changed.push(id)
      await updateRequirement(tx, id, requirement, index)
      continue
    }
    const place = missing.indexOf(index)
    const returnedId = returned.kept.get(place)
    const id = returnedId === undefined ? firstNew + place : Number(returnedId)
    added.push(id)
    if (returnedId === undefined) await insertRequirement(tx, id, prdId, requirement, index)
    else await updateRequirement(tx, id, requirement, index)
    await indexRequirement(tx, id, requirement.text)
  }
  for (const id of changed)
    await indexRequirement(tx, id, requirements.find((_, index) => Number(present.kept.get(index)) === id)?.text ?? '')
  for (const id of removed) {
    await removeRequirement(tx, id, revision)
    await tx.dialect.removeText(tx, { kind: 'requirement', id })
  }
  const staleTasks = await markStale(tx, [...changed, ...removed])
  return { added, changed, removed, staleTasks, answered: await freeAnswered(tx, prdId, questions) }
}

/** Frees tasks whose question the text no longer asks. */
async function freeAnswered(tx: Tx, prdId: number, questions: readonly OpenQuestion[]): Promise<readonly number[]> {
  const waiting = await listWaitingForAnswer(tx, prdId, WAITS_FOR_ANSWER)
  if (waiting.length === 0) return []
  const open = questionsByRequirement(questions, await listRequirements(tx, prdId))
  const answered = waiting
    .filter(({ requirements }) => !requirements.some((id) => open.has(id)))
    .map(({ task }) => task)
  for (const id of answered) await updateTask(tx, id, { status: 'todo', block_reason: null })
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
