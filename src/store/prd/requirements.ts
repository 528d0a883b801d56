import { z } from 'zod'
import { requirementKey } from '../../../schemas/key.ts'
import {
  AcceptanceCriterion,
  type ExtractedRequirement,
  type Requirement,
  RequirementForm,
} from '../../../schemas/requirement.ts'
import type { Reader, Tx } from '../database.ts'
import { storedJson, storedValue } from '../stored.ts'
import type { Tables } from '../tables.ts'

const Criteria = z.array(AcceptanceCriterion)
const Section = z.array(z.string())

export interface RequirementRecord extends ExtractedRequirement {
  readonly id: number
  readonly prdId: number
}

function fromRow(row: Tables['requirement']): RequirementRecord {
  return {
    id: row.id,
    prdId: row.prd_id,
    ...(row.label !== null && { label: row.label }),
    form: storedValue(RequirementForm, row.form),
    text: row.text,
    section: storedJson(Section, row.section),
    lines: { start: row.line_start, end: row.line_end },
    criteria: storedJson(Criteria, row.criteria),
  }
}

function toRow(requirement: ExtractedRequirement, position: number) {
  return {
    position,
    label: requirement.label ?? null,
    form: requirement.form,
    text: requirement.text,
    section: JSON.stringify(requirement.section),
    line_start: requirement.lines.start,
    line_end: requirement.lines.end,
    criteria: JSON.stringify(requirement.criteria),
    removed_in: null,
  }
}

/** The shape people and agents see. */
export function presentRequirement(record: RequirementRecord): Requirement {
  const { id, prdId: _, ...extracted } = record
  return { ...extracted, id: requirementKey(id) }
}

/** Those the current text has, in its order. */
export async function listRequirements(reader: Reader, prdId: number): Promise<readonly RequirementRecord[]> {
  const rows = await reader.sql
    .selectFrom('requirement')
    .selectAll()
    .where('prd_id', '=', prdId)
    .where('removed_in', 'is', null)
    .orderBy('position')
    .execute()
  return rows.map(fromRow)
}

/** Those the text once had, latest first: an undone deletion gets its old key back. */
export async function listRemovedRequirements(reader: Reader, prdId: number): Promise<readonly RequirementRecord[]> {
  const rows = await reader.sql
    .selectFrom('requirement')
    .selectAll()
    .where('prd_id', '=', prdId)
    .where('removed_in', 'is not', null)
    .orderBy('removed_in', 'desc')
    .orderBy('position')
    .execute()
  return rows.map(fromRow)
}

export async function findRequirement(reader: Reader, id: number): Promise<RequirementRecord | undefined> {
  const row = await reader.sql.selectFrom('requirement').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** Of which PRD each requirement is. */
export async function mapRequirements(reader: Reader, ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (ids.length === 0) return new Map()
  const rows = await reader.sql.selectFrom('requirement').select(['id', 'prd_id']).where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, row.prd_id]))
}

/** What a task realises, what the text has no longer included. */
export async function listRequirementsOfTask(reader: Reader, taskId: number): Promise<readonly RequirementRecord[]> {
  const rows = await reader.sql
    .selectFrom('requirement')
    .innerJoin('task_requirement', 'task_requirement.requirement_id', 'requirement.id')
    .selectAll('requirement')
    .where('task_requirement.task_id', '=', taskId)
    .orderBy('requirement.id')
    .execute()
  return rows.map(fromRow)
}

export async function insertRequirement(
  tx: Tx,
  id: number,
  prdId: number,
  requirement: ExtractedRequirement,
  position: number,
): Promise<void> {
  await tx.sql
    .insertInto('requirement')
    .values({ id, prd_id: prdId, ...toRow(requirement, position) })
    .execute()
}

export async function updateRequirement(
  tx: Tx,
  id: number,
  requirement: ExtractedRequirement,
  position: number,
): Promise<void> {
  await tx.sql.updateTable('requirement').set(toRow(requirement, position)).where('id', '=', id).execute()
}

export async function removeRequirement(tx: Tx, id: number, revision: number): Promise<void> {
  await tx.sql.updateTable('requirement').set({ removed_in: revision }).where('id', '=', id).execute()
}

/** Requirements of the current text that no finished task realises. */
export async function countUncovered(reader: Reader, prdId: number): Promise<number> {
  const { uncovered } = await reader.sql
    .selectFrom('requirement')
    .select((eb) => eb.fn.countAll<number>().as('uncovered'))
    .where('prd_id', '=', prdId)
    .where('removed_in', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('task_requirement')
            .innerJoin('task', 'task.id', 'task_requirement.task_id')
            .select('task.id')
            .whereRef('task_requirement.requirement_id', '=', 'requirement.id')
            .where('task.status', '=', 'done'),
        ),
      ),
    )
    .executeTakeFirstOrThrow()
  return uncovered
}
