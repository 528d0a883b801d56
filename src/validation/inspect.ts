import { extname, relative, sep } from 'node:path'
import type { CheckCommand, PackageFact, RepositoryFacts } from '../../schemas/repository.ts'
import { locateWorkingCopy, type WorkingCopy } from '../git/locate.ts'
import { listTracked } from '../git/tree.ts'
import { findProgram } from '../process/find-program.ts'
import { containedFolder } from './contained-folder.ts'
import { detectContracts } from './contracts/detect.ts'
import { detectDotnet } from './ecosystems/dotnet.ts'
import { detectGo } from './ecosystems/go.ts'
import { detectJavascript } from './ecosystems/javascript.ts'
import { detectJvm } from './ecosystems/jvm.ts'
import { detectBats, detectCmake, detectPerl } from './ecosystems/native.ts'
import { detectElixir, detectMake, detectPhp, detectRuby } from './ecosystems/others.ts'
import { detectPython } from './ecosystems/python.ts'
import { detectRust } from './ecosystems/rust.ts'
import { createTree, type Detector } from './manifest.ts'
import { detectPipelines } from './pipelines.ts'

/** In the order in which their commands count: of each kind the first that starts here wins, or the first. */
const detectors: readonly Detector[] = [
  detectPipelines,
  detectJavascript,
  detectPerl,
  detectPython,
  detectGo,
  detectRust,
  detectJvm,
  detectDotnet,
  detectRuby,
  detectPhp,
  detectElixir,
  detectCmake,
  detectMake,
  detectBats,
]

const MAX_FILES = 20_000
const MAX_PACKAGES = 200

const LANGUAGES: Readonly<Record<string, string>> = {
  '.ts': 'TypeScript', '.tsx': 'TypeScript', '.mts': 'TypeScript', '.js': 'JavaScript', '.jsx': 'JavaScript', '.mjs': 'JavaScript', '.cjs': 'JavaScript',
  '.py': 'Python', '.go': 'Go', '.rs': 'Rust', '.java': 'Java', '.kt': 'Kotlin', '.kts': 'Kotlin', '.scala': 'Scala', '.cs': 'C#', '.fs': 'F#',
  '.rb': 'Ruby', '.php': 'PHP', '.ex': 'Elixir', '.exs': 'Elixir', '.c': 'C', '.h': 'C', '.cc': 'C++', '.cpp': 'C++', '.hpp': 'C++', '.swift': 'Swift',
  '.sql': 'SQL', '.proto': 'Protocol Buffers', '.vue': 'Vue', '.svelte': 'Svelte', '.dart': 'Dart', '.sh': 'Shell', '.tf': 'Terraform',
} // biome-ignore format: a table

/**
 * Looks at a working copy, or the package in `subpath` of it, as it is now. Without a subpath a path that is the folder of a
 * package stands for that package. Reads only: nothing of the repository runs.
 */
export async function inspectRepository(
  path: string,
  subpath: string | undefined,
  signal: AbortSignal,
): Promise<Inspected> {
  const copy = await locateWorkingCopy(path, signal)
  const { facts, at } = await inspectPart(copy, subpath, signal)
  return {
    root: copy.root,
    folder: copy.folder,
    main: copy.main,
    subpath: at,
    commonDir: copy.commonDir,
    firstCommit: copy.firstCommit,
    facts: {
      ...facts,
      ...(copy.defaultBranch !== undefined && { defaultBranch: copy.defaultBranch }),
      ...(copy.remoteUrl !== undefined && { remoteUrl: copy.remoteUrl }),
      ...(copy.head !== undefined && { head: copy.head }),
    },
  }
}

interface Inspected {
  readonly root: string
  readonly folder: string
  readonly main: string | undefined
  readonly subpath: string
  readonly commonDir: string
  readonly firstCommit: string | undefined
  readonly facts: RepositoryFacts
}

async function inspectPart({ root, folder }: WorkingCopy, subpath: string | undefined, signal: AbortSignal) {
  const within = subpath ?? (relative(root, folder).split(sep).join('/') || '.')
  const facts = await inspectFolder(root, within, signal)
  return subpath !== undefined || within === '.' || facts.packages.some((entry) => entry.path === '.')
    ? { facts, at: within }
    : { facts: await inspectFolder(root, '.', signal), at: '.' }
}

/** What the files in a folder of a working copy say, as they are now, those that git does not know yet included. */
export async function inspectFolder(
  root: string,
  subpath: string,
  signal: AbortSignal,
): Promise<Pick<RepositoryFacts, 'languages' | 'packages' | 'contracts' | 'commands'>> {
  const folder = await containedFolder(root, subpath)
  const tracked = await listTracked(root, subpath, MAX_FILES, signal)
  const prefix = subpath === '.' ? '' : `${subpath}/`
  const tree = createTree(
    folder,
    tracked.map((file) => file.slice(prefix.length)),
  )
  const packages: PackageFact[] = []
  const candidates: CheckCommand[] = []
  for (const detect of detectors) {
    const found = await detect(tree)
    signal.throwIfAborted()
    packages.push(...found.packages)
    candidates.push(...found.commands)
  }
  return {
    languages: countLanguages(tree.paths),
    packages: packages.slice(0, MAX_PACKAGES),
    contracts: [...(await detectContracts(tree, subpath))],
    commands: await chooseCommands(candidates, folder),
  }
}

/** A pipeline may name a program that only its own machines have; a program of the repository may have to be installed first. */
async function chooseCommands(candidates: readonly CheckCommand[], folder: string): Promise<CheckCommand[]> {
  const chosen = new Map<CheckCommand['kind'], { readonly command: CheckCommand; readonly starts: boolean }>()
  for (const command of candidates) {
    const known = chosen.get(command.kind)
    if (known?.starts === true) continue
    const [program = ''] = command.argv
    const starts = program.includes('/') || (await findProgram(program, folder)) !== undefined
    if (known === undefined || starts) chosen.set(command.kind, { command, starts })
  }
  return [...chosen.values()].map(({ command }) => command)
}

function countLanguages(paths: readonly string[]): RepositoryFacts['languages'] {
  const counts = new Map<string, number>()
  for (const path of paths) {
    const language = LANGUAGES[extname(path).toLowerCase()]
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  return [...counts]
    .map(([name, files]) => ({ name, files }))
    .sort((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1))
}
