import { realpath } from 'node:fs/promises'
import { readTrace } from '../../git/git-trace.ts'
import {
  mayHaveMade,
  putBack,
  readSharedState,
  type SharedChange,
  type SharedState,
  sharedChanges,
} from '../../git/shared-state.ts'
import { log } from '../../log.ts'

/** Something of a person's repository that an agent changed, and whether it is as it was again. */
export interface AgentChange extends SharedChange {
  readonly restored: boolean
}

/** What names who commits, and no more. */
const HARMLESS = /^setting user\.(?:name|email)$/

/**
 * An agent works in a repository of its own, but knows how to reach the one it comes from. What its git commands changed there
 * is put back, thing by thing, where it still is as they left it. All other changes are a person's, or another program's, and
 * stay. Resolves with what was no harmless change of the agent.
 */
export async function undoAgentChanges(
  root: string,
  before: SharedState,
  trace: string,
  signal: AbortSignal,
): Promise<readonly AgentChange[]> {
  const now = await readSharedState(root, signal)
  const changes = sharedChanges(before, now)
  if (changes.length === 0) return []
  const real = await realpath(root)
  const commands = (await readTrace(trace)).filter(({ worktree }) => worktree === real)
  const heads = [before.get('HEAD') ?? '', now.get('HEAD') ?? '']
  const found: AgentChange[] = []
  // What was on top of the stash is put back last.
  for (const change of changes.toReversed()) {
    const isAgents = commands.some(({ argv }) => mayHaveMade(argv, change, heads))
    const restored = isAgents && (await putBack(root, change, signal))
    log(isAgents ? 'warn' : 'info', 'repository.changed', { root, name: change.name, agent: isAgents, restored })
    if (isAgents && !HARMLESS.test(change.name)) found.push({ ...change, restored })
  }
  return found
}
