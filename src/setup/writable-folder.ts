import { join, sep } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { applyEdits, modify, type ParseError, parse as parseJson } from 'jsonc-parser'
import { parse } from 'smol-toml'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import { tryParse } from '../expected.ts'

/**
 * By default an agent writes in its project alone: Codex below its working folder (`workspace-write`), Claude Code in its own
 * folder and those it was given. Worktrees of SPEKI lie elsewhere, so their folder has to be named in the settings of the client.
 */

const Claude = z.looseObject({
  permissions: z
    .looseObject({ additionalDirectories: z.array(z.string()).optional(), defaultMode: z.string().optional() })
    .optional(),
})
const Codex = z.looseObject({
  sandbox_mode: z.string().optional(),
  sandbox_workspace_write: z.looseObject({ writable_roots: z.array(z.string()).optional() }).optional(),
})

const FOLDERS = ['permissions', 'additionalDirectories']

/** The settings of Claude Code with a folder to write in; not a byte of anything else changes. */
export function withClaudeFolder(file: string, text: string | undefined, folder: string): string {
  const now = text ?? '{}\n'
  const known = readClaude(now)
  if (known === undefined) throw notWritten(file, 'JSON')
  const folders = known.permissions?.additionalDirectories ?? []
  return folders.includes(folder) ? now : editClaude(now, [...folders, folder])
}

export function withoutClaudeFolder(text: string, folder: string): string {
  const known = readClaude(text)
  const rest = (known?.permissions?.additionalDirectories ?? []).filter((each) => each !== folder)
  const without = editClaude(text, rest.length === 0 ? undefined : rest)
  const { permissions } = readClaude(without) ?? {}
  return permissions !== undefined && Object.keys(permissions).length === 0
    ? editJson(without, ['permissions'], undefined)
    : without
}

function editClaude(text: string, folders: readonly string[] | undefined): string {
  return editJson(text, FOLDERS, folders)
}

function editJson(text: string, path: string[], value: unknown): string {
  const indent = /^\{\r?\n([ \t]+)"/.exec(text)?.[1] ?? '  '
  const formattingOptions = {
    insertSpaces: !indent.includes('\t'),
    tabSize: indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
  return applyEdits(text, modify(text, path, value, { formattingOptions }))
}

function readClaude(text: string) {
  const errors: ParseError[] = []
  const parsed = Claude.safeParse(parseJson(text, errors, { disallowComments: true }))
  return errors.length === 0 ? parsed.data : undefined
}

const TABLE = /^\[sandbox_workspace_write\][^\n]*(?:\n|$)/m
const ROOTS = /^(writable_roots[ \t]*=[ \t]*\[)/m

/** The settings of Codex with a folder to write in; throws where they name such folders in a form that none can be added to. */
export function withCodexFolder(file: string, text: string, folder: string): string {
  const known = readCodex(text)
  if (known === undefined) throw notWritten(file, 'TOML')
  const roots = known.sandbox_workspace_write?.writable_roots
  if (roots?.includes(folder) === true) return text
  const after = addRoot(text, JSON.stringify(folder), roots)
  const table = { ...known.sandbox_workspace_write, writable_roots: [folder, ...(roots ?? [])] }
  if (!isDeepStrictEqual(readCodex(after), { ...known, sandbox_workspace_write: table }))
    throw notWritten(file, 'table')
  return after
}

/** At the beginning of the list: what stands after it may hold comments and commas of any kind. */
function addRoot(text: string, root: string, roots: readonly string[] | undefined): string {
  const table = TABLE.exec(text)
  if (table === null) {
    const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
    return `${text}${gap}[sandbox_workspace_write]\nwritable_roots = [${root}]\n`
  }
  const end = table.index + table[0].length
  const [head, rest] = [text.slice(0, end), text.slice(end)]
  if (roots !== undefined) return head + rest.replace(ROOTS, (list) => `${list}${root}${roots.length > 0 ? ', ' : ''}`)
  return `${head}${head.endsWith('\n') ? '' : '\n'}writable_roots = [${root}]\n${rest}`
}

export function withoutCodexFolder(text: string, folder: string): string {
  const root = JSON.stringify(folder)
  const alone = `writable_roots = [${root}]\n`
  const own = `[sandbox_workspace_write]\n${alone}`
  const at = text.indexOf(own)
  // The table that was added goes with the empty line before it, where nothing was added to it since.
  if (at >= 0 && /^\s*(?:\[|$)/.test(text.slice(at + own.length)))
    return text.slice(0, at).replace(/\n\n$/, '\n') + text.slice(at + own.length)
  if (text.includes(alone)) return text.replace(alone, '')
  return text.replace(`${root}, `, '').replace(root, '')
}

function readCodex(text: string) {
  return Codex.safeParse(tryParse(() => parse(text, { integersAsBigInt: 'asNeeded' }))).data
}

function notWritten(file: string, what: 'JSON' | 'TOML' | 'table'): SpekiError {
  return what === 'table'
    ? new SpekiError(
        'precondition_failed',
        `${file} names its writable folders in a form that none can be added to; nothing was written.`,
        {
          hint: 'Write them as a table, [sandbox_workspace_write] with writable_roots = […], then repeat.',
        },
      )
    : new SpekiError('precondition_failed', `${file} is not the ${what} it should be; nothing was written.`, {
        hint: 'Mend it by hand, then repeat.',
      })
}

/** Whether the settings of Claude Code let it write in a folder; undefined where they cannot be read. */
export function claudeWrites(text: string, folder: string): boolean | undefined {
  const known = readClaude(text)
  if (known === undefined) return undefined
  const { additionalDirectories = [], defaultMode } = known.permissions ?? {}
  return defaultMode === 'bypassPermissions' || additionalDirectories.some((root) => isWithin(folder, root))
}

/** Whether the settings of Codex let it write in a folder; undefined where they cannot be read. */
export function codexWrites(text: string, folder: string): boolean | undefined {
  const known = readCodex(text)
  if (known === undefined) return undefined
  const roots = known.sandbox_workspace_write?.writable_roots ?? []
  return known.sandbox_mode === 'danger-full-access' || roots.some((root) => isWithin(folder, root))
}

function isWithin(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(`${root.replace(/[\\/]$/, '')}${sep}`)
}

/** Where Claude Code keeps what it may do: this person's own file, in a project not the one that everybody has. */
export function claudePermissions(scope: 'user' | 'project', project: string, claudeFolder: string): string {
  return scope === 'user' ? join(claudeFolder, 'settings.json') : join(project, '.claude', 'settings.local.json')
}
