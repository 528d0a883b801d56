import { prdKey, requirementKey, taskKey } from '../../../schemas/key.ts'
import { SpekiError } from '../../errors.ts'
import { hint, type Sentence, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { findRequirement } from '../../store/prd/requirements.ts'
import { findDependencyPath } from '../../store/task/task-links.ts'
import { findTask } from '../../store/task/tasks.ts'

/** Throws where the edge dangles or closes a cycle, with the path. */
export async function checkEdge(reader: Reader, taskId: number, dependency: number): Promise<void> {
  if ((await findTask(reader, dependency)) === undefined) {
    throw new SpekiError(
      'invalid_input',
      `${taskKey(taskId)} cannot wait for ${taskKey(dependency)}: there is no such task. Nothing was changed.`,
      { hint: hint`List tasks with ${step('task_list')}.` },
    )
  }
  const path = await findDependencyPath(reader, dependency, taskId)
  if (path !== undefined) {
    const cycle = [taskId, ...path].map((id) => taskKey(id)).join(' → ')
    throw new SpekiError('invalid_input', `That dependency closes a cycle: ${cycle}. Nothing was changed.`, {
      hint: hint`Drop one edge of it first; see what waits for what: ${step('task_get', { task: taskKey(dependency) })}.`,
    })
  }
}

/** Throws where one of these is no requirement of the PRD. */
export async function checkRequirements(
  reader: Reader,
  prdId: number | undefined,
  requirements: readonly number[],
  next: Sentence,
): Promise<void> {
  for (const id of requirements) {
    if (prdId !== undefined && (await findRequirement(reader, id))?.prdId === prdId) continue
    throw new SpekiError(
      'invalid_input',
      `${requirementKey(id)} is no requirement of ${prdId === undefined ? 'this ad-hoc task' : prdKey(prdId)}.`,
      { hint: next },
    )
  }
}
