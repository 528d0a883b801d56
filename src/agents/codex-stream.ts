import { z } from 'zod'
import type { AgentEvent, AgentUsage } from '../../schemas/agent.ts'
import type { Json } from './json-line.ts'

const text = z.string().catch('')
const count = z.int().min(0).optional().catch(undefined)

const Item = z
  .object({
    id: text,
    type: text,
    text: text,
    command: text,
    exit_code: z.int().nullish().catch(undefined),
    status: text,
    server: text,
    tool: text,
    arguments: z.unknown().optional(),
    message: text,
    changes: z.array(z.object({ path: z.string() })).catch([]),
  })
  .catch({
    id: '',
    type: '',
    text: '',
    command: '',
    exit_code: undefined,
    status: '',
    server: '',
    tool: '',
    arguments: undefined,
    message: '',
    changes: [],
  })
type Item = z.infer<typeof Item>

const Usage = z
  .object({ input_tokens: count, cached_input_tokens: count, output_tokens: count, reasoning_output_tokens: count })
  .catch({})

/** The last word of a stream. */
export type CodexResult = { readonly ended: true } | { readonly ended: false; readonly message: string }

const RUNNING = new Set(['command_execution', 'mcp_tool_call', 'file_change', 'web_search'])

/** Reads the stream of one run (`codex exec --json`). */
export function createCodexStream() {
  let result: CodexResult | undefined
  let usage: AgentUsage = {}
  let turns = 0
  let lastError = ''

  const started = (item: Item): AgentEvent[] => {
    if (!RUNNING.has(item.type)) return [{ type: 'other', kind: `item ${item.type}` }]
    // Each call is one more answer of the model: Codex counts its turns nowhere.
    turns += 1
    const tool = item.type === 'mcp_tool_call' ? `mcp__${item.server}__${item.tool}` : item.type
    const input = item.command || JSON.stringify(item.arguments ?? item.changes)
    return [
      { type: 'tool_start', id: item.id, tool, input },
      { type: 'usage', usage: { ...usage, turns } },
    ]
  }

  const completed = (item: Item): AgentEvent[] => {
    if (item.type === 'agent_message') return [{ type: 'text', text: item.text }]
    if (item.type === 'error') return [{ type: 'error', message: item.message, retryable: true }]
    if (!RUNNING.has(item.type)) return [{ type: 'other', kind: `item ${item.type}` }]
    const failed = item.status === 'failed' || item.status === 'declined' || (item.exit_code ?? 0) !== 0
    const end: AgentEvent = {
      type: 'tool_end',
      id: item.id,
      failed,
      ...(typeof item.exit_code === 'number' && { exitCode: item.exit_code }),
    }
    if (item.status === 'declined') return [end, { type: 'denial', id: item.id, tool: item.type, reason: 'declined' }]
    return [end, ...(failed ? [] : item.changes.map(({ path }): AgentEvent => ({ type: 'file_change', path })))]
  }

  return {
    read(object: Json): readonly AgentEvent[] {
      const { type } = object
      if (type === 'thread.started') return [{ type: 'session', session: text.parse(object['thread_id']) }]
      if (type === 'item.started') return started(Item.parse(object['item']))
      if (type === 'item.completed') return completed(Item.parse(object['item']))
      if (type === 'error') {
        lastError = text.parse(object['message'])
        return [{ type: 'error', message: lastError, retryable: true }]
      }
      if (type === 'turn.failed') {
        const { message } = z.object({ message: text }).catch({ message: lastError }).parse(object['error'])
        result = { ended: false, message }
        return [{ type: 'error', message, retryable: false }]
      }
      if (type !== 'turn.completed') return [{ type: 'other', kind: String(type) }]
      result = { ended: true }
      const told = Usage.parse(object['usage'])
      usage = {
        turns: turns + 1,
        ...(told.input_tokens !== undefined && { inputTokens: told.input_tokens }),
        ...(told.cached_input_tokens !== undefined && { cachedTokens: told.cached_input_tokens }),
        ...(told.output_tokens !== undefined && { outputTokens: told.output_tokens }),
      }
      return [{ type: 'usage', usage }]
    },
    result: () => result,
  }
}
