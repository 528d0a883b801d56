import { z } from 'zod'
import {
  type ModelAnswer,
  type ModelEndpoint,
  type ModelEvent,
  type OfferedTool,
  startModelEndpoint,
} from './model-endpoint.ts'
import { parseObject, type Returned, type Step, type Turn, turnAfter } from './scenario.ts'

const Tool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  tools: z.array(z.looseObject({ name: z.string(), description: z.string().optional() })).optional(),
})
type Tool = z.infer<typeof Tool>

const Item = z.looseObject({
  type: z.string(),
  call_id: z.string().optional(),
  tools: z.array(Tool).optional(),
  output: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).optional(),
})
type Item = z.infer<typeof Item>

const ResponsesRequest = z.object({ model: z.string(), input: z.array(Item), tools: z.array(Tool).default([]) })

/** What the model says: one item of a response, as the wire has it. */
type Action = Readonly<Record<string, unknown>> & { readonly type: string }

/**
 * The Responses API of OpenAI with a model that plays `steps` on the tools of MCP server `server`. It finds out by itself how
 * the client lets a model reach them: as functions of a namespace, after a `tool_search`, or from a script given to `exec`.
 */
export async function startOpenAiEndpoint(server: string, steps: readonly Step[]): Promise<ModelEndpoint> {
  return await startModelEndpoint((path, body): ModelAnswer | undefined => {
    if (path !== '/v1/responses') return undefined
    const request = ResponsesRequest.parse(body)
    const returned = returnedOf(request.input)
    const tools = offeredIn(request.tools, request.input)
    const position = request.input.length
    const turn = turnAfter(steps, returned)
    const shown = { model: request.model, tools }
    if ('status' in turn) return { request: shown, ...failure(turn.status) }
    if ('broken' in turn) return { request: shown, events: stream(position, say('Half a sentence')), ...turn }
    const action = act({ turn, tools, searches: searchesIn(request.input), server, position })
    return { request: shown, events: stream(position, action) }
  })
}

/** The error of a status, in the vendor's form. */
function failure(status: number): ModelAnswer {
  const message = `scripted failure ${status}`
  return { status, document: { error: { message, type: 'invalid_request_error', param: null, code: null } } }
}

/** Ids of calls say what they were for; results carry them back. */
const PLAYED = /^play-\d+-(.+)$/
const SEARCHED = /^search-\d+-(.+)$/

function returnedOf(input: readonly Item[]): readonly Returned[] {
  return input.flatMap((item) => {
    const [, tool] = item.call_id?.match(PLAYED) ?? []
    if (tool === undefined || item.output === undefined) return []
    const text = textOf(item)
    return [{ tool, text, output: parseObject(text) }]
  })
}

function searchesIn(input: readonly Item[]): readonly string[] {
  return input.flatMap(({ call_id: id }) => id?.match(SEARCHED)?.[1] ?? [])
}

/** The output of a call without the client's own heading (time taken, exit code). */
function textOf({ output }: Item): string {
  const text = typeof output === 'string' ? output : (output ?? []).map((part) => part.text?.trimEnd() ?? '').join('\n')
  return text.replace(/^[\s\S]*?^Output:\n/m, '')
}

const Listing = z.array(z.object({ name: z.string(), description: z.string() }))

/** Everything the model may call now: sent with the request, added by the conversation, or found by a search. */
function offeredIn(tools: readonly Tool[], input: readonly Item[]): readonly OfferedTool[] {
  const sent = [...tools, ...input.flatMap((item) => item.tools ?? [])]
  const flat = sent.flatMap(({ type, name = type, description = '', tools: inside }) =>
    inside === undefined
      ? [{ name, description }]
      : inside.map((tool) => ({ name: `${name}__${tool.name}`, description: tool.description ?? '' })),
  )
  const listed = input.flatMap((item) =>
    item.output !== undefined && SEARCHED.test(item.call_id ?? '') ? Listing.parse(JSON.parse(textOf(item))) : [],
  )
  return [...flat, ...listed]
}

