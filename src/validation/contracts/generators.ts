import { parse } from 'yaml'
import { z } from 'zod'
import { tryParse } from '../../expected.ts'
import type { Tree } from '../manifest.ts'
import { targetOf } from './places.ts'

/** A description that a generator of code reads, as its configuration says. */
export interface GeneratorInput {
  /** The configuration. */
  readonly path: string
  /** Path from the top of the tree, which may lead out of it, or a URL. */
  readonly target: string
}

/** Configurations whose strings name descriptions; read as text, because half of them are programs. */
const CONFIGURATION =
  /(^|\/)(openapitools\.json|orval\.config\.[cm]?[jt]s|openapi-ts\.config\.[cm]?[jt]s|codegen\.(ts|js|ya?ml)|graphql\.config\.(ts|js|json|ya?ml)|\.graphqlrc(\.(ts|js|json|ya?ml))?|supergraph\.ya?ml)$/

const DESCRIPTION = /^[^\s<>|*?]+\.(ya?ml|json|graphqls?|gql)$/i

const BufGen = z.looseObject({
  inputs: z.array(
    z.looseObject({ directory: z.string().optional(), git_repo: z.string().optional(), module: z.string().optional() }),
  ),
})

export async function generatorInputs(tree: Tree): Promise<readonly GeneratorInput[]> {
  const found: GeneratorInput[] = []
  for (const path of tree.paths.filter((path) => CONFIGURATION.test(path)).slice(0, 50)) {
    const text = (await tree.read(path)) ?? ''
    const quoted = [...text.matchAll(/["'`]([^"'`\n]{1,500})["'`]/g)].map((match) => match[1] ?? '')
    const plain = [...text.matchAll(/^[ \t-]{0,40}(?:\w+:[ \t]+)?([^\s'"`:#]{1,500})[ \t]*$/gm)].map(
      (match) => match[1] ?? '',
    )
    for (const name of new Set([...quoted, ...plain].filter((name) => DESCRIPTION.test(name))))
      found.push({ path, target: isUrl(name) ? name : targetOf(path, name) })
  }
  for (const { path, directory } of await bufInputs(tree))
    if (directory !== undefined) found.push({ path, target: targetOf(path, directory) })
  return found
}

/** What buf generates from: modules of its registry, repositories, folders. */
export async function bufInputs(tree: Tree) {
  const found: {
    path: string
    directory?: string | undefined
    git_repo?: string | undefined
    module?: string | undefined
  }[] = []
  for (const path of tree.named('buf.gen.yaml').slice(0, 50)) {
    const text = await tree.read(path)
    const inputs = tryParse(() => BufGen.parse(parse(text ?? '', { maxAliasCount: 0 })).inputs) ?? []
    found.push(...inputs.map(({ directory, git_repo, module }) => ({ path, directory, git_repo, module })))
  }
  return found
}

export function isUrl(name: string): boolean {
  return /^[a-z][a-z+]*:\/\//i.test(name)
}
