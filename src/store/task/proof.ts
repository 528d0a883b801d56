import { z } from 'zod'
import { Actor } from '../../../schemas/actor.ts'
import { CheckResult, CriterionAnswer, type Evidence, type Validation } from '../../../schemas/evidence.ts'
import { taskKey, validationKey } from '../../../schemas/key.ts'
import type { Reader, Tx } from '../database.ts'
import { storedJson } from '../stored.ts'
import type { Tables } from '../tables.ts'

const Checks = z.array(CheckResult)
const Answers = z.array(CriterionAnswer)

function validationFromRow(row: Tables['validation']): Validation {
  return {
    id: validationKey(row.id),
    task: taskKey(row.task_id),
    fence: row.fence,
    worktree: row.worktree,
    treeHash: row.tree_hash,
    ...(row.commit_id !== null && { commit: row.commit_id }),
    ...(row.base_commit !== null && { base: row.base_commit }),
    findings: z.array(z.string()).parse(JSON.parse(row.findings)),
    passed: row.passed === 1,
    complete: row.complete === 1,
    checks: storedJson(Checks, row.checks),
    at: row.at,
  }
}

export async function insertValidation(
  tx: Tx,
  id: number,
  taskId: number,
  validation: Omit<Validation, 'id' | 'task'>,
): Promise<void> {
  await tx.sql
    .insertInto('validation')
    .values({
      id,
      task_id: taskId,
      fence: validation.fence,
      worktree: validation.worktree,
      tree_hash: validation.treeHash,
      commit_id: validation.commit ?? null,
      passed: validation.passed ? 1 : 0,
      complete: validation.complete ? 1 : 0,
      checks: JSON.stringify(validation.checks),
      base_commit: validation.base ?? null,
      findings: JSON.stringify(validation.findings),
      at: validation.at,
    })
    .execute()
}

/** Last validation of a task under one claim. */
export async function findLatestValidation(
  reader: Reader,
  taskId: number,
  fence: number,
): Promise<Validation | undefined> {
  const row = await reader.sql
    .selectFrom('validation')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('fence', '=', fence)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && validationFromRow(row)
}

export async function insertEvidence(
  tx: Tx,
  evidence: {
    readonly taskId: number
    readonly validationId: number | undefined
    readonly answers: readonly CriterionAnswer[]
    readonly summary: string
    readonly overrideReason: string | undefined
    readonly actor: Actor
    readonly at: number
  },
): Promise<void> {
  await tx.sql
    .insertInto('evidence')
    .values({
      task_id: evidence.taskId,
      validation_id: evidence.validationId ?? null,
      answers: JSON.stringify(evidence.answers),
      summary: evidence.summary,
      override_reason: evidence.overrideReason ?? null,
      actor: JSON.stringify(evidence.actor),
      at: evidence.at,
    })
    .execute()
}

/** What proved the last completion of a task. */
export async function findEvidence(reader: Reader, taskId: number): Promise<Evidence | undefined> {
  const row = await reader.sql
    .selectFrom('evidence')
    .selectAll()
    .where('task_id', '=', taskId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const validation =
    row.validation_id === null
      ? undefined
      : await reader.sql
          .selectFrom('validation')
          .selectAll()
          .where('id', '=', row.validation_id)
          .executeTakeFirstOrThrow()
  const by = storedJson(Actor, row.actor)
  return {
    task: taskKey(row.task_id),
    ...(validation !== undefined && { validation: validationFromRow(validation) }),
    answers: storedJson(Answers, row.answers),
    summary: row.summary,
    ...(row.override_reason !== null && { override: { by: by.name, reason: row.override_reason } }),
    by,
    at: row.at,
  }
}
