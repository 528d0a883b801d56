import { posix } from 'node:path'
import type { Bundle, BundlePrd, Homeless } from '../../../schemas/bundle.ts'
import { MAX_BODY_BYTES, type PrdKind } from '../../../schemas/prd.ts'
import { splitLines } from '../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../spec/markdown/markdown-scan.ts'
import { extractRequirements } from '../../spec/requirement/extract.ts'
import type { Format, SourceFile } from '../format.ts'
import { documentPrd, stateOfWord, titleOf, titleOfName } from './document/document-prd.ts'
import { readFrontMatter, wordOf, wordsOf } from './document/front-matter.ts'
import { kindOf } from './document/kind-of.ts'
import { byPath } from './reading/by-path.ts'
import type { Json } from './reading/json.ts'
import type { Values } from './reading/yaml.ts'

const MARKDOWN = /\.(?:md|markdown|mdx)$/i
const ABOUT =
  /^(?:readme|change-?log|changes|history|releases?|release-notes|licen[cs]e|copying|notice|contributing|contributors|code[-_]of[-_]conduct|security|support|authors|maintainers|governance|agents|claude|gemini|todo|index|pull_request_template|issue_template)$/i

/** Any Markdown: a folder of it, or one file. */
export const markdown: Format = {
  name: 'markdown',
  title: 'Markdown',
  claims: (paths) => paths.filter((path) => MARKDOWN.test(path)),
  read,
}

interface Candidate {
  readonly prd: BundlePrd
  /** As the document names its parent. */
  readonly parent: string | undefined
}

function read(claimed: readonly SourceFile[]): Bundle {
  const alone = claimed.length === 1 && claimed[0]?.path.includes('/') === false
  const homeless: Homeless[] = []
  const documents = claimed.toSorted(byPath).flatMap((file): Candidate[] => {
    const values = readFrontMatter(file)
    const why = alone ? undefined : reasonAgainst(file, values)
    if (why === undefined) return [{ prd: toPrd(file, values), parent: wordOf(values, 'parent') }]
    homeless.push({ path: file.path, what: 'document', why })
    return []
  })
  const prds = documents.map(({ prd, parent }) => withParent(prd, parent, documents))
  return { format: 'markdown', prds, tasks: [], knowledge: [], homeless }
}

/** Why a document of a folder is no PRD; undefined where it is one. */
function reasonAgainst({ path, text }: SourceFile, values: Values): string | undefined {
  if (kindOf(wordOf(values, 'kind', 'type') ?? '') !== undefined) return undefined
  const name = posix.basename(path).replace(MARKDOWN, '')
  if (ABOUT.test(name)) return `${posix.basename(path)} is about the project and no spec; it stays in this file.`
  if (text.trim() === '') return 'It is empty.'
  if (Buffer.byteLength(text) > MAX_BODY_BYTES)
    return `It has more than the ${MAX_BODY_BYTES} bytes a PRD takes; split it. It stays in this file.`
  if (extractRequirements(text).requirements.length > 0) return undefined
  return 'It states no requirement; give it "kind: prd" in front matter to bring it along. It stays in this file.'
}

const KNOWN = new Set(
  'title kind type status state parent owner owners author authors repository repositories repo created created_at date updated updated_at last_updated modified'.split(
    ' ',
  ),
)

function toPrd({ path, text }: SourceFile, values: Values): BundlePrd {
  const status = wordOf(values, 'status', 'state')
  const state = status === undefined ? undefined : stateOfWord(status)
  const written = wordOf(values, 'kind', 'type')
  const extra: Record<string, Json> = {}
  for (const [key, value] of Object.entries(values)) if (!KNOWN.has(key.toLowerCase())) extra[key] = value
  if (status !== undefined && status.toLowerCase().replace(/[\s-]+/g, '_') !== state) extra['status'] = status
  const kind = kindOf(written ?? '')
  if (written !== undefined && kind === undefined) extra['kind'] = written
  return documentPrd({
    ref: path,
    title: wordOf(values, 'title') ?? titleOf(text) ?? titleOfName(path),
    kind: kind ?? kindOfName(path) ?? kindOfText(text),
    state: state ?? 'draft',
    body: text,
    owners: wordsOf(values, 'owners', 'owner', 'authors', 'author'),
    repositories: wordsOf(values, 'repositories', 'repository', 'repo'),
    created: { field: 'created', value: wordOf(values, 'created', 'created_at', 'date') },
    updated: { field: 'updated', value: wordOf(values, 'updated', 'updated_at', 'last_updated', 'modified') },
    extra,
  })
}

function kindOfName(path: string): PrdKind | undefined {
  const suffix = /[.](prd|tech|tech[-_]?spec|spec|design|bug|bugfix)\.[a-z]+$/i.exec(path)?.[1]
  return suffix === undefined ? undefined : kindOf(suffix)
}

const ABOUT_A_BUG = /^(?:\d{1,4}[.)]\s+)?(?:steps to reproduce|how to reproduce|reproduction|root cause)\b/i

function kindOfText(text: string): PrdKind {
  const { headings } = scanMarkdown(splitLines(text))
  if (headings.some(({ level, title }) => level <= 4 && ABOUT_A_BUG.test(title))) return 'bug'
  const title = titleOf(text) ?? ''
  if (/^(?:bug|defect)\b\s*[:#-]/i.test(title)) return 'bug'
  if (/\b(?:tech(?:nical)?[- ](?:spec|specification|design)|design doc(?:ument)?)\b/i.test(title)) return 'tech_spec'
  return 'prd'
}

/** A parent is named by its path, from this file or from the folder, or by its name or title. */
function withParent(prd: BundlePrd, parent: string | undefined, documents: readonly Candidate[]): BundlePrd {
  if (parent === undefined) return prd
  const name = parent.replace(/^\[\[|\]\]$/g, '').trim()
  const paths = [posix.normalize(posix.join(posix.dirname(prd.ref), name)), posix.normalize(name)]
  const stem = name.replace(MARKDOWN, '')
  const named = documents.filter(({ prd: { ref, title } }) => {
    const own = posix.basename(ref).replace(MARKDOWN, '')
    return ref !== prd.ref && (paths.includes(ref) || own === stem || title === name)
  })
  const [first, ...others] = named
  const exact = named.find((document) => paths.includes(document.prd.ref)) ?? (others.length === 0 ? first : undefined)
  return exact === undefined ? { ...prd, extra: { ...prd.extra, parent } } : { ...prd, parent: exact.prd.ref }
}
