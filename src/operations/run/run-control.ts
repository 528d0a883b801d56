import { z } from 'zod'
import { keyNumber, RunKey } from '../../../schemas/key.ts'
import { RunState } from '../../../schemas/run.ts'
import { defineOperation, Next } from '../operation.ts'
import { nextOfRun } from './run-status.ts'

export const runControl = defineOperation({
  name: 'run_control',
  title: 'Control a run',
  description:
    'Pause (what works finishes), resume, cancel (its work is taken back) or retry a run (failed tasks get new tries).',
  toolset: 'execution',
  effect: 'write',
  action: 'run.control',
  input: z.object({ run: RunKey, action: z.enum(['pause', 'resume', 'cancel', 'retry']) }),
  output: z.object({ id: RunKey, state: RunState, wanted: z.string(), next: Next }),
  summarize: ({ id, state, wanted }) => `${id} is ${state}; asked for: ${wanted}`,
  async run(input, { caller, request, execution, startWorker }) {
    const { steerRun } = await import('../../execution/launch-run.ts')
    const { id, state, wanted, changeSet } = await steerRun(
      await execution(),
      caller,
      keyNumber(input.run),
      input.action,
      {
        startWorker,
        request,
      },
    )
    return {
      id,
      state,
      wanted,
      next: nextOfRun({ id, state, changeSet }),
    }
  },
})
