import type { Server } from './claude-settings.ts'

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

/** The settings with this table in place of the one that is there, or at the end. */
export function withTable(text: string, table: string): string {
  const present = tableIn(text)
  if (present !== undefined) return present === table ? text : text.replace(present.trimEnd(), () => table.trimEnd())
  return `${text}${separator(text)}${table}`
}

/** The settings without the table, and without the empty line before it. */
export function withoutTable(text: string, table: string): string {
  const at = text.indexOf(table.trimEnd())
  const end = at + table.trimEnd().length
  const before = text.slice(0, at)
  const after = text.slice(end).replace(/^\r?\n/, '')
  return after.trim() === '' ? before.replace(/\n\n$/, '\n') : before + after.replace(/^\r?\n/, '')
}

function separator(text: string): string {
  if (text === '') return ''
  return text.endsWith('\n') ? '\n' : '\n\n'
}
