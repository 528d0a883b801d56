import { parse } from 'smol-toml'
import { z } from 'zod'
import { tryParse } from '../../expected.ts'
import { command, type Detector, folderOf, unique } from '../manifest.ts'

const Dependency = z.looseObject({
  package: z.string().optional().catch(undefined),
  git: z.string().optional().catch(undefined),
  registry: z.string().optional().catch(undefined),
  workspace: z.boolean().optional().catch(undefined),
})
const Tables = {
  dependencies: z.record(z.string(), z.unknown()).catch({}).default({}),
  'dev-dependencies': z.record(z.string(), z.unknown()).catch({}).default({}),
  'build-dependencies': z.record(z.string(), z.unknown()).catch({}).default({}),
}
const Cargo = z.looseObject({
  package: z
    .looseObject({ name: z.string(), version: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  ...Tables,
  target: z.record(z.string(), z.looseObject(Tables)).catch({}).default({}),
  workspace: z.looseObject({ dependencies: Tables.dependencies }).optional().catch(undefined),
})

/** A crate that a manifest names as a dependency, and where it comes from: nowhere else than the default registry, or told. */
interface CrateUse {
  readonly key: string
  /** Its real name, where it is renamed. */
  readonly name: string
  readonly git: string | undefined
  readonly registry: string | undefined
  /** Told by the workspace. */
  readonly inherited: boolean
}

/** Every crate that a parsed Cargo.toml names: for building, testing and some targets too, and for a whole workspace. */
export function crateUses(manifest: unknown): readonly CrateUse[] {
  const cargo = Cargo.parse(manifest)
  const tables = [cargo, ...Object.values(cargo.target)].flatMap((at) => [
    at.dependencies,
    at['dev-dependencies'],
    at['build-dependencies'],
  ])
  return [...tables, cargo.workspace?.dependencies ?? {}].flatMap((table) =>
    Object.entries(table).map(([key, value]) => {
      const {
        package: name = key,
        git,
        registry,
        workspace: inherited = false,
      } = Dependency.safeParse(value).data ?? {}
      return { key, name, git, registry, inherited }
    }),
  )
}

export const detectRust: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  const manifests: {
    readonly path: string
    readonly cargo: z.infer<typeof Cargo>
    readonly uses: readonly CrateUse[]
  }[] = []
  for (const path of tree.named('Cargo.toml').slice(0, 100)) {
    const text = await tree.read(path)
    const manifest = text === undefined ? undefined : tryParse(() => parse(text))
    const cargo = tryParse(() => Cargo.parse(manifest))
    if (cargo !== undefined) manifests.push({ path, cargo, uses: crateUses(manifest) })
  }
  const renamed = new Map(
    manifests
      .filter(({ cargo }) => cargo.workspace !== undefined)
      .flatMap(({ uses }) => uses.map(({ key, name }) => [key, name])),
  )
  for (const { path, cargo } of manifests) {
    if (cargo.package === undefined) continue
    const { name, version } = cargo.package
    // What a workspace only offers to its crates, its own crate does not use.
    const own = crateUses({ ...cargo, workspace: undefined })
    packages.push({
      name,
      ecosystem: 'cargo',
      path: folderOf(path),
      ...(version !== undefined && { version }),
      dependencies: unique(own.map((use) => (use.inherited ? (renamed.get(use.key) ?? use.name) : use.name))),
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
