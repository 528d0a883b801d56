import { randomUUID } from 'node:crypto'
import { McpServer, type McpServerFactory, type ServerContext, type Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../../schemas/actor.ts'
import { agentPrincipal } from '../domain/access/principals.ts'
import { connectionSession, loneSession, type Session } from '../domain/access/session.ts'
import { SpekiError } from '../errors.ts'
import { logFailure } from '../log.ts'
import type { Runtime } from '../operations/runtime.ts'
import { hintsOf } from './hints.ts'
import { type ListedTool, listedTools } from './listed-tools.ts'
import { registerPrompts } from './prompts/index.ts'
import { registerResources } from './resources/index.ts'
import { registerTasks, TASKS_EXTENSION } from './run-tasks.ts'

/** At most this often a call writes for this alone: it renews the leases of its session. */
const RENEW_EVERY_MS = 60_000

const INSTRUCTIONS =
  'SPEKI keeps PRDs, plans and tasks across repositories. Begin with speki_status. Loop: task_claim → work in the given worktree → task_validate → task_complete. ' +
  'New work: repository_register, prd_create, plan_draft, plan_submit. Every answer names the next call in "next"; an error says what to do.'

export interface ServerOptions {
  readonly runtime: Runtime
  readonly tools: readonly ListedTool[]
  /** Its clients may look and not change, whatever tool they ask for. */
  readonly readOnly: boolean
  /** Set for a connection that lives (stdio): its calls renew its leases. */
  readonly session?: Session
}

/** One server an MCP connection, or an HTTP request; the same for every protocol revision. */
export function serverFactory({ runtime, tools, readOnly, session }: ServerOptions): McpServerFactory {
  const listed = tools.map(listingOf)
  const runs = tools.some(({ name }) => name === 'run_start')
  let renewedAt = 0
  /** Beside the call, which must not wait for other writers where it only reads. */
  function renew(caller: Principal): void {
    void (async () => {
      const service = await runtime.open()
      if (service.now() - renewedAt < RENEW_EVERY_MS) return
      renewedAt = service.now()
      const { renewSession } = await import('../domain/service.ts')
      await renewSession(service, caller.session)
    })().catch((error: unknown) => {
      // The next call tries again.
      renewedAt = 0
      logFailure('lease.renewal')(error)
    })
  }

  return () => {
    const server = new McpServer(
      { name: 'speki', title: 'SPEKI', version: runtime.version },
      {
        instructions: INSTRUCTIONS,
        ...(runs && { capabilities: { extensions: { [TASKS_EXTENSION]: {} } } }),
        // Only answers to forms are validated by it, and no tool asks one; the default compiles schemas at every start.
        jsonSchemaValidator: {
          getValidator: () => (input: unknown) => ({
            valid: false,
            data: undefined,
            errorMessage: `unexpected form answer: ${typeof input}`,
          }),
        },
        cacheHints: {
          'tools/list': { ttlMs: 60_000, cacheScope: 'private' },
          'prompts/list': { ttlMs: 60_000, cacheScope: 'private' },
        },
      },
    )
    const callerOf = (context: ServerContext | undefined): Principal =>
      agentPrincipal({
        client: clientName(server, context),
        given: runtime.agent,
        session: session ?? sessionOf(runtime.session, context?.sessionId),
        onBehalfOf: runtime.user,
        readOnly,
      })
    server.server.registerCapabilities({ tools: { listChanged: true } })
    server.server.setRequestHandler('tools/list', () => ({ tools: listed }))
    // Not by `registerTool`, which refuses a name that is not known without a word on those that are.
    server.server.setRequestHandler('tools/call', async ({ params: { name, arguments: args = {} } }, context) => {
      const { callTool, unknownTool } = await import('./call-tool.ts')
      const tool = tools.find((entry) => entry.name === name)
      if (tool === undefined) throw unknownTool(name)
      const whoAsks = () => {
        const caller = callerOf(context)
        if (session !== undefined) renew(caller)
        return caller
      }
      const answer = await callTool(runtime, name, args, whoAsks, context)
      return answer.isError === true ? answer : server.server.projectCallToolResult(answer, tool.outputSchema)
    })
    registerResources(server, runtime, callerOf)
    registerPrompts(server, runtime, callerOf)
    if (runs) registerTasks(server, runtime, callerOf)
    return server
  }
}

/** Where a request of the 2026-07-28 protocol names its client. */
const ClientInfo = z.object({ 'io.modelcontextprotocol/clientInfo': z.object({ name: z.string() }) })

function clientName(server: McpServer, context: ServerContext | undefined): string {
  const name =
    server.server.getClientVersion()?.name ??
    ClientInfo.safeParse(context?.mcpReq.envelope).data?.['io.modelcontextprotocol/clientInfo'].name
  return name ?? 'agent'
}

/** Over HTTP one process serves many; a request of 2026-07-28 belongs to no connection. */
function sessionOf(process: Session, connection: string | undefined): Session {
  return connection === undefined ? loneSession(process, randomUUID()) : connectionSession(process, connection)
}

function listingOf(tool: ListedTool): Tool {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: { ...tool.inputSchema, type: 'object' },
    outputSchema: tool.outputSchema,
    annotations: { title: tool.title, ...hintsOf(tool.effect) },
    ...(tool.alwaysLoad && { _meta: { 'anthropic/alwaysLoad': true } }),
  }
}

/** The tools of the chosen toolsets; an unknown name is an error, not silence. */
export function chooseTools(options: {
  readonly toolsets?: readonly string[] | undefined
  readonly readOnly?: boolean | undefined
}): readonly ListedTool[] {
  const known = [...new Set(listedTools.map((tool) => tool.toolset))]
  const unknown = options.toolsets?.filter((name) => !known.includes(name)) ?? []
  if (unknown.length > 0) {
    throw new SpekiError('invalid_input', `Unknown toolset ${unknown.map((name) => `"${name}"`).join(', ')}.`, {
      hint: `Known: ${known.join(', ')}.`,
    })
  }
  return listedTools.filter(
    (tool) => (options.toolsets?.includes(tool.toolset) ?? true) && (!options.readOnly || tool.effect === 'read'),
  )
}
