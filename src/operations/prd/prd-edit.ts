import { z } from 'zod'
import { keyNumber, PrdKey, requirementKey, taskKey } from '../../../schemas/key.ts'
import { MAX_BODY_BYTES } from '../../../schemas/prd.ts'
import type { Edit } from '../../documents/edit-text.ts'
import { SpekiError } from '../../errors.ts'
import { type Step, step } from '../../step.ts'
import { defineOperation, Next } from '../operation.ts'
import { prdWork } from './prd-work.ts'

export const prdEdit = defineOperation({
  name: 'prd_edit',
  title: 'Edit PRD text',
  description:
    'Edit the text of a PRD: whole body, one section, or exact replacements against base_revision. Concurrent edits merge; a conflict returns base, mine and theirs and writes nothing.',
  toolset: 'registry',
  effect: 'write',
  action: 'prd.edit',
  input: z.object({
    prd: PrdKey,
    base_revision: z.int32().min(1).describe('Revision you read'),
    body: z.string().max(MAX_BODY_BYTES).optional(),
    section: z.string().max(500).optional().describe('Id or heading, with text'),
    text: z.string().max(MAX_BODY_BYTES).optional().describe('Of the section with its subsections'),
    replacements: z
      .array(
        z.object({ old: z.string().min(1).max(100_000).describe('Occurs exactly once'), new: z.string().max(100_000) }),
      )
      .min(1)
      .max(100)
      .optional(),
    reason: z.string().max(500).default('edited'),
  }),
  output: z.object({
    id: PrdKey,
    revision: z.int32(),
    changed: z.boolean(),
    merged: z.boolean().describe('Others had edited since the base; both edits are kept'),
    requirements: z.object({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) }),
    stale_tasks: z.array(z.string()).describe('Tasks of changed or removed requirements'),
    answered_tasks: z.array(z.string()).describe('Tasks that waited for an answer the text now gives'),
    next: Next,
  }),
  summarize: ({ id, revision, changed, merged, stale_tasks }) =>
    changed
      ? `${id} is at revision ${revision}${merged ? ', merged with edits of others' : ''}; ${stale_tasks.length} task(s) stale.`
      : `${id} stays at revision ${revision}: nothing differs.`,
  async run(input, { service, caller, request, cut }) {
    const { editPrd } = await import('../../domain/prd/edit.ts')
    const outcome = await editPrd(
      service,
      caller,
      keyNumber(input.prd),
      input.base_revision,
      oneEdit(input),
      input.reason,
      request,
    )
    const { prd } = input
    const requirements = (field: string, numbers: readonly number[]) =>
      cut.list(
        `requirements.${field}`,
        numbers,
        { rows: 100 },
        step('prd_get', { prd, include: ['requirements'] }),
        (number) => requirementKey(number),
      )
    const tasks = (field: string, numbers: readonly number[], readOn: Step) =>
      cut.list(field, numbers, { rows: 100 }, readOn, (number) => taskKey(number))
    const { added, changed, removed, staleTasks, answered } = outcome.requirements
    const onward = await prdWork(service, caller, keyNumber(prd))
    return {
      id: prd,
      revision: outcome.revision,
      changed: outcome.changed,
      merged: outcome.merged,
      requirements: {
        added: requirements('added', added),
        changed: requirements('changed', changed),
        removed: requirements('removed', removed),
      },
      stale_tasks: tasks('stale_tasks', staleTasks, step('task_list', { prd, stale: true })),
      answered_tasks: tasks('answered_tasks', answered, step('task_list', { prd })),
      next: outcome.changed ? [step('prd_check', { prd }), ...onward.slice(0, 2)] : onward,
    }
  },
})

function oneEdit(input: {
  body?: string | undefined
  section?: string | undefined
  text?: string | undefined
  replacements?: { old: string; new: string }[] | undefined
}): Edit {
  const { body, section, text, replacements } = input
  const ways = [body !== undefined, section !== undefined || text !== undefined, replacements !== undefined].filter(
    Boolean,
  ).length
  if (ways === 1 && body !== undefined) return { body }
  if (ways === 1 && section !== undefined && text !== undefined) return { section, text }
  if (ways === 1 && replacements !== undefined) return { replacements }
  throw new SpekiError(
    'invalid_input',
    'Give exactly one of body, section with text, or replacements. Nothing was changed.',
    { hint: 'replacements is the smallest for a small edit.' },
  )
}
