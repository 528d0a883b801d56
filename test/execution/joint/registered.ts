import type { At } from '../../../src/execution/joint/siblings.ts'
import { inspectRepository } from '../../../src/validation/inspect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'

export type Files = Readonly<Record<string, string>>
export type Registered = At['repository']

const signal = AbortSignal.timeout(600_000)

const FIELDS = {
  commonDir: undefined,
  firstCommit: undefined,
  defaultBranch: 'main',
  description: '',
  owners: [],
  commands: [],
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
}

/** Real repositories side by side in a folder, as they are after registering. */
export async function registered(
  folder: string,
  repositories: Readonly<Record<string, Files>>,
  subpath = '.',
): Promise<readonly Registered[]> {
  const records: Registered[] = []
  for (const [name, files] of Object.entries(repositories)) {
    const root = makeRepository(folder, name, { files: { 'package.json': '{}', ...files } })
    git(root, 'remote', 'add', 'origin', `git@code.example:acme/${name}.git`)
    const { facts, root: real } = await inspectRepository(root, subpath, signal)
    records.push({ ...FIELDS, subpath, id: records.length + 1, name, root: real, remoteUrl: facts.remoteUrl, facts })
  }
  return records
}
