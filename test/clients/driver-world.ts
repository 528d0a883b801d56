import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { stringify } from 'smol-toml'
import { onTestFinished } from 'vitest'
import type { AgentEvent } from '../../schemas/agent.ts'
import type { Agent, AgentEnd, AgentJob } from '../../src/agents/agent.ts'
import { createAgent } from '../../src/agents/registry.ts'
import { jobIn } from '../agents/job.ts'
import { startAnthropicEndpoint } from './anthropic-endpoint.ts'
import { createHome, removeHome } from './client-process.ts'
import { startOpenAiEndpoint } from './openai-endpoint.ts'
import type { Step } from './scenario.ts'

export type Client = 'claude' | 'codex'

/** Where the real programs were installed. */
export function programOf(client: Client): string {
  return join(import.meta.dirname, 'node_modules', '.bin', client)
}

/** A repository for a session, with whatever the project brings along. */
export function makeProject(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'driver-project-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  for (const [path, content] of Object.entries({ 'readme.md': 'A project.\n', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder })
  return folder
}

export interface World {
  readonly agent: Agent
  readonly project: string
  /** Runs one message. */
  run(
    more?: Partial<AgentJob>,
    signal?: AbortSignal,
  ): Promise<{ readonly end: AgentEnd; readonly events: readonly AgentEvent[] }>
  readonly requests: () => number
  /** Everything that was sent to the model so far. */
  readonly sent: () => string
  readonly refusedHosts: () => readonly string[]
}

/** The real client on a scripted model, as a driver starts it: an empty home, no way out but the endpoint. */
export async function openWorld(
  client: Client,
  steps: readonly Step[],
  options: { readonly project?: string; readonly command?: string; readonly trusted?: boolean } = {},
): Promise<World> {
  const start = client === 'claude' ? startAnthropicEndpoint : startOpenAiEndpoint
  const endpoint = await start('speki', steps)
  const home = await createHome()
  onTestFinished(async () => {
    await endpoint.close()
    await removeHome(home)
  })
  const project = options.project ?? makeProject()
  const environment = environmentOf(client, home, endpoint.url)
  if (client === 'codex') writeConfiguration(home, endpoint.url, options.trusted === true ? project : undefined)
  const agent = createAgent(client, [options.command ?? programOf(client)])
  return {
    agent,
    project,
    requests: () => endpoint.requests.length,
    sent: () => endpoint.requests.map(({ text }) => text).join('\n'),
    refusedHosts: () => endpoint.refusedHosts,
    async run(more = {}, signal = AbortSignal.timeout(600_000)) {
      const scratch = mkdtempSync(join(tmpdir(), 'driver-scratch-'))
      onTestFinished(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }))
      const events: AgentEvent[] = []
      const limits = { turns: undefined, costUsd: undefined, wallMs: 60_000, stallMs: 60_000, ...more.limits }
      const job = jobIn(project, scratch, { prompt: 'Play your part.', environment, ...more, limits })
      const end = await agent.run(job, (event) => void events.push(event), signal)
      return { end, events }
    },
  }
}

/** What a client needs of its environment to speak to the endpoint and nobody else. */
export function environmentOf(client: Client, home: string, url: string): Readonly<Record<string, string>> {
  return {
    HOME: home,
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    NO_PROXY: '127.0.0.1,localhost',
    ...(client === 'claude'
      ? {
          CLAUDE_CONFIG_DIR: join(home, 'config'),
          ANTHROPIC_BASE_URL: url,
          ANTHROPIC_API_KEY: 'dummy-key-not-real',
        }
      : { CODEX_HOME: join(home, 'config'), SCRIPTED_KEY: 'dummy-key-not-real' }),
  }
}

/** The configuration by which Codex finds the endpoint; `trusted` is a folder whose own configuration counts. */
export function writeConfiguration(home: string, url: string, trusted?: string): void {
  const projects = trusted === undefined ? {} : { projects: { [trusted]: { trust_level: 'trusted' } } }
  writeFileSync(join(home, 'config', 'config.toml'), stringify({ ...codexConfiguration(url), ...projects }))
}

function codexConfiguration(url: string) {
  return {
    model: 'scripted-model',
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
    features: { plugins: false },
  }
}

/** The model says this. */
export const say =
  (text: string): Step =>
  () => ({ say: text })

/** The model asks for this command. */
export const shell =
  (line: string): Step =>
  () => ({ shell: line })
