import type { PackageFact } from '../../../schemas/repository.ts'
import type { RepositoryMap } from '../repository/repository.ts'

export interface PlaceableRepository {
  readonly name: string
  readonly packages: readonly Pick<PackageFact, 'name' | 'dependencies'>[]
  readonly map: RepositoryMap | undefined
}

/** A word of a text that stands in a repository. */
export interface Evidence {
  readonly repository: string
  /** The word itself; the same word counts once. */
  readonly token: string
  /** 0 to 1: how surely this word alone means the repository. */
  readonly weight: number
  readonly reason: string
}

export type EvidenceFinder = (text: string) => readonly Evidence[]

const NAME = 0.7
/** Names that are also everyday words of a specification. */
const GENERIC_NAME = 0.5
const PACKAGE = 0.75
const PATH = 0.75
const FOLDER = 0.4
const SYMBOL = 0.7
const ROUTE = 0.7
const ROUTE_PREFIX = 0.5

const GENERIC = new Set(
  'api app apps application backend client common core data database docs frontend infra main mobile service services server shared site test tests tools ui web website worker'.split(
    ' ',
  ),
)

// Only looked for where a name begins: from the middle of one nothing else would be found, at the cost of its length each time.
const PATH_TOKEN =
  /(?<![\w@.-])(?:\.{1,2}\/)?[\w@.-]+(?:\/[\w@.-]+)+|(?<![\w-]|[\w-]\.)[\w-]+(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,5}/g
