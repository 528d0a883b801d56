import type { AgentEvent } from '../../../schemas/agent.ts'

/** The same call so often in a row, failing each time, is a loop. */
const REPEATS = 6

/** Watches a session for an agent that repeats itself. */
export function createLoopWatch(): { sees(event: AgentEvent): boolean } {
  const inputs = new Map<string, string>()
  let last = ''
  let repeats = 0
  return {
    sees(event) {
      if (event.type === 'tool_start') inputs.set(event.id, `${event.tool} ${event.input}`)
      if (event.type !== 'tool_end') return false
      const call = inputs.get(event.id) ?? ''
      inputs.delete(event.id)
      repeats = event.failed && call === last ? repeats + 1 : event.failed ? 1 : 0
      last = call
      return repeats >= REPEATS
    },
  }
}
