import type { ClientPlaces, Config } from '../config.ts'
import type { Client } from './client.ts'
import { writesInWorktrees } from './clients.ts'

/** By the names that clients give themselves over MCP. */
const CLIENTS: readonly (readonly [RegExp, Client, string])[] = [
  [/^claude/i, 'claude', 'Claude Code'],
  [/^codex/i, 'codex', 'Codex'],
]

/**
 * A sentence where the settings of a client say that it may not write in worktrees of ours. What was given on its command line
 * is not seen here, so it is a word of caution and no refusal.
 */
export async function keptOut(
  name: string,
  config: Pick<Config, 'project'>,
  places: ClientPlaces,
): Promise<string | undefined> {
  const found = CLIENTS.find(([pattern]) => pattern.test(name))
  if (found === undefined) return undefined
  const [, client, label] = found
  if ((await writesInWorktrees(client, config, places)) !== false) return undefined
  return `The settings of ${label} let it write in its own folder alone, not in ${places.attempts}. Where writing fails there, ask for: speki init --client ${client}; or give the task back and claim it without a worktree.`
}
