import { z } from 'zod'
import { keyNumber, TaskKey } from '../../../schemas/key.ts'
import { FailureClass } from '../../../schemas/run.ts'
import { hint, step } from '../../step.ts'
import { defineOperation, Next } from '../operation.ts'
import { plain } from '../text.ts'

export const taskRollback = defineOperation({
  name: 'task_rollback',
  title: 'Roll task back',
  description:
    'Put the worktree of your claim back to a checkpoint exactly, with a diagnostic report. What is discarded stays readable under a ref.',
  toolset: 'execution',
  effect: 'write',
  action: 'task.attempt',
  input: z.object({
    task: TaskKey,
    lease_token: z.string().min(1).max(200),
    checkpoint: z.string().max(100).optional().describe('start or CHECK-12; default: newest'),
  }),
  output: z.object({
    task: TaskKey,
    restored: z.string(),
    checkpoints: z.array(z.string()),
    class: FailureClass,
    summary: z.string(),
    findings: z.array(z.string()),
    kept: z.string().optional().describe('Ref with what was discarded'),
    next: Next,
  }),
  summarize: ({ task, restored, kept }) =>
    `${task} is back at ${restored}${kept === undefined ? '' : `; discarded work: ${kept}`}`,
  async run(input, { caller, execution, signal, cut }) {
    const { rollBack } = await import('../../execution/chat/own-worktree.ts')
    const wanted = { taskId: keyNumber(input.task), token: input.lease_token, checkpoint: input.checkpoint }
    const { restored, checkpoints, report } = await rollBack(await execution(), caller, wanted, signal)
    const again = step('task_validate', { task: input.task, lease_token: input.lease_token })
    return {
      task: input.task,
      restored,
      checkpoints: [...checkpoints],
      class: report.class,
      summary: plain(report.summary),
      findings: cut.list('findings', report.findings, { chars: 5000 }, again, (finding) => plain(finding)),
      ...(report.kept !== undefined && { kept: report.kept }),
      next:
        restored === 'start'
          ? [step('task_get', { task: input.task }), hint`Work on it again, then ${again}`]
          : [again],
    }
  },
})
