import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { ifUnreadable } from '../expected.ts'
import { listTracked } from '../git/tree.ts'

/** What stands in a repository, by name: evidence for where a requirement belongs. */
export interface RepositoryMap {
  /** Folders and files, at most `MAX_PATHS`, shallow ones first. */
  readonly paths: readonly string[]
  /** Exported names and routes with the file they stand in, at most `MAX_SYMBOLS`. */
  readonly symbols: readonly { readonly name: string; readonly file: string }[]
}

const MAX_FILES = 2000
const MAX_FILE_BYTES = 200 * 1024
const MAX_PATHS = 400
const MAX_SYMBOLS = 2000

const ROUTE = /['"`](\/[a-z][\w\-/:{}.]{2,80})['"`]/g

/** Definitions that others can name, by ending of the file. Each pattern has the name in its first group. */
const DEFINITIONS: readonly { readonly endings: readonly string[]; readonly pattern: RegExp }[] = [
  {
    endings: ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.cjs'],
    pattern:
      /^export\s+(?:default\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|class|interface|type|const|enum)\s+([A-Za-z_$][\w$]*)/gm,
  },
  { endings: ['.py'], pattern: /^(?:async\s+)?(?:def|class)\s+([A-Za-z]\w*)/gm },
  { endings: ['.go'], pattern: /^(?:func(?:\s+\([^)]{0,100}\))?|type)\s+([A-Z]\w*)/gm },
  {
    endings: ['.rs'],
    pattern: /^\s*pub(?:\([^)]{0,40}\))?\s+(?:async\s+)?(?:fn|struct|enum|trait|type)\s+([A-Za-z]\w*)/gm,
  },
  { endings: ['.java', '.kt', '.cs', '.scala'], pattern: /\b(?:class|interface|record|enum|object)\s+([A-Z]\w*)/g },
  { endings: ['.rb'], pattern: /^\s*(?:class|module|def)\s+(?:self\.)?([A-Za-z]\w*)/gm },
  { endings: ['.php'], pattern: /\b(?:class|interface|trait|function)\s+([A-Za-z]\w*)/g },
  { endings: ['.ex', '.exs'], pattern: /\b(?:defmodule|def)\s+([A-Za-z][\w.]*)/g },
  { endings: ['.proto'], pattern: /^\s*(?:message|service|rpc|enum)\s+([A-Za-z]\w*)/gm },
  { endings: ['.sql'], pattern: /\bcreate\s+(?:table|view)\s+(?:if\s+not\s+exists\s+)?["`]?([A-Za-z]\w*)/gi },
]

/** Maps a repository, or the package in `subpath`, from the files git knows. Bounded in files, bytes and names. */
export async function mapRepository(root: string, subpath: string, signal: AbortSignal): Promise<RepositoryMap> {
  const files = await listTracked(root, subpath, 20_000, signal)
  const sources = files
    .filter((file) => DEFINITIONS.some(({ endings }) => endings.includes(extname(file))))
    .slice(0, MAX_FILES)
  const symbols: { name: string; file: string }[] = []
  for (const file of sources) {
    if (symbols.length >= MAX_SYMBOLS) break
    signal.throwIfAborted()
    const text = await readSmall(join(root, file))
    if (text !== undefined) symbols.push(...namesIn(text, extname(file)).map((name) => ({ name, file })))
  }
  return { paths: notablePaths(files), symbols: symbols.slice(0, MAX_SYMBOLS) }
}

async function readSmall(file: string): Promise<string | undefined> {
  const info = await stat(file).catch(ifUnreadable(undefined))
  if (info === undefined || !info.isFile() || info.size > MAX_FILE_BYTES) return undefined
  return await readFile(file, 'utf8').catch(ifUnreadable(undefined))
}

function namesIn(text: string, ending: string): readonly string[] {
  const found = DEFINITIONS.filter(({ endings }) => endings.includes(ending)).flatMap(({ pattern }) =>
    [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []),
  )
  const routes = [...text.matchAll(ROUTE)].flatMap((match) => match[1] ?? [])
  return [...new Set([...found, ...routes])]
}

function notablePaths(files: readonly string[]): readonly string[] {
  const paths = new Set<string>()
  for (const file of files) {
    for (let slash = file.indexOf('/'); slash !== -1; slash = file.indexOf('/', slash + 1))
      paths.add(file.slice(0, slash))
    paths.add(file)
  }
  const depth = (path: string) => path.split('/').length
  return [...paths].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1)).slice(0, MAX_PATHS)
}
