import type { AgentEvent, AgentUsage } from '../../schemas/agent.ts'
import type { Cleaner } from './evidence.ts'

/** Characters of one text that are handed on. */
const TEXT = 100_000
/** Characters of a tool's input, as the schema promises. */
const INPUT = 2000

/** What is known of a session from its events. */
export interface SessionRecord {
  /** Takes one event in, hands it on without secrets. */
  add(event: AgentEvent): void
  readonly session: () => string | undefined
  readonly lastMessage: () => string
  readonly usage: () => AgentUsage
  readonly denials: () => readonly string[]
  /** Whether the last thing the model tried was refused: nothing worked after it. */
  readonly gaveUp: () => boolean
  readonly error: () => Extract<AgentEvent, { readonly type: 'error' }> | undefined
}

export function createRecord(clean: Cleaner, onEvent: (event: AgentEvent) => void): SessionRecord {
  let session: string | undefined
  let lastMessage = ''
  let usage: AgentUsage = {}
  let error: Extract<AgentEvent, { readonly type: 'error' }> | undefined
  let gaveUp = false
  let lastCall = ''
  const denials: string[] = []
  const take = (event: AgentEvent) => {
    if (event.type === 'session') session = event.session
    else if (event.type === 'text') lastMessage = event.text
    else if (event.type === 'usage') usage = { ...usage, ...event.usage }
    else if (event.type === 'error') error = event
    else if (event.type === 'tool_start') lastCall = event.id
    else if (event.type === 'file_change' || (event.type === 'tool_end' && !event.failed)) gaveUp = false
    else if (event.type === 'denial') {
      // Some clients tell of refusals only at their end.
      gaveUp ||= event.id === undefined || event.id === lastCall
      denials.push(`${event.tool}: ${event.reason}`)
    }
  }
  return {
    add(event) {
      const cleaned = cleanEvent(event, clean)
      take(cleaned)
      onEvent(cleaned)
    },
    session: () => session,
    lastMessage: () => lastMessage,
    usage: () => usage,
    denials: () => denials,
    gaveUp: () => gaveUp,
    error: () => error,
  }
}

function cleanEvent(event: AgentEvent, clean: Cleaner): AgentEvent {
  // Cleaned before it is cut: half of a secret is not recognised any more.
  const short = (text: string, most: number) => clean(text).slice(0, most)
  switch (event.type) {
    case 'text':
      return { ...event, text: short(event.text, TEXT) }
    case 'tool_start':
      return { ...event, input: short(event.input, INPUT).slice(0, INPUT) }
    case 'denial':
      return { ...event, reason: short(event.reason, INPUT) }
    case 'error':
      return { ...event, message: short(event.message, INPUT) }
    default:
      return event
  }
}
