import { z } from 'zod'
import { CriterionAnswer } from '../../../schemas/evidence.ts'
import { keyNumber, TaskKey } from '../../../schemas/key.ts'
import { defineOperation, Next } from '../operation.ts'

export const taskComplete = defineOperation({
  name: 'task_complete',
  title: 'Complete task',
  description:
    'Complete your claimed task with proof: checks green on the very tree (task_validate) and every acceptance criterion answered. Refused otherwise; the answer says what is missing.',
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
    readied_total: z.int32(),
    next: Next,
  }),
  summarize: ({ task, readied_total }) => `${task} is done; ${readied_total} task(s) can start now.`,
  async run(input, { caller, execution, signal, request }) {
    const { completeWithProof } = await import('../../execution/chat/complete.ts')
    const { summary, criteria } = input.evidence
    const { evidence, readied } = await completeWithProof(
      await execution(),
      caller,
      { taskId: keyNumber(input.task), token: input.lease_token, answers: criteria, summary },
      signal,
      request,
    )
    return {
      task: input.task,
      status: 'done' as const,
      validation: evidence.validation?.id,
      tree: evidence.validation?.treeHash,
      readied: [...readied.tasks],
      readied_total: readied.total,
      next: ['task_claim', 'knowledge_add'],
    }
  },
})
