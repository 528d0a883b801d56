import { z } from 'zod'
import { tryParse } from '../../expected.ts'
import { command, type Detector, type Found, folderOf, unique } from '../manifest.ts'
import { MAKEFILES } from '../pipelines.ts'

type Package = Found['packages'][number]

export const detectRuby: Detector = async (tree) => {
  const packages: Package[] = []
  for (const path of tree.named('.gemspec').slice(0, 50)) {
    const text = (await tree.read(path)) ?? ''
    const name = /\.name\s*=\s*['"]([^'"]+)['"]/.exec(text)?.[1]
    if (name !== undefined)
      packages.push({
        name,
        ecosystem: 'ruby',
        path: folderOf(path),
        dependencies: unique(
          [...text.matchAll(/add_(?:development_|runtime_)?dependency[\s(]+['"]([^'"]+)['"]/g)].flatMap(
            (match) => match[1] ?? [],
          ),
        ),
      })
  }
  const gemfile = await tree.read('Gemfile')
  if (gemfile === undefined) return { packages, commands: [] }
  const uses = (gem: string) => new RegExp(`^\\s*gem\\s+['"]${gem}['"]`, 'm').test(gemfile)
  const commands = [
    ...(uses('rubocop') || tree.has('.rubocop.yml') ? [command('lint', ['bundle', 'exec', 'rubocop'], 'rubocop')] : []),
    ...(tree.has('.rspec') || tree.paths.some((path) => path.endsWith('_spec.rb'))
      ? [command('test', ['bundle', 'exec', 'rspec'], 'spec files')]
      : tree.has('Rakefile') && tree.paths.some((path) => /(^|\/)test\/.*\.rb$/.test(path))
        ? [command('test', ['bundle', 'exec', 'rake', 'test'], 'Rakefile')]
        : []),
  ]
  return { packages, commands }
}

const Composer = z.looseObject({
  name: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.unknown()).catch({}).default({}),
  require: z.record(z.string(), z.unknown()).catch({}).default({}),
  'require-dev': z.record(z.string(), z.unknown()).catch({}).default({}),
})

export const detectPhp: Detector = async (tree) => {
  const text = await tree.read('composer.json')
  const manifest = text === undefined ? undefined : tryParse(() => Composer.parse(JSON.parse(text)))
  if (manifest === undefined) return { packages: [], commands: [] }
  const used = unique(
    [...Object.keys(manifest.require), ...Object.keys(manifest['require-dev'])].filter((name) => name.includes('/')),
  )
  const test = manifest.scripts['test'] !== undefined
  const phpunit = tree.has('phpunit.xml') || tree.has('phpunit.xml.dist')
  return {
    packages:
      manifest.name === undefined ? [] : [{ name: manifest.name, ecosystem: 'php', path: '.', dependencies: used }],
    commands: test
      ? [command('test', ['composer', 'test'], 'composer.json scripts.test')]
      : phpunit
        ? [command('test', ['vendor/bin/phpunit'], 'phpunit.xml')]
        : [],
  }
}

export const detectElixir: Detector = async (tree) => {
  const packages: Package[] = []
  for (const path of tree.named('mix.exs').slice(0, 50)) {
    const text = (await tree.read(path)) ?? ''
    const name = /\bapp:\s*:(\w+)/.exec(text)?.[1]
    if (name !== undefined)
      packages.push({
        name,
        ecosystem: 'elixir',
        path: folderOf(path),
        dependencies: unique([...text.matchAll(/\{\s*:(\w+)\s*,/g)].flatMap((match) => match[1] ?? [])),
      })
  }
  if (!tree.has('mix.exs')) return { packages, commands: [] }
  return {
    packages,
    commands: [
      ...(tree.has('.formatter.exs')
        ? [command('format', ['mix', 'format', '--check-formatted'], '.formatter.exs')]
        : []),
      command('test', ['mix', 'test'], 'mix.exs'),
    ],
  }
}

/** Build files that any language may have; asked last, so that an ecosystem's own command wins. */
export const detectMake: Detector = async (tree) => {
  const file = MAKEFILES.find((name) => tree.has(name))
  const text = file === undefined ? '' : ((await tree.read(file)) ?? '')
  const target = (names: readonly string[]) => names.find((name) => new RegExp(`^${name}\\s*:(?!=)`, 'm').test(text))
  const found = [
    ['lint', target(['lint'])],
    ['build', target(['build'])],
    ['test', target(['test', 'check'])],
  ] as const
  return {
    packages: [],
    commands: found.flatMap(([kind, name]) =>
      name === undefined ? [] : [command(kind, ['make', name], `${file} target ${name}`)],
    ),
  }
}
