import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import type { Principal } from '../../schemas/actor.ts'
import { logFailure } from '../log.ts'
import { callOperation } from '../operations/call.ts'
import { describeFailure } from '../operations/failure.ts'
import type { Runtime } from '../operations/runtime.ts'
import { excerpt, MAX_ANSWER } from '../operations/text.ts'
import { wordAsCall } from '../step.ts'
import { takesTasks, taskOfRun } from './run-tasks.ts'

/** Carries out one call and puts into the protocol's words what came of it. Loaded with the first call, not with the server. */
export async function callTool(
  runtime: Runtime,
  tool: string,
  args: unknown,
  callerOf: () => Principal,
  context: ServerContext,
): Promise<CallToolResult> {
  try {
    const caller = callerOf()
    const { output, summary, begun } = await callOperation(runtime, tool, args, {
      caller,
      progress: progressOf(context),
      word: wordAsCall,
      signal: context.mcpReq.signal,
    })
    const answer: CallToolResult = {
      content: [{ type: 'text', text: excerpt(summary, MAX_ANSWER) }],
      structuredContent: output,
    }
    return begun !== undefined && takesTasks(context)
      ? { ...answer, ...(await taskOfRun(runtime, caller, begun)) }
      : answer
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: describeFailure(error, tool) }] }
  }
}

function progressOf(context: ServerContext): (message: string) => void {
  const token = context.mcpReq._meta?.progressToken
  if (token === undefined) return () => {}
  let progress = 0
  return (message) => {
    progress += 1
    context.mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken: token, progress, message } })
      // Where the client has gone, its cancellation arrives by the signal.
      .catch(logFailure('progress.notify'))
  }
}
