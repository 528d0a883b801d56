import type { CodeHost } from '../../connectors/connector.ts'
import type { RunOptions } from '../../schemas/run.ts'
import type { Agent, AgentServer } from '../agents/agent.ts'
import type { Service } from '../domain/service.ts'

/** What execution has at hand. */
export interface ExecutionContext {
  readonly service: Service
  /** Where worktrees, checkpoints and evidence lie; absolute, outside every repository. */
  readonly folder: string
  /** The agent that the options name. */
  createAgent(options: Pick<RunOptions, 'agent' | 'command'>): Agent
  /** Values of the variables of those names that are set here: what an agent's own account needs. */
  variables(names: readonly string[]): Readonly<Record<string, string>>
  /** Who keeps the pull requests of a remote; undefined where nobody does. */
  codeHostOf(remote: string): Promise<CodeHost | undefined>
  /** What in the settings of a client, by its name, keeps it from writing in worktrees of ours; undefined where nothing is known to. */
  keptOut?(client: string): Promise<string | undefined>
  /** Places of ours: what agents and checks never see, and what they need to see. */
  readonly ownPlaces: { readonly hidden: readonly string[]; readonly readable: readonly string[] }
  /** Our own MCP server, as an agent gets it: to look things up, not to change them. */
  readonly server: AgentServer
}
