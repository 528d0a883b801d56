import { AgentEvent } from '../../schemas/agent.ts'
import type { Agent } from './agent.ts'
import { lookFor } from './look-at-program.ts'
import { runSession } from './session.ts'

/** Characters of what it said that count as its last words: an answer stands at the end. */
const LAST_WORDS = 20_000

/**
 * Any program as an agent: it reads the task on stdin and works in the worktree, its working folder. The model of the run, if
 * there is one, is in SPEKI_MODEL. A line it prints that is one of our events (JSON) counts as that; everything else it says is text.
 */
export function createCommandAgent(command: readonly string[]): Agent {
  const [file = '', ...args] = command
  const look = async () => ({
    ...(await lookFor(file, [], `${file} cannot be started: name a program that is installed, or its whole path.`)),
    // Of an interpreter it would not be the agent's.
    version: undefined,
  })
  return {
    name: 'command',
    look,
    // It need not know --version, and whatever it is started with, it may begin to work.
    probe: look,
    run: async (job, onEvent, signal) => {
      const lines: string[] = []
      return await runSession(
        job,
        {
          file,
          args,
          environment: job.model === undefined ? {} : { SPEKI_MODEL: job.model },
          input: job.prompt,
          read(object) {
            const event = AgentEvent.safeParse(object)
            return event.success ? [event.data] : readText(JSON.stringify(object))
          },
          readText,
          finish: async () => [{ type: 'text', text: lines.join('\n').slice(-LAST_WORDS) }],
          verdict: () => undefined,
          exited: (code, printed) =>
            code === 0
              ? { outcome: 'ended', detail: '' }
              : { outcome: 'crashed', detail: `It ended with exit code ${code}. ${printed}`.trim() },
        },
        onEvent,
        signal,
      )

      function readText(line: string): readonly AgentEvent[] {
        lines.push(line)
        return [{ type: 'text', text: line }]
      }
    },
  }
}
