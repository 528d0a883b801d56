import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { tryParse } from '../expected.ts'

const CLIENTS = ['claude', 'codex'] as const
type Client = (typeof CLIENTS)[number]

const McpJson = z.looseObject({ mcpServers: z.record(z.string(), z.unknown()).default({}) })

export interface ClientSetup {
  /** One line for the shell that adds the server for this user. */
  readonly command: string
  readonly file: string
  /** Whether the file has it now. */
  readonly written: boolean
  readonly content: string
}

/** Shows, or with `write` merges, what makes Claude Code and Codex start SPEKI. Everything else in their files stays. */
export async function configureClients(
  config: Pick<Config, 'packageRoot' | 'project'>,
  options: { readonly write: boolean; readonly client?: string | undefined; readonly codexHome?: string },
): Promise<Record<Client, ClientSetup> | Record<string, ClientSetup>> {
  const chosen = CLIENTS.filter((client) => options.client === undefined || options.client === client)
  if (chosen.length === 0)
    throw new SpekiError('invalid_input', `"${options.client}" is no client.`, {
      hint: `Known: ${CLIENTS.join(', ')}.`,
    })
  const launcher = join(config.packageRoot, 'bin', 'speki.js')
  const setups: Record<string, ClientSetup> = {}
  if (chosen.includes('claude')) setups['claude'] = await configureClaude(launcher, config.project, options.write)
  if (chosen.includes('codex'))
    setups['codex'] = await configureCodex(launcher, options.codexHome ?? join(homedir(), '.codex'), options.write)
  return setups
}

async function configureClaude(launcher: string, project: string, write: boolean): Promise<ClientSetup> {
  const file = join(project, '.mcp.json')
  const server = { command: 'node', args: [launcher, 'mcp'] }
  const before = await readIfThere(file)
  const parsed = before === undefined ? { mcpServers: {} } : parseJson(file, before)
  const after = `${JSON.stringify({ ...parsed, mcpServers: { ...parsed.mcpServers, speki: server } }, undefined, 2)}\n`
  if (write) await writeFile(file, after)
  return {
    command: `claude mcp add speki -- node ${quote(launcher)} mcp`,
    file,
    written: write || before === after,
    content: after,
  }
}

async function configureCodex(launcher: string, codexHome: string, write: boolean): Promise<ClientSetup> {
  const file = join(codexHome, 'config.toml')
  // Without `required` Codex may begin its first turn before the tools are there.
  const table = `[mcp_servers.speki]\ncommand = "node"\nargs = [${JSON.stringify(launcher)}, "mcp"]\nrequired = true\n`
  const before = (await readIfThere(file)) ?? ''
  const present = /^\[mcp_servers\.speki\]/m.test(before)
  if (write && !present) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(
      file,
      `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${before === '' ? '' : '\n'}${table}`,
    )
  }
  return {
    command: `codex mcp add speki -- node ${quote(launcher)} mcp`,
    file,
    written: write || present,
    content: table,
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

function parseJson(file: string, text: string) {
  const { data } = McpJson.safeParse(tryParse(() => JSON.parse(text)))
  if (data === undefined)
    throw new SpekiError('precondition_failed', `${file} is not the JSON it should be; nothing was written.`, {
      hint: 'Mend it by hand, then repeat.',
    })
  return data
}

function quote(path: string): string {
  return /^[\w./:\\-]+$/.test(path) ? path : `"${path}"`
}
