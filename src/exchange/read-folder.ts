import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { SpekiError } from '../errors.ts'
import { ifMissing, tryParse } from '../expected.ts'
import type { Format, SourceFile } from './format.ts'

/** Folders that hold nothing anybody wrote. */
const SKIPPED = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'dist',
  'build',
  'target',
  'vendor',
  '.venv',
  'venv',
  '__pycache__',
  '.next',
  '.cache',
  '.turbo',
  'coverage',
])
const MAX_FILES = 50_000
const MAX_DEPTH = 16
const MAX_FILE_BYTES = 64 * 1024 * 1024
const MAX_TOTAL_BYTES = 256 * 1024 * 1024

export interface Sources {
  /** Folder that the paths are relative to. */
  readonly root: string
  readonly paths: readonly string[]
}

/** Paths of all files below a folder, or of the one file with as much of its way as formats ask for. Symbolic links are not followed. */
export async function listSources(path: string, signal: AbortSignal): Promise<Sources> {
  const entry = await lstat(path).catch(ifMissing(undefined))
  if (entry === undefined) {
    throw new SpekiError('not_found', `There is nothing at ${path}.`, { hint: 'Give the folder or file to import.' })
  }
  const real = await realpath(path)
  if ((await lstat(real)).isFile()) return { root: dirname(real), paths: [basename(real)] }
  const paths: string[] = []
  await walk(real, real, 0, paths, signal)
  return { root: real, paths: paths.sort() }
}

async function walk(root: string, folder: string, depth: number, paths: string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !SKIPPED.has(entry.name) && depth < MAX_DEPTH) {
      await walk(root, path, depth + 1, paths, signal)
    } else if (entry.isFile()) {
      paths.push(relative(root, path).split(sep).join('/'))
      if (paths.length > MAX_FILES) {
        throw new SpekiError('invalid_input', `${root} has more than ${MAX_FILES} files.`, {
          hint: 'Name the folder that holds the specs.',
        })
      }
    }
  }
}

/** The files a format claims, as text. Refuses what is no text and what is too large to be a spec. */
export async function readSources(
  { root, paths }: Sources,
  format: Pick<Format, 'claims' | 'title'>,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = []
  let total = 0
  for (const path of format.claims(paths)) {
    signal.throwIfAborted()
    const absolute = join(root, path)
    if (!(await realpath(absolute)).startsWith(root + sep)) {
      throw new SpekiError('invalid_input', `${path} leads out of ${root}.`, { hint: 'Import the folder it lies in.' })
    }
    const { size } = await lstat(absolute)
    total += size
    if (size > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES) {
      throw new SpekiError(
        'invalid_input',
        `${path} makes more than an import takes (${MAX_FILE_BYTES >> 20} MB a file, ${MAX_TOTAL_BYTES >> 20} MB in all).`,
        {
          hint: 'Import it in parts.',
        },
      )
    }
    files.push({ path, text: decode(path, await readFile(absolute)) })
  }
  return files
}

function decode(path: string, bytes: Uint8Array): string {
  const text = tryParse(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  if (text !== undefined && !text.includes('\0')) return text
  throw new SpekiError('invalid_input', `${path} is no text in UTF-8.`, {
    hint: 'Convert it, or move it out of the folder that is imported.',
  })
}
