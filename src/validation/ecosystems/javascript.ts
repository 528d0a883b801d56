import { z } from 'zod'
import type { CheckCommand, CheckKind } from '../../../schemas/repository.ts'
import { tryParse } from '../../expected.ts'
import { command, type Detector, folderOf, type Tree, unique } from '../manifest.ts'

const Dependencies = z.record(z.string(), z.unknown()).catch({})
const Manifest = z.looseObject({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  packageManager: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.string()).catch({}),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  peerDependencies: Dependencies,
  optionalDependencies: Dependencies,
})
type Manifest = z.infer<typeof Manifest>

/** Script names by what they prove; the first that is there counts. */
const SCRIPTS: Readonly<Record<CheckKind, readonly string[]>> = {
  format: ['format:check', 'check:format', 'fmt:check', 'prettier:check'],
  lint: ['lint', 'check:lint', 'lint:check'],
  types: ['typecheck', 'type-check', 'check:types', 'types', 'tsc'],
  build: ['build'],
  test: ['test', 'test:unit', 'tests'],
}

export const detectJavascript: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  const commands: CheckCommand[] = []
  for (const path of tree.named('package.json').slice(0, 200)) {
    const text = await tree.read(path)
    const manifest = text === undefined ? undefined : tryParse(() => Manifest.parse(JSON.parse(text)))
    if (manifest === undefined) continue
    if (manifest.name !== undefined) {
      const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest
      packages.push({
        name: manifest.name,
        ecosystem: 'npm',
        path: folderOf(path),
        ...(manifest.version !== undefined && { version: manifest.version }),
        dependencies: unique(
          [dependencies, devDependencies, peerDependencies, optionalDependencies].flatMap((names) =>
            Object.keys(names),
          ),
        ),
      })
    }
    if (path === 'package.json') commands.push(...scriptCommands(manifest, packageManager(tree, manifest)))
  }
  return { packages, commands }
}

function packageManager(tree: Tree, manifest: Manifest): string {
  const declared = manifest.packageManager?.split('@', 1)[0]
  if (declared !== undefined && ['npm', 'pnpm', 'yarn', 'bun'].includes(declared)) return declared
  if (tree.has('pnpm-lock.yaml')) return 'pnpm'
  if (tree.has('yarn.lock')) return 'yarn'
  return tree.has('bun.lock') || tree.has('bun.lockb') ? 'bun' : 'npm'
}

function scriptCommands(manifest: Manifest, manager: string): CheckCommand[] {
  const kinds = Object.entries(SCRIPTS) as [CheckKind, readonly string[]][]
  return kinds.flatMap(([kind, names]) => {
    const name = names.find((candidate) => isReal(manifest.scripts[candidate]))
    return name === undefined ? [] : [command(kind, [manager, 'run', name], `package.json scripts.${name}`)]
  })
}

/** npm init writes a test script that only fails. */
function isReal(script: string | undefined): boolean {
  return script !== undefined && script.trim() !== '' && !script.includes('no test specified')
}
