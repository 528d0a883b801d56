import type { BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import { type FieldConflict, type FieldRules, set, text, unordered, value } from '../domain/link/merge.ts'
import type { TaskRecord } from '../store/task/tasks.ts'
import type { Conflict } from './conflict.ts'

/** What of a PRD an import merges; its state is moved by its work here. */
export const PRD_RULES = {
  title: value,
  owners: set,
  parent: value,
  state: { ...value, decide: () => 'leave' as const },
  body: text,
} satisfies FieldRules<BundlePrd>

export const TASK_RULES = {
  title: value,
  description: text,
  status: value,
  block_reason: value,
  acceptance_criteria: value,
  test_cases: value,
  requirements: unordered,
  depends_on: set,
  complexity: value,
  priority: value,
  context: value,
} satisfies FieldRules<BundleTask>

export function prdConflict(id: number, { field, base, places = [] }: FieldConflict): Conflict {
  if (field !== 'body') return { noun: 'prd', id, kind: 'field', field }
  return base === undefined ? { noun: 'prd', id, kind: 'unknown_base' } : { noun: 'prd', id, kind: 'text', places }
}

export function taskConflict({ id, status }: TaskRecord, conflict: FieldConflict, there: BundleTask): Conflict {
  const untouched = conflict.base !== undefined && value.equal(conflict.ours, conflict.base.ours)
  return conflict.field === 'status' && status === 'in_progress' && untouched
    ? { noun: 'task', id, kind: 'claimed', status: there.status }
    : { noun: 'task', id, kind: 'field', field: conflict.field }
}
