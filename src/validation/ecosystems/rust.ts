import { parse } from 'smol-toml'
import { z } from 'zod'
import { attempt, command, type Detector, folderOf, unique } from '../manifest.ts'

const Dependencies = z.record(z.string(), z.unknown()).catch({}).default({})
const Cargo = z.looseObject({
  package: z
    .looseObject({ name: z.string(), version: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  dependencies: Dependencies,
  'dev-dependencies': Dependencies,
})

export const detectRust: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  for (const path of tree.named('Cargo.toml').slice(0, 100)) {
    const text = await tree.read(path)
    const manifest = text === undefined ? undefined : attempt(() => Cargo.parse(parse(text)))
    if (manifest?.package === undefined) continue
    const { name, version } = manifest.package
    packages.push({
      name,
      ecosystem: 'cargo',
      path: folderOf(path),
      ...(version !== undefined && { version }),
      dependencies: unique([...Object.keys(manifest.dependencies), ...Object.keys(manifest['dev-dependencies'])]),
    })
  }
  if (!tree.has('Cargo.toml')) return { packages, commands: [] }
  return {
    packages,
    commands: [
      ...(tree.has('rustfmt.toml') || tree.has('.rustfmt.toml')
        ? [command('format', ['cargo', 'fmt', '--check'], 'rustfmt.toml')]
        : []),
      command('build', ['cargo', 'build', '--all-targets'], 'Cargo.toml'),
      command('test', ['cargo', 'test'], 'Cargo.toml'),
    ],
  }
}