interface Situation {
  readonly turn: Exclude<Turn, { readonly status: unknown } | { readonly broken: unknown }>
  readonly tools: readonly OfferedTool[]
  /** Full names of the tools that were searched for already. */
  readonly searches: readonly string[]
  readonly server: string
  /** Unique within the conversation. */
  readonly position: number
}

/** The turn in this client's words. A tool that is not offered is searched for once. */
function act({ turn, tools, searches, server, position }: Situation): Action {
  const offers = (name: string) => tools.some((tool) => tool.name === name)
  const codeMode = offers(`${CODE}__exec`)
  if ('say' in turn) return say(turn.say)
  if ('use' in turn && typeof turn.input['freeform'] === 'string')
    return freeform(`play-${position}-${turn.use}`, turn.use, turn.input['freeform'], codeMode)
  if ('use' in turn) return callFunction(`play-${position}-${turn.use}`, { name: turn.use }, turn.input)
  if ('shell' in turn) return callFunction(`play-${position}-shell`, { name: 'exec_command' }, { cmd: turn.shell })
  if ('write' in turn) {
    const id = `play-${position}-write`
    const args = { cmd: shellWrite(turn.write, turn.content) }
    return codeMode
      ? script(id, `text((await tools.exec_command(${JSON.stringify(args)})).output)`)
      : callFunction(id, { name: 'exec_command' }, args)
  }
  const name = `mcp__${server}__${turn.call}`
  if (!offers(name)) {
    const id = `search-${position}-${name}`
    if (searches.includes(name)) return say(`There is no tool ${name}.`)
    if (codeMode) return script(id, `text(ALL_TOOLS.filter((tool) => tool.name === ${JSON.stringify(name)}))`)
    if (!offers('tool_search')) return say(`There is no tool ${name}.`)
    const query = `${server} ${turn.call.replaceAll('_', ' ')}`
    return { type: 'tool_search_call', call_id: id, status: 'completed', execution: 'client', arguments: { query } }
  }
  const id = `play-${position}-${turn.call}`
  if (!codeMode) return callFunction(id, { namespace: `mcp__${server}`, name: turn.call }, turn.args)
  // What a model would write: take the structured answer, look at the text where the call failed.
  const lines = [
    `const result = await tools.${name}(${JSON.stringify(turn.args)})`,
    "text(result.isError ? result.content.map((block) => block.text).join('\\n') : result.structuredContent)",
  ]
  return script(id, lines.join('\n'))
}

/** Namespace of the tool that takes scripts. */
const CODE = 'functions'

function script(id: string, input: string): Action {
  return freeform(id, 'exec', input, true)
}

/** A call of a tool that takes text as it is, not JSON. */
function freeform(id: string, name: string, input: string, codeMode: boolean): Action {
  const namespace = codeMode ? { namespace: CODE } : {}
  return { type: 'custom_tool_call', call_id: id, status: 'completed', ...namespace, name, input }
}

function callFunction(
  id: string,
  target: { readonly name: string; readonly namespace?: string },
  args: Readonly<Record<string, unknown>>,
): Action {
  return { type: 'function_call', call_id: id, ...target, arguments: JSON.stringify(args) }
}

function shellWrite(path: string, content: string): string {
  return `set -o noclobber; printf %s ${quote(content)} > ${quote(path)} && echo written`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function say(text: string): Action {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }
}

function stream(position: number, action: Action): readonly ModelEvent[] {
  const id = `resp_${position}`
  const usage = { input_tokens: 10, output_tokens: 10, total_tokens: 20 }
  const data: readonly { readonly type: string; readonly [key: string]: unknown }[] = [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', output_index: 0, item: { id: `item_${position}`, ...action } },
    { type: 'response.completed', response: { id, usage } },
  ]
  return data.map((entry) => ({ event: entry.type, data: entry }))
}
