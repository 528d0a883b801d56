import { join } from 'node:path'
import type { ClientPlaces, Config } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { type Server, serverIn, withoutServer, withServer } from './claude-settings.ts'
import type { Client, Scope } from './client.ts'
import { tableIn, tableOf, withoutTable, withTable } from './codex-settings.ts'
import { readSettings } from './settings-file.ts'
import {
  claudePermissions,
  claudeWrites,
  codexWrites,
  withClaudeFolder,
  withCodexFolder,
  withoutClaudeFolder,
  withoutCodexFolder,
} from './writable-folder.ts'

/** One file that makes a client start SPEKI. */
export interface Setup {
  readonly client: Client
  readonly file: string
  readonly before: string | undefined
  readonly after: string
  /** What stands there for SPEKI afterwards, as it is found again. */
  readonly entry: string
  /** One line for the shell that does the same by the client itself; undefined where it has none. */
  readonly command: string | undefined
  /** Folder that the client may write in afterwards. */
  readonly folder: string | undefined
}

/** What would be written for a client; writes nothing. */
export async function planSetup(
  client: Client,
  scope: Scope,
  config: Pick<Config, 'packageRoot' | 'project'>,
  places: ClientPlaces,
): Promise<Setup> {
  const launcher = join(config.packageRoot, 'bin', 'speki.js')
  const server: Server = { command: 'node', args: [launcher, 'mcp'], env: places.variables }
  const file = fileOf(client, scope, config.project, places)
  const before = await readSettings(file)
  const handled = before === undefined ? undefined : entryIn(client, file, before)
  // Somebody else's server of the same name is not ours to replace.
  if (handled !== undefined && !/speki/.test(handled.replaceAll('mcp_servers.speki', '')))
    throw new SpekiError('conflict', `${file} has another server named speki. Nothing was written.`, {
      hint: 'Give that one another name, then repeat.',
    })
  const after =
    client === 'claude'
      ? withServer(file, before, server)
      : withTable(file, before ?? '', tableOf(server, places.handedOn))
  const known = { client, file, before, command: commandOf(client, scope, server) }
  const entry = entryIn(client, file, after) ?? ''
  if (client === 'claude' || scope === 'project') return { ...known, after, entry, folder: undefined }
  return { ...known, after: withCodexFolder(file, after, places.attempts), entry, folder: places.attempts }
}

/**
 * What has to be written beside that for a client to work in a worktree: Claude Code keeps what it may do in a file of its own,
 * and a folder of this machine is not for everybody who works on a project. Undefined where it is in the plan already.
 */
export async function planFolder(
  client: Client,
  scope: Scope,
  { project }: Pick<Config, 'project'>,
  places: ClientPlaces,
): Promise<Setup | undefined> {
  const { attempts: folder } = places
  const command = undefined
  if (client === 'claude') {
    const file = claudePermissions(scope, project, places.claudeFolder)
    const before = await readSettings(file)
    return { client, file, before, after: withClaudeFolder(file, before, folder), entry: '', command, folder }
  }
  if (scope === 'user') return undefined
  const file = join(places.codexHome, 'config.toml')
  const before = await readSettings(file)
  return { client, file, before, after: withCodexFolder(file, before ?? '', folder), entry: '', command, folder }
}

/** Whether a client's settings of this person or project let it write where agents get their worktrees; undefined: nobody can tell. */
export async function writesInWorktrees(
  client: Client,
  { project }: Pick<Config, 'project'>,
  places: ClientPlaces,
): Promise<boolean | undefined> {
  const files =
    client === 'claude'
      ? [
          ...(['user', 'project'] as const).map((scope) => claudePermissions(scope, project, places.claudeFolder)),
          join(project, '.claude', 'settings.json'),
        ]
      : [join(places.codexHome, 'config.toml'), join(project, '.codex', 'config.toml')]
  const writes = client === 'claude' ? claudeWrites : codexWrites
  const texts = (await Promise.all(files.map(readSettings))).filter((text) => text !== undefined)
  if (texts.length === 0) return undefined
  const answers = texts.map((text) => writes(text, places.attempts))
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
}

/** Our entry in the settings of a client. */
export function entryIn(client: Client, file: string, text: string): string | undefined {
  return client === 'claude' ? serverIn(file, text) : tableIn(text)
}

/** What the settings of a client may have been without our entry, the likeliest first. */
export function withoutEntry(client: Client, file: string, text: string, entry: string): readonly string[] {
  return client === 'claude' ? withoutServer(file, text) : withoutTable(text, entry)
}

/** The settings of a client without a folder that was added. */
export function withoutFolder(client: Client, text: string, folder: string): string {
  return client === 'claude' ? withoutClaudeFolder(text, folder) : withoutCodexFolder(text, folder)
}

/** Whether a folder that was added still stands in the settings of a client, as it was added. */
export function hasFolder(text: string, folder: string): boolean {
  return text.includes(JSON.stringify(folder))
}

function fileOf(client: Client, scope: Scope, project: string, places: ClientPlaces): string {
  if (client === 'claude') return scope === 'user' ? places.claudeFile : join(project, '.mcp.json')
  return join(scope === 'user' ? places.codexHome : join(project, '.codex'), 'config.toml')
}

function commandOf(client: Client, scope: Scope, { command, args, env }: Server): string {
  const variables = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`))
  const program = [command, ...args.map(quote)].join(' ')
  if (client === 'codex')
    return ['codex mcp add speki', ...variables.map((pair) => `--env ${pair}`), '--', program].join(' ')
  return [`claude mcp add --scope ${scope} speki`, ...variables.map((pair) => `--env ${pair}`), '--', program].join(' ')
}

function quote(text: string): string {
  return /^[\w./:\\=-]+$/.test(text) ? text : `"${text}"`
}
