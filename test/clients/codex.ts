import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { z } from 'zod'
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
import { startOpenAiEndpoint } from './openai-endpoint.ts'
import { parseLines, type Step } from './scenario.ts'

/** How Codex lets a model reach MCP tools; it decides by the model's name. */
const CODEX_MODELS = {
  /** Functions in a namespace: any name it does not know. */
  direct: 'scripted-model',
  /** Deferred until the model searches. */
  'tool search': 'gpt-5.5',
  /** From JavaScript that the model gives to `exec`. */
  'code mode': 'gpt-5.6-sol',
} as const
type CodexMode = keyof typeof CODEX_MODELS

export interface CodexOptions {
  readonly mode: CodexMode
  readonly server: ServerCommand
  readonly steps: readonly Step[]
  /** Working folder of the session; Codex's own shell may write below it and nowhere else. */
  readonly project: string
  /** The person lets this server's tools run unasked, those too that move a branch. */
  readonly approved?: boolean
  readonly signal: AbortSignal
}

const McpCall = z.looseObject({
  type: z.literal('item.completed'),
  item: z.looseObject({ type: z.literal('mcp_tool_call'), server: z.string(), tool: z.string(), status: z.string() }),
})
const AgentMessage = z.looseObject({
  type: z.literal('item.completed'),
  item: z.looseObject({ type: z.literal('agent_message'), text: z.string() }),
})

/**
 * Runs the real Codex headless (`codex exec`) on a scripted model, with one MCP server and nothing else of its world. Its
 * approval policy is the default: a tool runs only if its annotations allow it.
 */
export async function runCodex({
  mode,
  server,
  steps,
  project,
  approved = false,
  signal,
}: CodexOptions): Promise<ClientRun> {
  const endpoint = await startOpenAiEndpoint(server.name, steps)
  const home = await createHome()
  try {
    await writeFile(join(home, 'config', 'config.toml'), stringify(configuration(endpoint.url, mode, server, approved)))
    const flags = ['--json', '--skip-git-repo-check', '--ephemeral', '--sandbox', 'workspace-write']
    const { exitCode, stdout, stderr } = await runIsolated('codex', ['exec', ...flags, 'Play your part.'], {
      cwd: project,
      home,
      env: { ...environment(home), SCRIPTED_KEY: 'dummy-key-not-real' },
      proxy: endpoint.url,
      signal,
    })
    const events = parseLines(stdout)
    const said = events.flatMap((event) => AgentMessage.safeParse(event).data?.item.text ?? []).at(-1) ?? ''
    const { requests, refusedHosts } = endpoint
    return { exitCode, stderr, events, calls: callsIn(events), said, requests, refusedHosts }
  } finally {
    await removeHome(home)
    await endpoint.close()
  }
}

/** What `codex mcp list` prints after `lines` (`codex mcp add …`). It shows the configuration; it does not connect. */
export async function codexMcpList(lines: readonly string[], project: string, signal: AbortSignal): Promise<string> {
  const home = await createHome()
  try {
    const options = { cwd: project, home, env: environment(home), proxy: CLOSED_PROXY, signal }
    return await runLines([...lines, 'codex mcp list'], options)
  } finally {
    await removeHome(home)
  }
}

function environment(home: string): Readonly<Record<string, string>> {
  return { CODEX_HOME: join(home, 'config') }
}

function configuration(url: string, mode: CodexMode, { name, command, args, env }: ServerCommand, approved: boolean) {
  return {
    model: CODEX_MODELS[mode],
    model_provider: 'scripted',
    check_for_update_on_startup: false,
    model_providers: {
      scripted: {
        name: 'scripted',
        base_url: `${url}/v1`,
        wire_api: 'responses',
        env_key: 'SCRIPTED_KEY',
        request_max_retries: 0,
        stream_max_retries: 0,
        supports_websockets: false,
      },
    },
    analytics: { enabled: false },
    // Its catalogue of plugins comes from the network.
    features: { plugins: false },
    // Without `required` the first turn may start before the server's tools are there.
    mcp_servers: {
      [name]: {
        ...{ command, args: [...args], env: { ...env }, required: true },
        ...(approved && { default_tools_approval_mode: 'approve' }),
      },
    },
  }
}

function callsIn(events: readonly unknown[]): readonly ReportedCall[] {
  return events.flatMap((event) => {
    const item = McpCall.safeParse(event).data?.item
    return item === undefined ? [] : [{ server: item.server, tool: item.tool, failed: item.status !== 'completed' }]
  })
}
