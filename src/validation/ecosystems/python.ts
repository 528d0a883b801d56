import { parse } from 'smol-toml'
import { z } from 'zod'
import { tryParse } from '../../expected.ts'
import { command, type Detector, folderOf, unique } from '../manifest.ts'

const Texts = z.array(z.string()).catch([])
const Names = z.record(z.string(), z.unknown()).catch({}).default({})
const Project = z.looseObject({
  project: z
    .looseObject({
      name: z.string().optional(),
      version: z.string().optional().catch(undefined),
      dependencies: Texts.default([]),
      'optional-dependencies': z.record(z.string(), Texts).catch({}),
    })
    .optional()
    .catch(undefined),
  'dependency-groups': z.record(z.string(), z.array(z.unknown())).catch({}).default({}),
  tool: z.record(z.string(), z.unknown()).catch({}),
})

export const detectPython: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  const tools = new Set<string>()
  for (const path of tree.named('pyproject.toml').slice(0, 100)) {
    const text = await tree.read(path)
    const manifest = text === undefined ? undefined : tryParse(() => Project.parse(parse(text)))
    if (manifest === undefined) continue
    if (path === 'pyproject.toml') for (const tool of Object.keys(manifest.tool)) tools.add(tool)
    const poetry = z
      .looseObject({
        name: z.string(),
        dependencies: Names,
        group: z
          .record(z.string(), z.looseObject({ dependencies: Names }))
          .catch({})
          .default({}),
      })
      .safeParse(manifest.tool['poetry']).data
    const name = manifest.project?.name ?? poetry?.name
    if (name === undefined) continue
    const wanted = [
      ...(manifest.project?.dependencies ?? []),
      ...Object.values(manifest.project?.['optional-dependencies'] ?? {}).flat(),
      // A group may include another, which is no requirement.
      ...Object.values(manifest['dependency-groups'])
        .flat()
        .filter((entry) => typeof entry === 'string'),
      ...[poetry, ...Object.values(poetry?.group ?? {})].flatMap((group) => Object.keys(group?.dependencies ?? {})),
    ]
    const { version } = manifest.project ?? {}
    packages.push({
      name,
      ecosystem: 'python',
      path: folderOf(path),
      ...(version !== undefined && { version }),
      dependencies: unique(wanted.map(nameOf).filter((entry) => entry !== 'python')),
    })
  }
  const setup = (await tree.read('setup.cfg')) ?? ''
  const tests = tree.paths.some((path) => /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path))
  const usesPytest =
    tools.has('pytest') || tree.has('pytest.ini') || tree.has('conftest.py') || /\[tool:pytest\]/.test(setup)
  const python = ['python3', '-m']
  const commands = [
    ...(tools.has('ruff') || tree.has('ruff.toml') || tree.has('.ruff.toml')
      ? [command('lint', [...python, 'ruff', 'check', '.'], 'ruff configuration')]
      : []),
    ...(tools.has('mypy') || tree.has('mypy.ini')
      ? [command('types', [...python, 'mypy', '.'], 'mypy configuration')]
      : []),
    ...(usesPytest || tests
      ? [command('test', [...python, 'pytest'], usesPytest ? 'pytest configuration' : 'test files')]
      : []),
  ]
  return { packages, commands }
}

/** `requests[security]>=2; python_version<"4"` → `requests` */
function nameOf(requirement: string): string {
  return /^[A-Za-z0-9][\w.-]*/.exec(requirement.trim())?.[0] ?? requirement
}
