import { posix } from 'node:path'
import type { ContractFact } from '../../../schemas/repository.ts'
import type { Tree } from '../manifest.ts'
import { bufInputs, type GeneratorInput, isUrl } from './generators.ts'
import { targetOf } from './places.ts'

/** How manifests name folders; what does not lead out of the repository does not count. */
const PATHS: readonly (readonly [file: RegExp, reference: RegExp])[] = [
  [/(^|\/)package\.json$/, /"(?:(?:file|link|portal):)?(\.\.\/[^"]+)"/g],
  [/(^|\/)pnpm-workspace\.yaml$/, /^[ \t]*-[ \t]*['"]?(\.\.\/[^'"\s]+)/gm],
  [/(^|\/)tsconfig[^/]*\.json$/, /"(\.\.\/[^"]+)"/g],
  [/(^|\/)(Cargo|pyproject)\.toml$/, /\bpath[ \t]*=[ \t]*"([^"\n]+)"/g],
  [/(^|\/)requirements[^/]*\.txt$/, /^(?:-e[ \t]+)?(?:file:)?(\.\.\/\S+)/gm],
  [/(^|\/)go\.mod$/, /=>[ \t]*(\.\.\/\S+)/g],
  [/(^|\/)go\.work$/, /^[ \t]*(?:use[ \t]+)?(\.\.\/\S+)/gm],
  [/(^|\/)(settings|build)\.gradle(\.kts)?$/, /\b(?:includeBuild|file)[ \t]*\(?[ \t]*['"](\.\.\/[^'"\n]+)['"]/g],
  [/(^|\/)pom\.xml$/, /<(?:module|relativePath)>(\.\.\/[^<\s]+)</g],
  [/\.(csproj|fsproj|vbproj|sln|slnx)$/, /"(\.\.[\\/][^"\n]+\.(?:csproj|fsproj|vbproj))"/g],
  [/(^|\/)composer\.json$/, /"url"\s*:\s*"(\.\.\/[^"]+)"/g],
  [/(^|\/)(Gemfile|mix\.exs|Package\.swift)$/, /\bpath:\s*['"](\.\.\/[^'"\n]+)['"]/g],
  [/(^|\/)pubspec\.yaml$/, /^[ \t]+path:[ \t]*['"]?(\.\.\/[^'"\s]+)/gm],
]

/** References to other repositories: submodules, URLs and paths that lead out. */
export async function findReferences(
  tree: Tree,
  subpath: string,
  inputs: readonly GeneratorInput[],
): Promise<ContractFact[]> {
  const found: ContractFact[] = []
  const leadsOut = (path: string, target: string) => {
    const name = posix.join(subpath, target).replace(/\/$/, '')
    if (name.startsWith('../')) found.push({ kind: 'path', role: 'uses', name, path })
  }
  for (const { path, target } of inputs)
    if (isUrl(target)) found.push({ kind: 'git', role: 'uses', name: target, path })
    else leadsOut(path, target)
  for (const { path, git_repo: name } of await bufInputs(tree))
    if (name !== undefined) found.push({ kind: 'git', role: 'uses', name, path })
  const modules = (await tree.read('.gitmodules')) ?? ''
  for (const [, key, value = ''] of modules.matchAll(/^[ \t]*(url|path)[ \t]*=[ \t]*(\S+)[ \t]*$/gm))
    found.push({ kind: key === 'url' ? 'git' : 'path', role: 'uses', name: value, path: '.gitmodules' })
  // A pattern stands for what lies in its folder.
  for (const [file, reference] of PATHS)
    for (const path of tree.paths.filter((path) => file.test(path)).slice(0, 200))
      for (const [, target = ''] of ((await tree.read(path)) ?? '').matchAll(reference))
        leadsOut(path, targetOf(path, target.replace(/\*.*$/, '')))
  return found
}
