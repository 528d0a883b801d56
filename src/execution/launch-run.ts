import type { Principal } from '../../schemas/actor.ts'
import type { Run } from '../../schemas/run.ts'
import { controlRun, type RunAction } from '../domain/run/control.ts'
import { countLiveWorkers } from '../domain/run/read.ts'
import { previewRun, type RunRequest, startRun } from '../domain/run/start.ts'
import type { Request } from '../domain/service.ts'
import { SpekiError } from '../errors.ts'
import type { ExecutionContext } from './context.ts'
import { type Inspection, preflight } from './preflight.ts'

interface Launch {
  /** Whatever the preflight looked at. */
  readonly inspected: readonly Inspection[]
  readonly tasks: number
  /** Absent where it only looked, or something stops it. */
  readonly run?: Run
}

interface Around {
  readonly progress: (message: string) => void
  readonly startWorker: () => Promise<void>
  readonly request: Request | undefined
}

/** Looks at everything a run rests on, queues it where nothing stops it, and sees to it that a worker lives. */
export async function launchRun(
  context: ExecutionContext,
  caller: Principal,
  wanted: RunRequest & { readonly lookOnly: boolean },
  { progress, startWorker, request }: Around,
  signal: AbortSignal,
): Promise<Launch> {
  refuseContradictions(wanted)
  const { service } = context
  const { tasks, repositories } = await previewRun(service, caller, wanted)
  progress(`looking at ${repositories.map(({ name }) => name).join(', ')}`)
  const { options } = wanted
  const inspected = await preflight(
    context,
    caller,
    { tasks, repositories, options, lookOnly: wanted.lookOnly },
    signal,
  )
  const seen = { inspected, tasks: tasks.length }
  if (wanted.lookOnly || inspected.some(({ level }) => level === 'stop')) return seen
  const run = await startRun(service, caller, wanted, request)
  if ((await countLiveWorkers(service, caller)) === 0) await startWorker()
  return { ...seen, run }
}

/** Tells a run what to do; one that goes on gets a worker where none lives. */
export async function steerRun(
  { service }: ExecutionContext,
  caller: Principal,
  id: number,
  action: RunAction,
  { startWorker, request }: Omit<Around, 'progress'>,
): Promise<Run> {
  const run = await controlRun(service, caller, id, action, request)
  const rests = ['succeeded', 'failed', 'cancelled', 'paused'].includes(run.state)
  if (!rests && (await countLiveWorkers(service, caller)) === 0) await startWorker()
  return run
}

function refuseContradictions({ prd, tasks, options }: RunRequest): void {
  if ((prd === undefined) === (tasks.length === 0))
    throw new SpekiError('invalid_input', 'A run is over a PRD or over tasks.', {
      hint: 'Give prd, or tasks, not both.',
    })
  if (options.fallback.length > 0 && options.attempts < 2)
    throw new SpekiError('invalid_input', 'A fallback takes the last of several attempts, and there is one.', {
      hint: 'Raise attempts, or leave fallback out.',
    })
}
