import { join } from 'node:path'
import type { ClientPlaces, Config } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { type Server, serverIn, withoutServer, withServer } from './claude-settings.ts'
import type { Client, Scope } from './client.ts'
import { tableIn, tableOf, withoutTable, withTable } from './codex-settings.ts'
import { readSettings } from './settings-file.ts'

/** One file that makes a client start SPEKI. */
export interface Setup {
  readonly client: Client
  readonly file: string
  readonly before: string | undefined
  readonly after: string
  /** What stands there for SPEKI afterwards, as it is found again. */
  readonly entry: string
  /** One line for the shell that does the same by the client itself. */
  readonly command: string
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
  return {
    client,
    file,
    before,
    after,
    entry: entryIn(client, file, after) ?? '',
    command: commandOf(client, scope, server),
  }
}

/** Our entry in the settings of a client. */
export function entryIn(client: Client, file: string, text: string): string | undefined {
  return client === 'claude' ? serverIn(file, text) : tableIn(text)
}

/** The settings of a client without our entry. */
export function withoutEntry(client: Client, file: string, text: string, entry: string): string {
  return client === 'claude' ? withoutServer(file, text) : withoutTable(text, entry)
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
