import { z } from 'zod'
import { keyNumber, RunKey } from '../../../schemas/key.ts'
import { RunState } from '../../../schemas/run.ts'
import { defineOperation, Next } from '../operation.ts'

export const runControl = defineOperation({
  name: 'run_control',
  title: 'Control a run',
  description:
    'Pause (what works finishes, nothing new begins), resume, cancel (sessions end, their work is taken back) or retry a run (failed tasks get a new set of tries).',
  toolset: 'execution',
  effect: 'write',
  action: 'run.control',
  input: z.object({ id: RunKey, action: z.enum(['pause', 'resume', 'cancel', 'retry']) }),
  output: z.object({ id: RunKey, state: RunState, wanted: z.string(), next: Next }),
  summarize: ({ id, state, wanted }) => `${id} is ${state}; asked for: ${wanted}`,
  async run({ id, action }, { service, caller, request, startWorker }) {
    const { controlRun } = await import('../../domain/run/control.ts')
    const { countLiveWorkers } = await import('../../domain/run/read.ts')
    const run = await controlRun(service, caller, keyNumber(id), action, request)
    const over = ['succeeded', 'failed', 'cancelled', 'paused'].includes(run.state)
    if (!over && (await countLiveWorkers(service, caller)) === 0) await startWorker()
    return { id: run.id, state: run.state, wanted: run.wanted, next: [`run_status id="${id}"`] }
  },
})
