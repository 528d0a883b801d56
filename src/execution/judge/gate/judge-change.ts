import { createHash } from 'node:crypto'
import { dirname, matchesGlob, posix } from 'node:path'
import { type ChangedPath, changedPaths, fileIn } from '../../../git/difference.ts'
import { checkTampering, suppressionTampering } from './check-tampering.ts'
import { codeOf, isTestFile, languageOf } from './languages.ts'
import { testTampering } from './test-tampering.ts'

/** A reason why a change is refused whatever the checks say. */
export interface GateFinding {
  readonly class: 'NO_CHANGE' | 'SCOPE' | 'TAMPER' | 'POLICY_DENIED' | 'CROSS_REPO'
  readonly path?: string
  /** One sentence that says what to do instead. */
  readonly message: string
}

/** A change between two trees, and what binds it. */
export interface ChangeToJudge {
  /** Any folder of the repository. */
  readonly root: string
  readonly from: string
  readonly to: string
  /** Folder of the package the task is about; empty for the whole repository. */
  readonly subpath: string
  /** Globs of what must stay as it is. */
  readonly protectedPaths: readonly string[]
  /** Files the task names: these it may change in any way, and work elsewhere must be near them. Relative to the package. */
  readonly named: readonly string[]
  /** Whether documents alone can be the work. */
  readonly documents: boolean
  /** Tests that were written first, by path with the SHA-256 of their content: they are no work of this change, and stay. */
  readonly frozen: ReadonlyMap<string, string>
}

/** Larger files are not read: no test or configuration is. */
const MAX_BYTES = 1024 * 1024

/** Judges a change by its difference alone: what no check can tell. Empty where nothing speaks against it. */
export async function judgeChange(change: ChangeToJudge, signal: AbortSignal): Promise<readonly GateFinding[]> {
  const { root, from, to, subpath } = change
  const changed = await changedPaths(root, from, to, signal)
  const named = change.named.map((path) => (subpath === '' ? path : posix.join(subpath, path)))
  const findings: GateFinding[] = []
  let works = false
  for (const entry of changed) {
    const place = placeFinding(entry, change, named)
    if (place !== undefined) findings.push(place)
    const before = entry.change === 'added' ? undefined : await fileIn(root, from, entry.path, MAX_BYTES, signal)
    const after = entry.change === 'deleted' ? undefined : await fileIn(root, to, entry.path, MAX_BYTES, signal)
    const moved = await movedTo(entry, changed, before, change, signal)
    const tamper = tampering(entry.path, before, after, moved, named.includes(entry.path))
    findings.push(...tamper.map((message): GateFinding => ({ class: 'TAMPER', path: entry.path, message })))
    works ||=
      !change.frozen.has(entry.path) && isWork(entry, before, after, change.documents || named.includes(entry.path))
  }
  findings.push(...(await frozenFindings(change, signal)))
  if (!works && findings.length === 0)
    findings.push({
      class: 'NO_CHANGE',
      message:
        changed.length === 0
          ? 'Nothing was changed; do the work of the task.'
          : 'Only comments, blanks or documents were changed; do the work of the task.',
    })
  return findings
}

async function frozenFindings(
  { root, to, frozen }: ChangeToJudge,
  signal: AbortSignal,
): Promise<readonly GateFinding[]> {
  const findings: GateFinding[] = []
  for (const [path, hash] of frozen) {
    const text = await fileIn(root, to, path, MAX_BYTES, signal)
    if (text !== undefined && hashOf(text) === hash) continue
    findings.push({ class: 'TAMPER', path, message: `${path} was written first and is frozen; put it back as it was.` })
  }
  return findings
}

/** The hash under which a test is frozen. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function tampering(
  path: string,
  before: string | undefined,
  after: string | undefined,
  moved: boolean,
  named: boolean,
): readonly string[] {
  const check = named ? undefined : checkTampering(path, before, after)
  const suppression = isTestFile(path) ? undefined : suppressionTampering(path, before, after)
  return [
    ...(moved ? [] : testTampering(path, before, after, named)),
    ...(check === undefined ? [] : [check]),
    ...(suppression === undefined ? [] : [suppression]),
  ]
}

/** Whether a deleted file stands, as it was or grown, under another name. */
async function movedTo(
  entry: ChangedPath,
  changed: readonly ChangedPath[],
  before: string | undefined,
  { root, to }: ChangeToJudge,
  signal: AbortSignal,
): Promise<boolean> {
  if (entry.change !== 'deleted' || before === undefined || !isTestFile(entry.path)) return false
  for (const other of changed) {
    if (other.change !== 'added' || dirname(other.path) !== dirname(entry.path)) continue
    const text = await fileIn(root, to, other.path, MAX_BYTES, signal)
    if (text !== undefined && isTestFile(other.path) && testTampering(other.path, before, text).length === 0)
      return true
  }
  return false
}

const LINK = '120000'
const SUBMODULE = '160000'

/** Files that change along with any work. */
const COMPANIONS =
  /(?:^|\/)(?:package(?:-lock)?\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|Cargo\.(?:toml|lock)|go\.(?:mod|sum)|pyproject\.toml|requirements[\w-]*\.txt|(?:uv|poetry|Pipfile)\.lock|pom\.xml|build\.gradle(?:\.kts)?|Gemfile(?:\.lock)?|composer\.(?:json|lock)|mix\.(?:exs|lock)|[\w.]*\.csproj|CHANGELOG[^/]*|README[^/]*)$|\.mdx?$/

function placeFinding(
  { path, change, newMode }: ChangedPath,
  job: ChangeToJudge,
  named: readonly string[],
): GateFinding | undefined {
  const glob = job.protectedPaths.find(
    (each) => path === each || path.startsWith(`${each}/`) || matchesGlob(path, each),
  )
  if (glob !== undefined)
    return { class: 'TAMPER', path, message: `${path} is protected (${glob}); leave it as it is.` }
  if (job.subpath !== '' && !path.startsWith(`${job.subpath}/`) && (path.includes('/') || !COMPANIONS.test(path)))
    return {
      class: 'SCOPE',
      path,
      message: `${path} lies outside ${job.subpath}, where the task belongs; leave it as it is.`,
    }
  if (newMode === SUBMODULE)
    return { class: 'SCOPE', path, message: `${path} is a repository inside the repository; take it out.` }
  if (newMode === LINK && change !== 'deleted')
    return { class: 'SCOPE', path, message: `${path} is a symbolic link; put the file itself there.` }
  if (named.length === 0 || isNear(path, named)) return undefined
  return {
    class: 'SCOPE',
    path,
    message: `${path} is far from what the task names (${named.slice(0, 3).join(', ')}); leave it, or make a task of its own for it.`,
  }
}

/** In a folder of a named file or below it, a test, or what goes along with any work. */
function isNear(path: string, named: readonly string[]): boolean {
  if (isTestFile(path) || COMPANIONS.test(path)) return true
  return named.some((file) => {
    const folder = dirname(file)
    return folder === '.' ? !path.includes('/') : path.startsWith(`${folder}/`)
  })
}

/** Whether a change does something: code that runs differently, or a file that is no document. */
function isWork(
  entry: ChangedPath,
  before: string | undefined,
  after: string | undefined,
  documents: boolean,
): boolean {
  if (/\.(?:mdx?|txt|rst|adoc)$/i.test(entry.path)) return documents
  const language = languageOf(entry.path)
  if (after === undefined) return true
  if (language === undefined) return before === undefined ? after.trim() !== '' : true
  return codeOf(language, before ?? '') !== codeOf(language, after)
}
