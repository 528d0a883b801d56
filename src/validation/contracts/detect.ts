import type { ContractFact } from '../../../schemas/repository.ts'
import type { Tree } from '../manifest.ts'
import { findDocuments } from './documents.ts'
import { generatorInputs } from './generators.ts'
import { findProtos } from './protos.ts'
import { findReferences } from './references.ts'

const MAX_CONTRACTS = 500

/**
 * The interfaces a repository owns or uses beyond its packages. What cannot be told for sure is not told: an edge too few is
 * mended by a task that depends on another, one too many delays work for nothing. `subpath` is where the tree lies in it.
 */
export async function detectContracts(tree: Tree, subpath: string): Promise<readonly ContractFact[]> {
  const inputs = await generatorInputs(tree)
  const found = [
    ...(await findReferences(tree, subpath, inputs)),
    ...(await findDocuments(tree, new Set(inputs.map(({ target }) => target)))),
    ...(await findProtos(tree)),
  ]
  const seen = new Set<string>()
  return found
    .filter(({ kind, role, name, path }) => {
      const key = JSON.stringify([kind, role, name])
      return name.length <= 2000 && path.length <= 1000 && !seen.has(key) && seen.add(key)
    })
    .slice(0, MAX_CONTRACTS)
}
