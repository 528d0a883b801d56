import type { Bundle, BundleKnowledge, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { checkedRef } from './document/checked-ref.ts'
import { documentPrd, titleOf, titleOfName } from './document/document-prd.ts'
import { sectionLessons } from './document/section-lessons.ts'
import { type ChangeFiles, readChange, refsOfChanges } from './openspec/change.ts'
import { byPath } from './reading/by-path.ts'
import { checkJson } from './reading/json.ts'
import { refuseTooMany } from './reading/refusal.ts'
import { pieces } from './reading/task.ts'
import { type Values, yamlValues } from './reading/yaml.ts'

const NAMED =
  /^(.*\/)?openspec\/(?:specs\/.+\/spec\.md|changes\/.+\/(?:proposal|tasks|spec)\.md|project\.md|config\.ya?ml)$/
const INSIDE = /^(?:changes\/[^/]+\/(?:proposal|tasks)\.md|changes\/archive\/[^/]+\/(?:proposal|tasks)\.md)$/
const OWN = /^(?:specs|changes|explorations|work)\/|^(?:project|AGENTS|README)\.md$|^config\.ya?ml$/i

/** OpenSpec: what the system does by capability, and changes to it as folders. */
export const openspec: Format = { name: 'openspec', title: 'OpenSpec', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  const roots = [
    ...new Set(
      paths.flatMap(
        (path) =>
          NAMED.exec(path)
            ?.slice(1, 2)
            .map((root) => `${root ?? ''}openspec/`) ?? [],
      ),
    ),
  ]
  const inside = roots.length === 0 && paths.some((path) => INSIDE.test(path)) ? [''] : []
  const used = roots.includes('openspec/') ? ['openspec/'] : [...roots, ...inside]
  return paths.filter(
    (path) =>
      /\.(?:md|ya?ml)$/i.test(path) && used.some((root) => path.startsWith(root) && OWN.test(path.slice(root.length))),
  )
}

interface Sorted {
  readonly changes: Map<string, ChangeFiles>
  readonly prds: Bundle['prds']
  readonly knowledge: BundleKnowledge[]
  readonly homeless: Homeless[]
}

function read(claimed: readonly SourceFile[]): Bundle {
  const sorted: Sorted = { changes: new Map(), prds: [], knowledge: [], homeless: [] }
  for (const file of claimed.toSorted(byPath)) sort(file, sorted)
  const refs = refsOfChanges([...sorted.changes.values()])
  const changes = [...sorted.changes.values()].map((change) =>
    readChange(change, refs.get(change.folder) ?? change.folder),
  )
  const tasks = changes.flatMap((change) => change.tasks)
  refuseTooMany('openspec/changes', tasks.length)
  return {
    format: 'openspec',
    prds: [...sorted.prds, ...changes.flatMap(({ prds }) => prds)],
    tasks,
    knowledge: sorted.knowledge,
    homeless: [...sorted.homeless, ...changes.flatMap(({ homeless }) => homeless)],
  }
}

function sort(file: SourceFile, sorted: Sorted): void {
  checkJson(file.text, { file: file.path })
  const path = file.path.replace(/^.*?(?:^|\/)openspec\//, '')
  const root = file.path.slice(0, file.path.length - path.length)
  const change = /^changes\/((?:archive\/)?[^/]+)\/(.+)$/.exec(path)
  const capability = /^specs\/(.+)\/([^/]+)$/.exec(path)
  if (change !== null && change[1] !== 'archive') {
    const folder = `${root}changes/${change[1]}`
    const files = sorted.changes.get(folder) ?? { root, folder, files: new Map<string, SourceFile>() }
    files.files.set(change[2] ?? '', file)
    sorted.changes.set(folder, files)
  } else if (capability?.[2] === 'spec.md' || capability?.[2] === 'design.md') {
    const isSpec = capability[2] === 'spec.md'
    const name = capability[1] ?? ''
    sorted.prds.push(
      documentPrd({
        ref: file.path,
        title: titleOf(file.text) ?? titleOfName(name),
        kind: isSpec ? 'prd' : 'tech_spec',
        state: 'completed',
        body: file.text,
        extra: { capability: name },
      }),
    )
  } else if (path === 'project.md') {
    const lessons = sectionLessons(file)
    sorted.knowledge.push(...lessons)
    if (lessons.length === 0) homeless(sorted, file.path, 'description of the project', 'It is still an empty template')
  } else if (/^config\.ya?ml$/.test(path)) readConfig(file, sorted)
  else homeless(sorted, file.path, whatIs(path), 'It is no spec and no change')
}

/** What a project tells every agent is knowledge; how OpenSpec works is its own business. */
function readConfig(file: SourceFile, sorted: Sorted): void {
  const { context, rules, ...settings } = yamlValues(file.text, file.path)
  const entries: [string, string][] = []
  if (typeof context === 'string') entries.push(['context', context])
  else if (context !== undefined) Object.assign(settings, { context })
  if (typeof rules === 'object' && rules !== null && !Array.isArray(rules))
    for (const [artifact, list] of Object.entries(rules)) {
      const lines = (Array.isArray(list) ? list : [list]).map((rule) =>
        typeof rule === 'string' ? rule : JSON.stringify(rule),
      )
      entries.push([`rules.${artifact}`, `Rules for ${artifact}:\n${lines.map((line) => `- ${line}`).join('\n')}`])
    }
  else if (rules !== undefined) Object.assign(settings, { rules })
  for (const [name, text] of entries)
    for (const [index, part] of pieces(text.trim(), 20_000).entries())
      sorted.knowledge.push({
        ref: checkedRef(`${file.path}#${name}${index > 0 ? `:${index + 1}` : ''}`, file.path),
        kind: 'lesson',
        category: name === 'context' ? 'tooling' : 'patterns',
        text: part,
        extra: {},
      })
  const names = Object.keys(settings satisfies Values)
  if (names.length > 0) homeless(sorted, file.path, `settings of OpenSpec: ${names.join(', ')}`, 'SPEKI has its own')
}

function whatIs(path: string): string {
  if (/(?:^|\/)(?:AGENTS|README)\.md$/i.test(path)) return 'instructions for OpenSpec'
  return 'document'
}

function homeless(sorted: Sorted, path: string, what: string, why: string): void {
  sorted.homeless.push({ path, what, why: `${why}; it stays in this file.` })
}
