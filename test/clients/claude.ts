import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { startAnthropicEndpoint } from './anthropic-endpoint.ts'
import {
  CLOSED_PROXY,
  type ClientRun,
  createHome,
  type ReportedCall,
  removeHome,
  runIsolated,
  runLines,
  type ServerCommand,
} from './client-process.ts'
import { parseLines, type Step } from './scenario.ts'

/** `search`: MCP tools come by ToolSearch, the default; `listed`: every request lists all of them. */
type ClaudeMode = 'search' | 'listed'

export interface ClaudeOptions {
  readonly mode: ClaudeMode
  readonly server: ServerCommand
  readonly steps: readonly Step[]
  /** Working folder of the session. */
  readonly project: string
  readonly signal: AbortSignal
  readonly crash?: AbortSignal
}

const Content = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
})
const Message = z.looseObject({ message: z.looseObject({ content: z.array(Content) }) })
const Result = z.looseObject({ type: z.literal('result'), result: z.string() })

/** Runs the real Claude Code headless (`claude -p`) on a scripted model, with one MCP server and nothing else of its world. */
export async function runClaude({ mode, server, steps, project, signal, crash }: ClaudeOptions): Promise<ClientRun> {
  const endpoint = await startAnthropicEndpoint(server.name, steps)
  const home = await createHome()
  try {
    const servers = { [server.name]: { command: server.command, args: server.args, env: server.env } }
    const config = join(home, 'mcp.json')
    await writeFile(config, JSON.stringify({ mcpServers: servers }))
    const flags = ['--mcp-config', config, '--strict-mcp-config', '--output-format', 'stream-json', '--verbose']
    const args = ['-p', 'Play your part.', ...flags, '--allowedTools', `mcp__${server.name},Write`]
    const { exitCode, stdout, stderr } = await runIsolated('claude', args, {
      cwd: project,
      home,
      env: {
        ...environment(home),
        ANTHROPIC_BASE_URL: endpoint.url,
        ANTHROPIC_API_KEY: 'dummy-key-not-real',
        ...(mode === 'listed' && { ENABLE_TOOL_SEARCH: 'false' }),
      },
      proxy: endpoint.url,
      signal,
      crash,
    })
    const events = parseLines(stdout)
    const said = events.flatMap((event) => Result.safeParse(event).data?.result ?? []).at(-1) ?? ''
    const { requests, refusedHosts } = endpoint
    return { exitCode, stderr, events, calls: callsIn(events), said, requests, refusedHosts }
  } finally {
    await removeHome(home)
    await endpoint.close()
  }
}

/**
 * What `claude mcp list` prints after `lines` (`claude mcp add …`, as typed in `project`). It connects to every server and
 * says how that went.
 */
export async function claudeMcpList(lines: readonly string[], project: string, signal: AbortSignal): Promise<string> {
  const home = await createHome()
  try {
    const options = { cwd: project, home, env: environment(home), proxy: CLOSED_PROXY, signal }
    return await runLines([...lines, 'claude mcp list'], options)
  } finally {
    await removeHome(home)
  }
}

function environment(home: string): Readonly<Record<string, string>> {
  return {
    CLAUDE_CONFIG_DIR: join(home, 'config'),
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }
}

function callsIn(events: readonly unknown[]): readonly ReportedCall[] {
  const blocks = events.flatMap((event) => Message.safeParse(event).data?.message.content ?? [])
  return blocks.flatMap((block) => {
    const [prefix, server, tool] = block.name?.split('__') ?? []
    if (block.type !== 'tool_use' || prefix !== 'mcp' || server === undefined || tool === undefined) return []
    const result = blocks.find((other) => other.type === 'tool_result' && other.tool_use_id === block.id)
    return [{ server, tool, failed: result === undefined || result.is_error === true }]
  })
}
