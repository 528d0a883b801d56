import { realpath } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { readTrace, type TracedCommand } from '../../git/git-trace.ts'
import { commonDirOf } from '../../git/locate.ts'
import { mayHaveMade } from '../../git/may-have-made.ts'
import {
  putBack,
  putBackStash,
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
  const commands = (await readTrace(trace)).filter(await createReach(root, before, now, signal))
  const heads = [before.get('HEAD') ?? '', now.get('HEAD') ?? '']
  const agents = changes.filter((change) => commands.some(({ argv }) => mayHaveMade(argv, change, heads)))
  const stash = agents.filter(({ name }) => name.startsWith('stash '))
  const stashed = stash.length > 0 && (await putBackStash(root, before, stash, signal))
  const found: AgentChange[] = []
  for (const change of changes) {
    const isAgents = agents.includes(change)
    const restored = isAgents && (stash.includes(change) ? stashed : await putBack(root, change, signal))
    log(isAgents ? 'warn' : 'info', 'repository.changed', { root, name: change.name, agent: isAgents, restored })
    if (isAgents && !HARMLESS.test(change.name)) found.push({ ...change, restored })
  }
  return found
}

/** Tells commands that may have worked on the repository at `root`, from whichever of its worktrees or however it was named. */
async function createReach(
  root: string,
  before: SharedState,
  now: SharedState,
  signal: AbortSignal,
): Promise<(command: TracedCommand) => boolean> {
  const common = await commonDirOf(root, signal)
  const listed = [...before.keys(), ...now.keys()].flatMap((name) =>
    name.startsWith('worktree ') ? name.slice(9) : [],
  )
  const places = [...new Set([root, await realpath(root), common, ...listed])]
  const isThere = (path: string) => places.some((place) => path === place || path.startsWith(`${place}/`))
  return ({ worktree, gitDir, argv }) => {
    const folder = gitDir !== undefined && worktree !== undefined ? resolve(worktree, gitDir) : gitDir
    if (worktree === undefined && (folder === undefined || !isAbsolute(folder))) return true
    if (folder !== undefined && isThere(folder)) return true
    return (
      (worktree !== undefined && isThere(worktree)) || argv.some((word) => places.some((place) => word.includes(place)))
    )
  }
}
