import { applyEdits, type ModificationOptions, modify, type ParseError, parse } from 'jsonc-parser'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'

const NAME = ['mcpServers', 'speki']

export interface Server {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const Settings = z.looseObject({ mcpServers: z.looseObject({}).optional() })
const Known = z.looseObject({
  command: z.string().optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
})

/** The settings with our server; not a byte of anything else changes. */
export function withServer(file: string, text: string | undefined, server: Server): string {
  const { mcpServers } = read(file, text ?? '{}')
  const present = Known.safeParse(mcpServers?.['speki'] ?? {}).data ?? {}
  const { env, ...rest } = server
  const allEnv = { ...present.env, ...env }
  const wanted = { ...present, ...rest, ...(Object.keys(allEnv).length > 0 && { env: allEnv }) }
  if (text !== undefined && JSON.stringify(mcpServers?.['speki']) === JSON.stringify(wanted)) return text
  return edited(text ?? '{}\n', NAME, wanted)
}

/** Our entry as it stands there; undefined where none does. */
export function serverIn(file: string, text: string): string | undefined {
  const entry = read(file, text).mcpServers?.['speki']
  return entry === undefined ? undefined : JSON.stringify(entry)
}

/** What the settings may have been without our server: without the list of servers too where nothing else is in it, or with it. */
export function withoutServer(file: string, text: string): readonly string[] {
  const rest = edited(text, NAME, undefined)
  const { mcpServers } = read(file, rest)
  const isEmpty = mcpServers !== undefined && Object.keys(mcpServers).length === 0
  if (!isEmpty) return [rest]
  const bare = edited(rest, ['mcpServers'], undefined)
  return [bare, bare.replace(/\{\s*\}/, '{}'), rest, edited(text, ['mcpServers'], {})]
}

function edited(text: string, path: string[], value: unknown): string {
  return applyEdits(text, modify(text, path, value, formatOf(text)))
}

/** As the file is indented now. One that is not is left so: formatting would change all that stands on the line. */
function formatOf(text: string): ModificationOptions {
  const indent = /^\s*\{\r?\n([ \t]+)"/.exec(text)?.[1] ?? (/^\s*\{\s*\}\s*$/.test(text) ? '  ' : undefined)
  if (indent === undefined) return {}
  return {
    formattingOptions: {
      insertSpaces: !indent.includes('\t'),
      tabSize: indent.length,
      eol: text.includes('\r\n') ? '\r\n' : '\n',
    },
  }
}

function read(file: string, text: string) {
  const errors: ParseError[] = []
  const parsed = Settings.safeParse(parse(text, errors, { disallowComments: true }))
  if (errors.length === 0 && parsed.success) return parsed.data
  throw new SpekiError('precondition_failed', `${file} is not the JSON it should be; nothing was written.`, {
    hint: 'Mend it by hand, then repeat.',
  })
}
