import { type CallToolResult, ProtocolError, ProtocolErrorCode, type ServerContext } from '@modelcontextprotocol/server'
import type { Principal } from '../../schemas/actor.ts'
import { SpekiError } from '../errors.ts'
import { logFailure } from '../log.ts'
import { callOperation, unknownOperation } from '../operations/call.ts'
import { describeFailure } from '../operations/failure.ts'
import { operations } from '../operations/index.ts'
import type { Runtime } from '../operations/runtime.ts'
import { excerpt, MAX_ANSWER } from '../operations/text.ts'
import { wordAsCall } from '../step.ts'
import { listedTools } from './listed-tools.ts'
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

/** As the protocol asks, an error of the request, not of a tool. */
export function unknownTool(name: string): ProtocolError {
  const error = listedTools.some((tool) => tool.name === name)
    ? new SpekiError('not_found', `${name} is not among the tools of this connection. Nothing was changed.`, {
        hint: 'Its server was started with --toolsets or --read-only; a person starts it without.',
      })
    : unknownOperation(name, operations)
  return new ProtocolError(ProtocolErrorCode.InvalidParams, describeFailure(error, name))
}