const ROUTE_TOKEN = /(?<![\w.\\/])\/[A-Za-z][\w\-/:{}<>.]{1,120}/g
const QUOTED = /`([^`\s]{2,120})`/g
const IDENTIFIER = /[A-Za-z_$][\w$]*(\(\))?/g

interface Index {
  readonly paths: ReadonlyMap<string, ReadonlySet<string>>
  readonly folders: ReadonlyMap<string, ReadonlySet<string>>
  readonly symbols: ReadonlyMap<string, ReadonlySet<string>>
  readonly routes: ReadonlyMap<string, ReadonlySet<string>>
  readonly words: readonly { readonly pattern: RegExp; readonly evidence: Evidence }[]
}

/** Reads the repositories once; the finder is then quick for each of many texts. */
export function evidenceFinder(repositories: readonly PlaceableRepository[]): EvidenceFinder {
  const index = buildIndex(repositories)
  return (text) => {
    const found: Evidence[] = index.words.flatMap(({ pattern, evidence }) => (pattern.test(text) ? [evidence] : []))
    const look = (
      table: ReadonlyMap<string, ReadonlySet<string>>,
      key: string,
      weight: number,
      what: string,
    ): boolean => {
      const owners = table.get(key)
      if (owners === undefined) return false
      // What stands in many repositories tells nothing about one.
      const each = owners.size === 1 ? weight : owners.size === 2 ? weight / 2 : 0
      if (each > 0)
        for (const repository of owners)
          found.push({ repository, token: key, weight: each, reason: `${what} ${key} stands there` })
      return true
    }
    for (const [token] of text.matchAll(PATH_TOKEN)) look(index.paths, pathKey(token), PATH, 'file')
    for (const [token] of text.matchAll(ROUTE_TOKEN)) lookUpRoute(index, routeKey(token), look)
    for (const [, token = ''] of text.matchAll(QUOTED)) {
      if (!look(index.symbols, token.replace(/\(.*$/, ''), SYMBOL, 'symbol'))
        look(index.folders, pathKey(token), FOLDER, 'folder')
    }
    for (const match of text.matchAll(IDENTIFIER)) {
      const name = match[0].replace('()', '')
      if (match[1] !== undefined || /[a-z0-9][A-Z]|\w_\w/.test(name)) look(index.symbols, name, SYMBOL, 'symbol')
    }
    return found
  }
}

/** A longer route belongs where the beginning of it is served. */
function lookUpRoute(
  index: Index,
  route: string,
  look: (table: Index['routes'], key: string, weight: number, what: string) => boolean,
): void {
  if (look(index.routes, route, ROUTE, 'route')) return
  for (let end = route.lastIndexOf('/'); end > 0; end = route.lastIndexOf('/', end - 1))
    if (look(index.routes, route.slice(0, end), ROUTE_PREFIX, 'route')) return
}

function buildIndex(repositories: readonly PlaceableRepository[]): Index {
  const paths = new Map<string, Set<string>>()
  const folders = new Map<string, Set<string>>()
  const symbols = new Map<string, Set<string>>()
  const routes = new Map<string, Set<string>>()
  const owners = new Map<string, Set<string>>()
  for (const { name, packages, map } of repositories) {
    for (const entry of packages) add(owners, entry.name, name)
    for (const path of map?.paths ?? []) addPath(path, name, paths, folders)
    for (const symbol of map?.symbols ?? []) {
      if (symbol.name.startsWith('/')) add(routes, routeKey(symbol.name), name)
      else add(symbols, symbol.name, name)
    }
  }
  return { paths, folders, symbols, routes, words: [...nameWords(repositories), ...packageWords(owners)] }
}

/** A path is named by its end: the file, or the file with some of its folders. */
function addPath(
  path: string,
  repository: string,
  paths: Map<string, Set<string>>,
  folders: Map<string, Set<string>>,
): void {
  const key = pathKey(path)
  const isFile = /\.[a-z0-9]+$/.test(key)
  for (let start = 0; start >= 0; ) {
    const end = key.slice(start)
    if (isFile || end.includes('/')) add(paths, end, repository)
    else add(folders, end, repository)
    const slash = key.indexOf('/', start)
    start = slash === -1 ? -1 : slash + 1
  }
}

function nameWords(repositories: readonly PlaceableRepository[]): Index['words'] {
  return repositories.map(({ name }) => ({
    pattern: wordPattern(name),
    evidence: {
      repository: name,
      token: name.toLowerCase(),
      weight: GENERIC.has(name.toLowerCase()) ? GENERIC_NAME : NAME,
      reason: `the text names "${name}"`,
    },
  }))
}

function packageWords(owners: ReadonlyMap<string, ReadonlySet<string>>): Index['words'] {
  return [...owners].flatMap(([name, repositories]) => {
    const [repository] = repositories
    // A package called like its repository is the same word.
    if (repository === undefined || repositories.size > 1 || name.toLowerCase() === repository.toLowerCase()) return []
    const weight = GENERIC.has(name.toLowerCase()) || name.length < 3 ? GENERIC_NAME : PACKAGE
    return [
      {
        pattern: wordPattern(name),
        evidence: {
          repository,
          token: name.toLowerCase(),
          weight,
          reason: `the text names its package "${name}"`,
        },
      },
    ]
  })
}

/** The name as a word of its own, not as a part of a path, a route or a longer name; "payments api" is `payments-api`. */
function wordPattern(name: string): RegExp {
  const parts = name.split(/[-_. ]+/).filter((part) => part !== '')
  const flexible = name.includes('/') ? escapeRegExp(name) : parts.map(escapeRegExp).join('[-_. ]')
  return new RegExp(`(?<![\\p{L}\\p{N}_@/.-])${flexible}(?![\\p{L}\\p{N}_/-]|\\.\\w)`, 'iu')
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

function pathKey(path: string): string {
  return path
    .replace(/^(?:\.{1,2}\/)+/, '')
    .replace(/(?<![/.])[/.]+$/, '')
    .toLowerCase()
}

function routeKey(route: string): string {
  return route
    .replace(/[.:/]+$/, '')
    .replace(/\/(?::[\w-]+|\{[^}/]*\}|<[^>/]*>)/g, '/{}')
    .toLowerCase()
}

function add(table: Map<string, Set<string>>, key: string, repository: string): void {
  const owners = table.get(key)
  if (owners === undefined) table.set(key, new Set([repository]))
  else owners.add(repository)
}
