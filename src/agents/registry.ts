import { SpekiError } from '../errors.ts'
import { createAcpAgent } from './acp.ts'
import type { Agent } from './agent.ts'
import { createClaudeAgent } from './claude.ts'
import { createCodexAgent } from './codex.ts'
import { createCommandAgent } from './command.ts'

/** The agent of that name; `command` is its program and arguments, empty for the program's usual name. */
export function createAgent(name: string, command: readonly string[]): Agent {
  if (name === 'claude') return createClaudeAgent(command[0] ?? 'claude')
  if (name === 'codex') return createCodexAgent(command[0] ?? 'codex')
  if (name === 'command' && command.length > 0) return createCommandAgent(command)
  if (name === 'acp' && command.length > 0) return createAcpAgent(command)
  const lacking = name === 'command' || name === 'acp' ? ' without its command' : ''
  throw new SpekiError('invalid_input', `There is no agent "${name}"${lacking}.`, {
    hint: 'Known: claude, codex; acp and command, with command=["program", "argument"].',
  })
}
