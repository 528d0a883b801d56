import { z } from 'zod'
import type { ContractFact, ContractKind } from '../../../schemas/repository.ts'
import { tryParse } from '../../expected.ts'
import type { Tree } from '../manifest.ts'
import { isCopy, isSample } from './places.ts'

/** Titles that templates come with: the same in repositories that have nothing in common. */
const NO_TITLE = /^(api|my api|rest api|openapi|swagger|swagger petstore|petstore|fastapi|example|title|untitled)$/i

const Described = z.looseObject({
  openapi: z.unknown().optional(),
  swagger: z.unknown().optional(),
  asyncapi: z.unknown().optional(),
  info: z.looseObject({ title: z.string() }),
})
const Schema = z.looseObject({ $schema: z.string().includes('json-schema.org'), $id: z.url() })

/**
 * Descriptions of interfaces in documents. One that lies among copies, or that a generator reads, is used; any other is
 * owned.
 */
export async function findDocuments(tree: Tree, generatedFrom: ReadonlySet<string>): Promise<ContractFact[]> {
  const found: ContractFact[] = []
  const add = (kind: ContractKind, path: string, name: string) =>
    found.push({ kind, role: isCopy(path) || generatedFrom.has(path) ? 'uses' : 'owns', name, path })
  const paths = (pattern: RegExp) => tree.paths.filter((path) => pattern.test(path) && !isSample(path)).slice(0, 200)
  for (const path of paths(
    /(openapi|swagger|asyncapi|(^|\/)api(?=\.))[^/]*\.(ya?ml|json)$|(openapi|swagger|asyncapi)\/.*\.(ya?ml|json)$/i,
  )) {
    const described = describe(path, (await tree.read(path)) ?? '')
    if (described !== undefined && !NO_TITLE.test(described.title.trim())) add(described.kind, path, described.title)
  }
  for (const path of paths(/\.(graphqls?|gql)$/i)) {
    const types = graphqlTypes((await tree.read(path)) ?? '')
    if (types !== undefined) add('graphql', path, types)
  }
  for (const path of paths(/\.schema\.json$|(^|\/)(json-?)?schemas?\/.*\.json$/i)) {
    const text = (await tree.read(path)) ?? ''
    const id = tryParse(() => Schema.parse(JSON.parse(text)).$id)
    if (id === undefined) continue
    add('json-schema', path, id)
    for (const [, name = ''] of text.matchAll(/"\$ref"\s*:\s*"(https?:\/\/[^"#]+)/g))
      if (name !== id) found.push({ kind: 'json-schema', role: 'uses', name, path })
  }
  return found
}

/** Of YAML only the lines that matter are read: a document can be a megabyte, and can be built to keep a parser busy. */
function describe(path: string, text: string): { kind: 'openapi' | 'asyncapi'; title: string } | undefined {
  const read = path.endsWith('.json') ? tryParse(() => Described.parse(JSON.parse(text))) : describeYaml(text)
  const title = read?.info.title
  if (title === undefined) return undefined
  if (read?.asyncapi !== undefined) return { kind: 'asyncapi', title }
  return read?.openapi === undefined && read?.swagger === undefined ? undefined : { kind: 'openapi', title }
}

function describeYaml(text: string): z.infer<typeof Described> | undefined {
  const info = /^info:[ \t]*(?:#.*)?\r?\n((?:[ \t].*\n|#.*\n|\r?\n)*)/m.exec(text)?.[1] ?? ''
  const title = /^[ \t]{1,8}title:[ \t]+(['"]?)(.{1,300}?)\1[ \t]*(?:#.*)?\r?$/m.exec(info)?.[2]
  const version = (key: string) => new RegExp(`^${key}:[ \\t]*(\\S+)`, 'm').exec(text)?.[1]
  if (title === undefined) return undefined
  return { openapi: version('openapi'), swagger: version('swagger'), asyncapi: version('asyncapi'), info: { title } }
}

/** A schema has no name, so its types stand for it; undefined for operations and for schemas too small to be told apart. */
function graphqlTypes(text: string): string | undefined {
  if (!/^[ \t]*(extend[ \t]+)?type[ \t]+Query\b|^[ \t]*schema[ \t]*\{/m.test(text)) return undefined
  const declared = [...text.matchAll(/^[ \t]*(?:type|interface|union|enum|input)[ \t]+(\w+)/gm)].map(
    (match) => match[1] ?? '',
  )
  const types = [...new Set(declared)].filter((name) => !/^(Query|Mutation|Subscription|__.*)$/.test(name)).sort()
  return types.length < 3 ? undefined : types.slice(0, 60).join(' ')
}
