import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../../schemas/actor.ts'
import { keyNumber, RunKey } from '../../schemas/key.ts'
import type { RunView } from '../domain/run/read.ts'
import { SpekiError } from '../errors.ts'
import type { Runtime } from '../operations/runtime.ts'

/**
 * Runs as tasks of the protocol's extension of that name: a client that declares it gets a task for `run_start`, asks for
 * its state by itself, and tells its model when the run is over. A task's id is the key of its run.
 */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

const POLL_MS = 5000

const Capabilities = z.object({
  'io.modelcontextprotocol/clientCapabilities': z.object({
    extensions: z.object({ [TASKS_EXTENSION]: z.looseObject({}) }),
  }),
})

/** Whether this request's client understands a task in place of an answer. */
export function takesTasks(context: ServerContext): boolean {
  return Capabilities.safeParse(context.mcpReq.envelope).success
}

/** What makes the answer to a call that began a run a task; the SDK lets only whole answers pass, so it stays one too. */
export async function taskOfRun(runtime: Runtime, caller: Principal, run: string): Promise<Record<string, unknown>> {
  return { ...taskOf(await readView(runtime, caller, run)), resultType: 'task' }
}

const TaskId = z.object({ taskId: z.string() })

export function registerTasks(
  server: McpServer,
  runtime: Runtime,
  callerOf: (context: ServerContext) => Principal,
): void {
  const protocol = server.server
  protocol.setRequestHandler('tasks/get', { params: TaskId }, async ({ taskId }, context) => {
    const view = await readView(runtime, callerOf(context), taskId)
    const over = view.run.state === 'succeeded' || view.run.state === 'failed'
    return { ...taskOf(view), resultType: 'complete', ...(over && { result: resultOf(view) }) }
  })
  protocol.setRequestHandler('tasks/cancel', { params: TaskId }, async ({ taskId }, context) => {
    const { run } = await readView(runtime, callerOf(context), taskId)
    const { controlRun } = await import('../domain/run/control.ts')
    // Whatever is over stays as it ended.
    if (run.endedAt === undefined)
      await controlRun(await runtime.open(), callerOf(context), keyNumber(run.id), 'cancel', undefined)
    return { resultType: 'complete' }
  })
  // No run asks its client for anything, so that there is nothing to be answered.
  protocol.setRequestHandler('tasks/update', { params: TaskId }, async ({ taskId }, context) => {
    await readView(runtime, callerOf(context), taskId)
    return { resultType: 'complete' }
  })
}

async function readView(runtime: Runtime, caller: Principal, id: string): Promise<RunView> {
  const key = RunKey.safeParse(id)
  if (!key.success) throw unknown(id)
  const { readRun } = await import('../domain/run/read.ts')
  try {
    return await readRun(await runtime.open(), caller, keyNumber(key.data))
  } catch (error) {
    throw error instanceof SpekiError && error.code === 'not_found' ? unknown(id) : error
  }
}

/** Invalid params, as the extension asks for. */
function unknown(id: string): Error {
  return Object.assign(new Error(`There is no task ${id}.`), { code: -32602 })
}

const STATUS = {
  queued: 'working',
  running: 'working',
  // It waits for a person, not for an answer of the client.
  paused: 'working',
  succeeded: 'completed',
  failed: 'completed',
  cancelled: 'cancelled',
} as const

function taskOf({ run, tasks }: RunView) {
  const done = tasks.filter(({ status }) => status === 'done').length
  const message = `${run.id} is ${run.state}: ${done} of ${tasks.length} tasks done${run.reason === undefined ? '' : `. ${run.reason}`}`
  const touched = [
    run.createdAt,
    run.startedAt,
    run.endedAt,
    ...tasks.flatMap(({ attempts }) => attempts.map(({ startedAt }) => startedAt)),
  ]
  return {
    taskId: run.id,
    status: STATUS[run.state],
    statusMessage: message,
    createdAt: new Date(run.createdAt).toISOString(),
    lastUpdatedAt: new Date(Math.max(...touched.filter((at) => at !== undefined))).toISOString(),
    ttlMs: null,
    pollIntervalMs: POLL_MS,
  }
}

/** What the call of `run_start` would have answered, had it waited. */
function resultOf(view: RunView) {
  const { run, tasks } = view
  const { statusMessage } = taskOf(view)
  const next =
    run.state === 'succeeded' ? [`changeset_get change_set="${run.changeSet}"`] : [`Read speki://run/${run.id}/report`]
  return {
    content: [{ type: 'text', text: statusMessage }],
    structuredContent: {
      started: true,
      run: run.id,
      state: run.state,
      change_set: run.changeSet,
      tasks: tasks.length,
      preflight: [],
      next,
    },
  }
}
