import type { Placement } from '../../../schemas/plan.ts'
import type { RepositoryMap } from '../repository.ts'

export interface PlacedRequirement {
  /** How the placement names it: its label, else its key. */
  readonly name: string
  readonly text: string
  readonly section: readonly string[]
  readonly criteria: readonly string[]
}

export interface CandidateRepository {
  readonly name: string
  /** Names of packages it contains. */
  readonly packages: readonly string[]
  readonly map: RepositoryMap | undefined
}

/** A sign that a requirement belongs to a repository. */
interface Sign {
  readonly repository: string
  readonly confidence: number
  readonly reason: string
}

/** Below this a sign decides nothing: it becomes a question. */
const DECIDES = 0.5
/** Further repositories join the first where their sign is about as strong. */
const MARGIN = 0.15

/** Where each requirement belongs, by what its text names; what nothing decides becomes a question. Deterministic. */
export function placeRequirements(
  requirements: readonly PlacedRequirement[],
  repositories: readonly CandidateRepository[],
  frontMatter: Readonly<Record<string, unknown>>,
): { readonly placements: Placement[]; readonly questions: string[] } {
  const placements: Placement[] = []
  const questions: string[] = []
  const [only] = repositories
  const owners = ownersOf(repositories)
  for (const requirement of requirements) {
    const signs =
      repositories.length === 1 && only !== undefined
        ? [{ repository: only.name, confidence: 1, reason: 'the only repository of the PRD' }]
        : signsFor(requirement, repositories, frontMatter, owners)
    const best = Math.max(0, ...signs.map((sign) => sign.confidence))
    const chosen = signs.filter(
      (sign) => sign.confidence >= DECIDES && sign.confidence >= best - MARGIN && (best < 1 || sign.confidence === 1),
    )
    for (const sign of chosen) placements.push({ requirement: requirement.name, ...sign })
    if (chosen.length === 0) questions.push(undecided(requirement, signs, repositories))
  }
  return { placements, questions }
}

function undecided(
  requirement: PlacedRequirement,
  signs: readonly Sign[],
  repositories: readonly CandidateRepository[],
): string {
  const candidates =
    signs.length > 0
      ? signs.map((sign) => `${sign.repository} (${sign.reason})`)
      : repositories.map((repository) => repository.name)
  return `In which repository does ${requirement.name} belong: ${candidates.join(', ')}? Tag it with [repo: name].`
}

/** The strongest sign for each repository, strongest first. */
function signsFor(
  requirement: PlacedRequirement,
  repositories: readonly CandidateRepository[],
  frontMatter: Readonly<Record<string, unknown>>,
  owners: ReadonlyMap<string, readonly string[]>,
): readonly Sign[] {
  const text = [requirement.text, ...requirement.criteria].join('\n')
  const tagged = tags([requirement.text, ...requirement.section].join('\n'))
  const signs = repositories.flatMap((repository) => {
    const found = [
      ...(tagged.includes(repository.name.toLowerCase()) ? [sign(repository, 1, 'tagged in the text')] : []),
      ...(mapped(frontMatter, repository.name).includes(requirement.name.toLowerCase())
        ? [sign(repository, 1, 'named in the front matter')]
        : []),
      ...(says(text, `(?:in|of|by) the ${escaped(repository.name)} (?:repository|repo|service|package|app)`)
        ? [sign(repository, 0.95, `"the ${repository.name} …" in the text`)]
        : []),
      ...(requirement.section.some((heading) => words(heading).includes(repository.name.toLowerCase()))
        ? [sign(repository, 0.9, `the section names ${repository.name}`)]
        : []),
      ...(says(text, escaped(repository.name)) ? [sign(repository, 0.8, `the text names ${repository.name}`)] : []),
      ...repository.packages
        .filter((name) => name.length >= 4 && says(text, escaped(name)))
        .map((name) => sign(repository, 0.75, `the text names its package ${name}`)),
      ...namedThings(text, repository, owners),
    ]
    return found.sort((a, b) => b.confidence - a.confidence).slice(0, 1)
  })
  return signs.sort((a, b) => b.confidence - a.confidence || (a.repository < b.repository ? -1 : 1))
}

function sign(repository: CandidateRepository, confidence: number, reason: string): Sign {
  return { repository: repository.name, confidence, reason }
}

/** `[repo: api, web]` → api, web */
function tags(text: string): readonly string[] {
  return [...text.matchAll(/\[\s*repo(?:sitory|sitories|s)?\s*:\s*([^\]\n]{1,200})\]/gi)].flatMap((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .split(/[\s,;]+/)
      .filter(Boolean),
  )
}

/** `repositories: { api: [FR-001], web: [FR-002] }` */
function mapped(frontMatter: Readonly<Record<string, unknown>>, repository: string): readonly string[] {
  const { repositories } = frontMatter as { repositories?: unknown }
  if (typeof repositories !== 'object' || repositories === null || Array.isArray(repositories)) return []
  const listed = (repositories as Readonly<Record<string, unknown>>)[repository]
  return Array.isArray(listed) ? listed.map((name) => String(name).toLowerCase()) : []
}

/** Paths, routes and symbols that the text names and the repository has. What several have says little. */
function namedThings(
  text: string,
  repository: CandidateRepository,
  owners: ReadonlyMap<string, readonly string[]>,
): readonly Sign[] {
  return mentioned(text).flatMap((thing) => {
    const having = owners.get(thing) ?? []
    if (!having.includes(repository.name)) return []
    const confidence = having.length > 1 ? 0.4 : thing.includes('/') ? 0.85 : 0.7
    return [sign(repository, confidence, `${thing} stands in ${repository.name}`)]
  })
}

function ownersOf(repositories: readonly CandidateRepository[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>()
  for (const { name, map } of repositories) {
    const things = new Set([
      ...(map?.paths.filter((path) => path.includes('/')) ?? []),
      ...(map?.symbols.map((symbol) => symbol.name) ?? []),
    ])
    for (const thing of things) owners.set(thing, [...(owners.get(thing) ?? []), name])
  }
  return owners
}

/** Words of a text that look like code: paths, routes, and names in camel or snake case or in backticks. */
function mentioned(text: string): readonly string[] {
  const quoted = [...text.matchAll(/`([^`\n]{2,100})`/g)].flatMap((match) => match[1] ?? [])
  const shaped =
    text.match(/\/?[\w.-]+(?:\/[\w.{}:-]+)+|\/[a-z][\w-]+|\b[a-z]+[A-Z]\w*|\b[A-Z][a-z]+[A-Z]\w*|\b\w+_\w+/g) ?? []
  return [...new Set([...quoted.map((name) => name.replace(/\(\)$/, '')), ...shaped])]
}

function says(text: string, pattern: string): boolean {
  return new RegExp(`(?<![\\w-])${pattern}(?![\\w-])`, 'i').test(text)
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function words(heading: string): readonly string[] {
  return heading.toLowerCase().split(/[^\p{L}\p{N}._-]+/u)
}
