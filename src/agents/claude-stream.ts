import { z } from 'zod'
import type { AgentEvent, AgentUsage } from '../../schemas/agent.ts'
import type { Json } from './json-line.ts'

const text = z.string().catch('')
const count = z.int().min(0).optional().catch(undefined)

const Usage = z
  .object({
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation_input_tokens: count,
  })
  .catch({})
type Usage = z.infer<typeof Usage>

const Block = z.object({
  type: z.string(),
  text: text,
  id: text,
  name: text,
  input: z.unknown().optional(),
  tool_use_id: text,
  is_error: z.boolean().catch(false),
  content: z.unknown().optional(),
})
const Content = z.union([z.string().transform(() => []), z.array(Block)]).catch([])
const Message = z
  .object({ id: text, model: text, content: Content, usage: Usage })
  .catch({ id: '', model: '', content: [], usage: {} })

const Result = z.object({
  subtype: text,
  is_error: z.boolean().catch(false),
  terminal_reason: z.string().optional().catch(undefined),
  api_error_status: z.int().optional().catch(undefined),
  result: text,
  errors: z.array(z.string()).catch([]),
  structured_output: z.record(z.string(), z.unknown().optional()).optional().catch(undefined),
  total_cost_usd: z.number().min(0).optional().catch(undefined),
  num_turns: count,
  permission_denials: z
    .array(z.object({ tool_name: text, tool_use_id: text, tool_input: z.unknown().optional() }))
    .catch([]),
})
export type ClaudeResult = z.infer<typeof Result>

/** The model that speaks where the client itself has something to say. */
const SYNTHETIC = '<synthetic>'

/** Reads the stream of one run (`--output-format stream-json --verbose`). */
export function createClaudeStream(guardSays: RegExp) {
  const usages = new Map<string, Usage>()
  const tools = new Map<string, string>()
  const denied = new Set<string>()
  let result: ClaudeResult | undefined

  const deny = (id: string, tool: string, reason: string): AgentEvent[] => {
    if (id !== '' && denied.has(id)) return []
    denied.add(id)
    return [{ type: 'denial', id, tool, reason }]
  }

  const assistant = (object: Json): AgentEvent[] => {
    const { id, model, content, usage } = Message.parse(object['message'])
    if (model === SYNTHETIC) {
      const status = z.int().optional().catch(undefined).parse(object['api_error_status'])
      const message = content.map((block) => block.text).join('\n')
      return [{ type: 'error', message, retryable: true, ...(status !== undefined && { status }) }]
    }
    const events = content.flatMap((block): AgentEvent[] => {
      if (block.type === 'text') return [{ type: 'text', text: block.text }]
      if (block.type !== 'tool_use') return [{ type: 'other', kind: `assistant ${block.type}` }]
      tools.set(block.id, block.name)
      return [{ type: 'tool_start', id: block.id, tool: block.name, input: JSON.stringify(block.input) ?? '' }]
    })
    // A message comes in as many parts as it has blocks, each with what was used so far.
    usages.set(id, usage)
    return [...events, { type: 'usage', usage: sum(usages) }]
  }

  const user = (object: Json): AgentEvent[] =>
    Message.parse(object['message']).content.flatMap((block): AgentEvent[] => {
      if (block.type !== 'tool_result') return [{ type: 'other', kind: `user ${block.type}` }]
      const tool = tools.get(block.tool_use_id) ?? ''
      const text = contentText(block.content)
      const refused = block.is_error && guardSays.test(text)
      const end: AgentEvent = { type: 'tool_end', id: block.tool_use_id, failed: block.is_error }
      if (refused) return [end, ...deny(block.tool_use_id, tool, text)]
      const path = block.is_error ? undefined : changedPath(object['tool_use_result'])
      return path === undefined || !EDITING.has(tool) ? [end] : [end, { type: 'file_change', path }]
    })

  const system = (object: Json): AgentEvent[] => {
    const subtype = text.parse(object['subtype'])
    if (subtype === 'init') {
      const version = z.string().optional().catch(undefined).parse(object['claude_code_version'])
      return [{ type: 'session', session: text.parse(object['session_id']), ...(version !== undefined && { version }) }]
    }
    if (subtype === 'permission_denied') {
      const id = text.parse(object['tool_use_id'])
      return deny(id, text.parse(object['tool_name']), text.parse(object['message']))
    }
    if (subtype === 'api_retry') {
      const status = z.int().optional().catch(undefined).parse(object['error_status'])
      const message = text.parse(object['error'])
      return [{ type: 'error', message, retryable: true, ...(status !== undefined && { status }) }]
    }
    return [{ type: 'other', kind: `system ${subtype}` }]
  }

  const last = (object: Json): AgentEvent[] => {
    result = Result.parse(object)
    const denials = result.permission_denials.flatMap(({ tool_use_id: id, tool_name: tool, tool_input: input }) =>
      deny(id, tool, JSON.stringify(input) ?? ''),
    )
    const usage: AgentUsage = {
      ...sum(usages),
      ...(result.total_cost_usd !== undefined && { costUsd: result.total_cost_usd }),
    }
    return [...denials, { type: 'usage', usage }]
  }

  return {
    read(object: Json): readonly AgentEvent[] {
      const { type } = object
      if (type === 'assistant') return assistant(object)
      if (type === 'user') return user(object)
      if (type === 'system') return system(object)
      if (type === 'result') return last(object)
      return [{ type: 'other', kind: String(type) }]
    },
    result: () => result,
  }
}

const EDITING = new Set(['Edit', 'MultiEdit', 'Write', 'NotebookEdit'])

const Changed = z.object({ filePath: z.string() })

function changedPath(result: unknown): string | undefined {
  return Changed.safeParse(result).data?.filePath
}

function contentText(content: unknown): string {
  return typeof content === 'string' ? content : (JSON.stringify(content) ?? '')
}

function sum(usages: ReadonlyMap<string, Usage>): AgentUsage {
  const all = [...usages.values()]
  const total = (read: (usage: Usage) => number | undefined) => all.reduce((so, usage) => so + (read(usage) ?? 0), 0)
  const cached = total((usage) => usage.cache_read_input_tokens)
  return {
    turns: all.length,
    inputTokens: total((usage) => usage.input_tokens) + total((usage) => usage.cache_creation_input_tokens) + cached,
    cachedTokens: cached,
    outputTokens: total((usage) => usage.output_tokens),
  }
}
