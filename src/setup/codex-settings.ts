import { isDeepStrictEqual } from 'node:util'
import { parse } from 'smol-toml'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import { tryParse } from '../expected.ts'
import type { Server } from './claude-settings.ts'

const Settings = z.looseObject({ mcp_servers: z.looseObject({}).optional() })

const HEADER = /^\[mcp_servers\.speki\][^\n]*$/m

/** The table of our server. Without `required` Codex may begin its first turn before the tools are there. */
export function tableOf({ command, args, env }: Server, handedOn: readonly string[]): string {
  const variables = Object.entries(env).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return [
    '[mcp_servers.speki]',
    `command = ${JSON.stringify(command)}`,
    `args = [${args.map((arg) => JSON.stringify(arg)).join(', ')}]`,
    'required = true',
    // Codex hands on no variable that is not named.
    ...(handedOn.length > 0 ? [`env_vars = [${handedOn.map((name) => JSON.stringify(name)).join(', ')}]`] : []),
    ...(variables.length > 0 ? [`env = { ${variables.join(', ')} }`] : []),
    '',
  ].join('\n')
}

/** The table of our server as it stands there; undefined where none does. */
export function tableIn(text: string): string | undefined {
  const start = HEADER.exec(text)?.index
  if (start === undefined) return undefined
  const rest = text.slice(start)
  const end = /\n(?=[ \t]*\[(?!mcp_servers\.speki[.\]]))/.exec(rest)?.index
  return `${rest.slice(0, end).trimEnd()}\n`
}

/**
 * The settings with this table in place of the one that is there, or at the end. Throws where they are no TOML, and where
 * they name our server in a form that no table can stand beside, as `mcp_servers = { … }`: Codex would read none of it.
 */
export function withTable(file: string, text: string, table: string): string {
  const settings = readToml(text)
  if (settings === undefined) throw notWritten(`${file} is not the TOML it should be`, 'Mend it by hand, then repeat.')
  const present = tableIn(text)
  const after =
    present === undefined
      ? `${text}${separator(text)}${table}`
      : present === table
        ? text
        : text.replace(present.trimEnd(), () => table.trimEnd())
  const { mcp_servers: servers, ...others } = settings
  const wanted = { ...others, mcp_servers: { ...servers, ...readToml(table)?.mcp_servers } }
  if (!isDeepStrictEqual(readToml(after), wanted))
    throw notWritten(
      `${file} names its servers in a form that no table [mcp_servers.speki] can stand beside`,
      'Write them as tables, [mcp_servers.NAME], then repeat.',
    )
  return after
}

function readToml(text: string) {
  return Settings.safeParse(tryParse(() => parse(text, { integersAsBigInt: 'asNeeded' }))).data
}

function notWritten(what: string, hint: string): SpekiError {
  return new SpekiError('precondition_failed', `${what}; nothing was written.`, { hint })
}

/** What the settings may have been without the table: without the empty line before it, and without the end of the last line. */
export function withoutTable(text: string, table: string): readonly string[] {
  const at = text.indexOf(table.trimEnd())
  const end = at + table.trimEnd().length
  const before = text.slice(0, at)
  const after = text.slice(end).replace(/^\r?\n/, '')
  if (after.trim() !== '') return [before + after.replace(/^\r?\n/, '')]
  const rest = before.replace(/\n\n$/, '\n')
  return [rest, rest.replace(/\n$/, '')]
}

function separator(text: string): string {
  if (text === '') return ''
  return text.endsWith('\n') ? '\n' : '\n\n'
}
