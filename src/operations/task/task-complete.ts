import { z } from 'zod'
import { CriterionAnswer } from '../../../schemas/evidence.ts'
import { ChangeSetKey, changeSetKey, keyNumber, TaskKey } from '../../../schemas/key.ts'
import { step } from '../../step.ts'
import { defineOperation, Next } from '../operation.ts'
import { asIs } from '../text.ts'
import { nextAfter } from './next-after.ts'

export const taskComplete = defineOperation({
  name: 'task_complete',
  title: 'Complete task',
  description:
    'Complete your task with proof: checks green on the very tree (task_validate) and every criterion answered. A refusal says what is missing.',
  toolset: 'tasks',
  effect: 'write',
  action: 'task.complete',
  alwaysLoad: true,
  input: z.object({
    task: TaskKey,
    lease_token: z.string().min(1).max(200),
    evidence: z.object({
      summary: z.string().trim().min(1).max(4000).describe('What was done'),
      criteria: z.array(CriterionAnswer).max(60).default([]).describe('One answer for each criterion'),
    }),
  }),
  output: z.object({
    task: TaskKey,
    status: z.literal('done'),
    validation: z.string().optional(),
    tree: z.string().optional(),
    readied: z.array(TaskKey).describe('Tasks that can start now'),
    readied_total: z.int(),
    change_set: ChangeSetKey.optional().describe('Where the work landed'),
    open: z.int().describe('Tasks of its PRD that are not over'),
    next: Next,
  }),
  summarize: ({ task, readied_total, open, change_set }) =>
    `${task} is done; ${readied_total} task(s) can start now.${open === 0 && change_set !== undefined ? ` All is done: ${change_set} waits to be tested together and delivered.` : ''}`,
  async run(input, { service, caller, execution, signal, request, cut }) {
    const { readAfterTask } = await import('../../domain/change-set/undelivered.ts')
    const { completeWithProof } = await import('../../execution/chat/complete.ts')
    const { summary, criteria } = input.evidence
    const { evidence, readied } = await completeWithProof(
      await execution(),
      caller,
      { taskId: keyNumber(input.task), token: input.lease_token, answers: criteria, summary },
      signal,
      request,
    )
    const after = await readAfterTask(service, caller, keyNumber(input.task))
    const { prd } = after
    return {
      task: input.task,
      status: 'done' as const,
      validation: evidence.validation?.id,
      tree: evidence.validation?.treeHash,
      readied: cut.list(
        'readied',
        readied.tasks,
        { total: readied.total },
        step('task_list', { ready: true, prd }),
        asIs,
      ),
      readied_total: readied.total,
      ...(after.changeSet !== undefined && { change_set: changeSetKey(after.changeSet.id) }),
      open: after.open,
      next: await nextAfter(service, caller, after),
    }
  },
})
