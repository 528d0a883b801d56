import { z } from 'zod'
import type { AgentEvent, AgentUsage } from '../../schemas/agent.ts'
import type { Json } from './json-line.ts'

const text = z.string().catch('')

const Location = z.object({ path: z.string() })
const Part = z.object({ type: text, path: z.string().optional().catch(undefined) })
const Call = z.object({
  toolCallId: text,
  name: z.string().nullish().catch(undefined),
  title: z.string().nullish().catch(undefined),
  kind: z.string().nullish().catch(undefined),
  status: z.string().nullish().catch(undefined),
  locations: z.array(Location).nullish().catch(undefined),
  content: z.array(Part).nullish().catch(undefined),
  rawInput: z.unknown().optional(),
})
const Update = z.object({ sessionUpdate: text })
const Chunk = z.object({ content: z.object({ text }), messageId: z.string().nullish().catch(undefined) })
const Cost = z.object({ cost: z.object({ amount: z.number().min(0), currency: z.literal('USD') }) })

/** A use of a tool, as far as it was told: updates tell only what changed. */
export interface AcpCall {
  readonly id: string
  readonly tool: string
  readonly kind: string
  readonly input: Json
  /** Files it says it works on, and those whose change it shows. */
  readonly paths: readonly string[]
  readonly changed: readonly string[]
}

/** Characters of one message that are put together. */
const MESSAGE = 1_000_000
const EDITING = new Set(['edit', 'delete', 'move'])

/** Reads the updates of a session (`session/update`). */
export function createAcpStream() {
  const calls = new Map<string, z.infer<typeof Call>>()
  const begun = new Set<string>()
  const ended = new Set<string>()
  let live = false
  let said = ''
  let message: string | null | undefined
  let usage: AgentUsage = {}

  const flush = (): AgentEvent[] => {
    const whole = said
    said = ''
    return whole === '' ? [] : [{ type: 'text', text: whole }]
  }

  const chunk = (update: unknown): AgentEvent[] => {
    const part = Chunk.safeParse(update).data
    if (part === undefined) return [{ type: 'other', kind: 'agent_message_chunk' }]
    const before = part.messageId === message ? [] : flush()
    message = part.messageId
    if (said.length < MESSAGE) said += part.content.text
    return before
  }

  /** Takes in what is told of a call, over what was told before. */
  const learn = (told: unknown): z.infer<typeof Call> => {
    const now = Call.parse(told)
    const before = calls.get(now.toolCallId)
    const known = Object.entries(now).filter(([, value]) => value !== undefined && value !== null)
    const call = {
      ...(before ?? now),
      ...Object.fromEntries(known),
      // A result takes the place of a shown change: what was to be changed once stays known.
      locations: [...(before?.locations ?? []), ...(now.locations ?? [])],
      content: [...(before?.content ?? []), ...(now.content ?? []).filter(({ type }) => type === 'diff')],
    }
    calls.set(now.toolCallId, call)
    return call
  }

  const start = (call: z.infer<typeof Call>): AgentEvent[] => {
    const { id, tool, input } = describe(call)
    if (begun.has(id)) return []
    begun.add(id)
    // Each call is one more answer of the model: the protocol counts no turns.
    usage = { ...usage, turns: (usage.turns ?? 0) + 1 }
    return [
      { type: 'tool_start', id, tool, input: shownInput(input) ?? call.title ?? '' },
      { type: 'usage', usage },
    ]
  }

  const tool = (update: unknown): AgentEvent[] => {
    const call = learn(update)
    const { id, changed, input } = describe(call)
    // Some tell of a call while the model still writes what it is about.
    const vague = (call.status ?? 'pending') === 'pending' && Object.keys(input).length === 0
    const started = vague ? [] : start(call)
    if (ended.has(id) || (call.status !== 'completed' && call.status !== 'failed')) return started
    ended.add(id)
    const failed = call.status === 'failed'
    const files = failed || !EDITING.has(call.kind ?? '') ? [] : changed
    return [
      ...started,
      { type: 'tool_end', id, failed },
      ...files.map((path): AgentEvent => ({ type: 'file_change', path })),
    ]
  }

  return {
    read(update: unknown): readonly AgentEvent[] {
      const kind = Update.safeParse(update).data?.sessionUpdate ?? 'update'
      // A session that is loaded is told again from its beginning.
      if (!live) return [{ type: 'other', kind: `${kind} before the prompt` }]
      if (kind === 'agent_message_chunk') return chunk(update)
      if (kind === 'tool_call' || kind === 'tool_call_update') return [...flush(), ...tool(update)]
      const cost = kind === 'usage_update' ? Cost.safeParse(update).data?.cost.amount : undefined
      if (cost === undefined) return [...flush(), { type: 'other', kind }]
      usage = { ...usage, costUsd: cost }
      return [{ type: 'usage', usage }]
    },
    /** From now on it is this message's work. */
    begin() {
      live = true
    },
    /** What a question about a call means, with what was told of it before; some ask before they tell. */
    asked(question: { readonly toolCallId: string }): {
      readonly call: AcpCall
      readonly events: readonly AgentEvent[]
    } {
      const call = learn(question)
      return { call: describe(call), events: [...flush(), ...start(call)] }
    },
    /** The last words, where they had no end; and what was used: the answer that ends it is one turn more. */
    end: (told: unknown): readonly AgentEvent[] => [
      ...flush(),
      { type: 'usage', usage: { ...usage, ...tokensIn(told), turns: (usage.turns ?? 0) + 1 } },
    ],
    flush,
  }
}
export type AcpStream = ReturnType<typeof createAcpStream>

/** A command alone where there is one: what stands beside it differs from call to call. */
function shownInput(input: Json): string | undefined {
  const { command } = input
  if (typeof command === 'string') return command
  if (Array.isArray(command)) return command.join(' ')
  return Object.keys(input).length === 0 ? undefined : JSON.stringify(input)
}

const count = z.int().min(0)
const Tokens = z.object({
  inputTokens: count,
  outputTokens: count,
  cachedReadTokens: count.nullish(),
  cachedWriteTokens: count.nullish(),
})

/** Not of the stable protocol yet, but told by some. */
function tokensIn(told: unknown): AgentUsage {
  const tokens = Tokens.safeParse(told).data
  if (tokens === undefined) return {}
  const cachedTokens = tokens.cachedReadTokens ?? 0
  const inputTokens = tokens.inputTokens + cachedTokens + (tokens.cachedWriteTokens ?? 0)
  return { inputTokens, cachedTokens, outputTokens: tokens.outputTokens }
}

function describe(call: z.infer<typeof Call>): AcpCall {
  const kind = call.kind ?? 'other'
  const changed = [...new Set((call.content ?? []).flatMap(({ path }) => path ?? []))]
  const input = z.record(z.string(), z.unknown()).safeParse(call.rawInput).data ?? {}
  const paths = [...new Set([...(call.locations ?? []).map(({ path }) => path), ...changed])]
  return { id: call.toolCallId, tool: call.name ?? kind, kind, input, paths, changed }
}
