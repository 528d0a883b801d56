import type { Bundle, BundleKnowledge, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { sectionLessons } from './document/section-lessons.ts'
import { byPath } from './reading/by-path.ts'
import { checkJson } from './reading/json.ts'
import { collectLooseEnds } from './reading/loose-ends.ts'
import { refuseTooMany } from './reading/refusal.ts'
import { type FeatureFiles, readFeature } from './spec-kit/feature.ts'

const MEMORY = /^\.specify\/memory\/.+\.md$/
/** `specs/001-photo-albums` or `specs/20260319-143022-photo-albums`; `2026-03-19-…` is how OpenSpec names what is archived. */
const FEATURE = /^(?!(?:.*\/)?openspec\/)((?:.*\/)?(?!\d{4}-\d{2}-)\d{3,}[-_][^/]+)\/(?:spec|plan|tasks)\.md$/
const NAMED = /^((?:\.specify\/)?specs\/[^/]+)\/(?:spec|plan|tasks)\.md$/
/** Files of text that features have beside the documents: contracts, checklists, samples. */
const TEXT =
  /\.(?:md|mdx|txt|ya?ml|json|jsonc|graphqls?|gql|proto|avsc|sql|http|xml|xsd|csv|toml|[cm]?[jt]sx?|py|go|rs|cs|java|kt|rb|php|swift|sh)$/i

/** GitHub's Spec Kit: a numbered folder for each feature, with spec, plan and tasks. */
export const specKit: Format = { name: 'spec_kit', title: 'Spec Kit', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  const features = foldersOf(paths)
  if (features.size === 0) return paths.filter((path) => MEMORY.test(path))
  return paths.filter((path) => MEMORY.test(path) || (TEXT.test(path) && folderOf(path, features) !== undefined))
}

function read(claimed: readonly SourceFile[]): Bundle {
  const folders = foldersOf(claimed.map(({ path }) => path))
  const features = new Map<string, FeatureFiles>()
  const knowledge: BundleKnowledge[] = []
  const homeless: Homeless[] = []
  for (const file of claimed.toSorted(byPath)) {
    checkJson(file.text, { file: file.path })
    const folder = folderOf(file.path, folders)
    if (folder === undefined) {
      const lessons = sectionLessons(file)
      knowledge.push(...lessons)
      if (lessons.length === 0)
        homeless.push({
          path: file.path,
          what: 'constitution without principles',
          why: 'It is still the empty template; it stays in this file.',
        })
    } else {
      const feature = features.get(folder) ?? { folder, files: new Map<string, SourceFile>() }
      feature.files.set(folder === '' ? file.path : file.path.slice(folder.length + 1), file)
      features.set(folder, feature)
    }
  }
  const loose = collectLooseEnds()
  const read = [...features.values()].map((feature) => readFeature(feature, loose))
  loose.settle('Correct the ids in tasks.md, or bring the tasks back, and import again.')
  const tasks = read.flatMap((feature) => feature.tasks)
  refuseTooMany('specs', tasks.length)
  return {
    format: 'spec_kit',
    prds: read.flatMap(({ prds }) => prds),
    tasks,
    knowledge,
    homeless: [...homeless, ...read.flatMap((feature) => feature.homeless), ...loose.homeless()],
  }
}

/** A single feature may also be read by itself. */
function foldersOf(paths: readonly string[]): ReadonlySet<string> {
  const isProject = paths.some((path) => path.startsWith('.specify/'))
  const folders = new Set(
    paths.flatMap((path) => FEATURE.exec(path)?.[1] ?? (isProject ? NAMED.exec(path)?.[1] : undefined) ?? []),
  )
  const alone = ['spec.md', 'plan.md', 'tasks.md'].filter((name) => paths.includes(name)).length > 1
  return folders.size === 0 && alone ? new Set(['']) : folders
}

/** The outermost feature that a path lies in. */
function folderOf(path: string, folders: ReadonlySet<string>): string | undefined {
  if (folders.has('')) return ''
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    if (folders.has(path.slice(0, slash))) return path.slice(0, slash)
  return undefined
}
