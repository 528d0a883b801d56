import { z } from 'zod'
import { type ModelAnswer, type ModelEndpoint, type ModelEvent, startModelEndpoint } from './model-endpoint.ts'
import { parseObject, type Returned, type Step, type Turn, turnAfter } from './scenario.ts'

const Block = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.record(z.string(), z.unknown()).optional(),
  tool_use_id: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).optional(),
})
type Block = z.infer<typeof Block>

const MessagesRequest = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Block)]) })),
  tools: z.array(z.looseObject({ name: z.string(), description: z.string().default('') })).default([]),
})
type MessagesRequest = z.infer<typeof MessagesRequest>

type Action = { readonly use: string; readonly input: Readonly<Record<string, unknown>> } | { readonly say: string }

/** The Messages API of Anthropic with a model that plays `steps` on the tools of MCP server `server`. */
export async function startAnthropicEndpoint(server: string, steps: readonly Step[]): Promise<ModelEndpoint> {
  return await startModelEndpoint((path, body): ModelAnswer | undefined => {
    if (path === '/v1/messages/count_tokens') return { document: { input_tokens: 100 } }
    if (path !== '/v1/messages') return undefined
    const request = MessagesRequest.parse(body)
    // Requests without tools are the client's own errands: a title for the session, a probe of the key.
    if (request.tools.length === 0) return { events: stream(request.model, 0, { say: 'A scripted session' }) }
    const blocks = request.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    const turn = turnAfter(steps, returnedOf(blocks, server))
    const shown = { model: request.model, tools: request.tools.map(({ name, description }) => ({ name, description })) }
    if ('status' in turn) return { request: shown, ...failure(turn.status) }
    if ('broken' in turn) {
      return { request: shown, events: stream(request.model, blocks.length, { say: 'Half a sentence' }), ...turn }
    }
    return { request: shown, events: stream(request.model, blocks.length, act(turn, request, blocks, server)) }
  })
}

/** The error of a status, in the vendor's form. */
function failure(status: number): ModelAnswer {
  const message = `scripted failure ${status}`
  return { status, document: { type: 'error', error: { type: ERRORS[status] ?? 'api_error', message } } }
}

const ERRORS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

/** Pairs of call and result, without the searches for tools that lie between them. */
function returnedOf(blocks: readonly Block[], server: string): readonly Returned[] {
  return blocks.flatMap((block) => {
    if (block.type !== 'tool_result') return []
    const call = blocks.find((other) => other.type === 'tool_use' && other.id === block.tool_use_id)
    if (call?.name === undefined || call.name === SEARCH) return []
    const text = textOf(block.content)
    const tool = OWN[call.name] ?? call.name.replace(`mcp__${server}__`, '')
    return [{ tool, text, output: parseObject(text) }]
  })
}

function textOf(content: Block['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join('\n')
}

/** The client's own tools by the scenario's words for them. */
const OWN: Readonly<Record<string, string>> = { Write: 'write', Bash: 'shell' }

const SEARCH = 'ToolSearch'

/** The turn in this client's words. A tool that is not listed is searched for once, as its name alone is known. */
function act(
  turn: Exclude<Turn, { readonly status: unknown } | { readonly broken: unknown }>,
  request: MessagesRequest,
  blocks: readonly Block[],
  server: string,
): Action {
  if ('say' in turn) return turn
  if ('use' in turn) return turn
  if ('shell' in turn) {
    return { use: 'Bash', input: { command: turn.shell, ...(turn.background && { run_in_background: true }) } }
  }
  const [use, input] =
    'call' in turn
      ? [`mcp__${server}__${turn.call}`, turn.args]
      : ['Write', { file_path: turn.write, content: turn.content }]
  if (request.tools.some(({ name }) => name === use)) return { use, input }
  const query = `select:${use}`
  const searched = blocks.some(({ name, input: asked }) => name === SEARCH && asked?.['query'] === query)
  if (searched || !request.tools.some(({ name }) => name === SEARCH)) return { say: `There is no tool ${use}.` }
  return { use: SEARCH, input: { query, max_results: 1 } }
}

function stream(model: string, position: number, action: Action): readonly ModelEvent[] {
  const [block, delta, reason] =
    'say' in action
      ? [{ type: 'text', text: '' }, { type: 'text_delta', text: action.say }, 'end_turn']
      : [
          { type: 'tool_use', id: `toolu_${position}`, name: action.use, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(action.input) },
          'tool_use',
        ]
  const usage = { input_tokens: 10, output_tokens: 10 }
  const message = { id: `msg_${position}`, type: 'message', role: 'assistant', model, content: [], usage }
  const data: readonly { readonly type: string; readonly [key: string]: unknown }[] = [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 10 } },
    { type: 'message_stop' },
  ]
  return data.map((entry) => ({ event: entry.type, data: entry }))
}
