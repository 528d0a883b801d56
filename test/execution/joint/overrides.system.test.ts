import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git } from '../../mcp/workspace.ts'
import { has, joint, put } from './joint.ts'
import type { Files } from './registered.ts'

const MAVEN = 'mvn'

describe('Node', () => {
  const lib = {
    'package.json': '{"private":true,"workspaces":["packages/*"]}',
    'packages/lib/package.json': '{"name":"@acme/lib","type":"module","exports":"./index.js"}',
    'packages/lib/index.js': "export const from = 'beside'\n",
  }
  const app = {
    'package.json': '{"private":true,"workspaces":["packages/*"]}',
    '.gitignore': 'node_modules\n',
    'packages/app/package.json': '{"name":"app","type":"module","dependencies":{"@acme/lib":"^1.0.0"}}',
    'packages/app/a.js': "import { from } from '@acme/lib'\nconsole.log(from)\n",
  }
  const old = {
    'package.json': '{"name":"@acme/lib","type":"module","exports":"./index.js"}',
    'index.js': "export const from = 'published'\n",
  }
  /** Installed things of the working copy, which the worktree takes over. */
  const installed =
    (...places: string[]) =>
    (folder: string) => {
      for (const place of places) put(join(folder, 'app', place), old)
    }

  test.each<[string, string[]]>([
    ['nothing is installed', []],
    ['npm put the published one at the top of a workspace', ['node_modules/@acme/lib']],
    ['npm put the published one into the package', ['packages/app/node_modules/@acme/lib']],
    ['both', ['node_modules/@acme/lib', 'packages/app/node_modules/@acme/lib']],
  ])('takes a package of a monorepo beside it where %s', async (_, places) => {
    const { run, seen, close, folder } = await joint({ lib, app }, installed(...places))
    expect(run('app', process.execPath, 'packages/app/a.js')).toBe('beside\n')
    expect(seen()).toBe('')
    await close()
    // What the person has installed stays.
    for (const place of places)
      expect(readFileSync(join(folder, 'app', place, 'index.js'), 'utf8')).toContain('published')
  })

  test('takes it in the store of pnpm too, for what is installed and uses it', async () => {
    const store = 'node_modules/.pnpm'
    const { run, seen } = await joint(
      { lib, app: { ...app, 'b.mjs': "import { from } from 'mid'\nconsole.log(from)\n" } },
      (folder) => {
        put(join(folder, 'app', store, '@acme+lib@1.0.0/node_modules/@acme/lib'), old)
        put(join(folder, 'app', store, 'mid@1.0.0/node_modules/mid'), {
          'package.json': '{"name":"mid","type":"module","exports":"./index.js"}',
          'index.js': "export { from } from '@acme/lib'\n",
        })
        mkdirSync(join(folder, 'app', store, 'mid@1.0.0/node_modules/@acme'))
        symlinkSync(
          '../../../@acme+lib@1.0.0/node_modules/@acme/lib',
          join(folder, 'app', store, 'mid@1.0.0/node_modules/@acme/lib'),
        )
        symlinkSync('.pnpm/mid@1.0.0/node_modules/mid', join(folder, 'app/node_modules/mid'))
      },
    )
    expect(run('app', process.execPath, 'b.mjs')).toBe('beside\n')
    expect(seen()).toBe('')
  })

  test('takes one that was registered as a folder of its repository', async () => {
    const folder = (name: string, files: Files) =>
      Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path.replace(`packages/${name}/`, 'part/'), text]),
      )
    const { run } = await joint({ lib: folder('lib', lib), app: folder('app', app) }, () => {}, 'part')
    expect(run('app', process.execPath, 'part/a.js')).toBe('beside\n')
  })

  test('never replaces anything through a link that leads out of the worktree', async () => {
    const elsewhere = await temporaryFolder()
    put(join(elsewhere, '@acme/lib'), old)
    const linked = await joint({ lib, app }, (folder) => {
      symlinkSync(elsewhere, join(folder, 'app', 'node_modules'))
      git(join(folder, 'app'), 'add', '--force', 'node_modules')
      git(join(folder, 'app'), 'commit', '--quiet', '--message', 'A link')
    })
    expect(readFileSync(join(elsewhere, '@acme/lib/index.js'), 'utf8')).toContain('published')
    expect(linked.seen()).toBe('')
  })
})

test('Python takes the producer beside it, with its version and the plugins it brings', async () => {
  const { run, seen } = await joint({
    lib: {
      'pyproject.toml':
        '[project]\nname = "Acme-Lib"\nversion = "2.0.0"\n[project.entry-points."acme.plugins"]\nbeside = "acme_lib:plugin"\n',
      'src/acme_lib/__init__.py': "def plugin():\n    return 'beside'\n",
    },
    app: {
      'pyproject.toml': '[project]\nname = "app"\nversion = "1.0.0"\n[dependency-groups]\ndev = ["acme_lib>=2"]\n',
      '.gitignore': '__pycache__\n',
      'a.py':
        'from importlib.metadata import entry_points, version\n[point] = entry_points(group="acme.plugins")\nprint(point.load()(), version("acme-lib"))\n',
    },
  })
  expect(run('app', 'python3', 'a.py')).toBe('beside 2.0.0\n')
  expect(seen().replaceAll(/^\?\? .*__pycache__.*\n/gm, '')).toBe('')
})

test('a manifest that was broken since it was registered does not stop the workspace; its own checks are to tell', async () => {
  const made = await joint(
    {
      lib: {
        'pyproject.toml': '[project]\nname = "lib"\nversion = "1.0.0"\n',
        'Cargo.toml': '[package]\nname = "lib"\n',
      },
      app: {
        'pyproject.toml': '[project]\nname = "app"\ndependencies = ["lib"]\n',
        'Cargo.toml': '[package]\nname = "app"\n[dependencies]\nlib = "1"\n',
      },
    },
    (folder) => {
      put(join(folder, 'lib'), { 'pyproject.toml': '[project\n' })
      put(join(folder, 'app'), { 'Cargo.toml': '[dependencies\n' })
      for (const name of ['lib', 'app']) git(join(folder, name), 'commit', '--quiet', '--all', '--message', 'Broken')
    },
  )
  expect(made.said).toEqual([])
  await made.close()
})

test('Go gets a workspace that is as new as its newest module', async () => {
  const { place, environment } = await joint({
    lib: { 'go.mod': 'module acme.example/lib\n\ngo 1.22.3\n' },
    app: { 'go.mod': 'module acme.example/app\n\ngo 1.9\n\nrequire acme.example/lib v1.0.0\n' },
  })
  expect(readFileSync(join(place, 'go.work'), 'utf8')).toBe(
    `go 1.22.3\n\nuse (\n\t"${join(place, 'lib')}"\n\t"${join(place, 'app')}"\n)\n`,
  )
  expect(environment['GOWORK']).toBe(join(place, 'go.work'))
})

test.skipIf(!has('go', 'version'))(
  'Go builds the unmerged module and what uses it, from every member',
  async () => {
    const { run, seen, close } = await joint({
      lib: {
        'go.mod': 'module acme.example/lib\n\ngo 1.19\n',
        'lib.go': 'package lib\n\nfunc From() string { return "beside" }\n',
      },
      app: {
        'go.mod': 'module acme.example/app\n\ngo 1.18\n\nrequire acme.example/lib v1.0.0\n',
        'main.go': 'package main\n\nimport "acme.example/lib"\n\nfunc main() { println(lib.From()) }\n',
        'main_test.go':
          'package main\n\nimport (\n\t"testing"\n\n\t"acme.example/lib"\n)\n\nfunc TestFrom(t *testing.T) {\n\tif lib.From() != "beside" {\n\t\tt.Fatal(lib.From())\n\t}\n}\n',
      },
    })
    expect(run('app', 'go', 'test', './...')).toMatch(/^ok\s+acme\.example\/app/)
    run('lib', 'go', 'vet', './...')
    expect(seen()).toBe('')
    await close()
  },
  120_000,
)

describe('Maven', () => {
  const plugins = [
    ['resources', '3.3.1'],
    ['compiler', '3.13.0'],
    ['jar', '3.4.1'],
    ['surefire', '3.2.5'],
    ['install', '3.1.3'],
  ].map(
    ([name, version]) => `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${version}</version></plugin>`,
  )
  const pom = (artifact: string, version: string, more = '') =>
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>com.acme.speki</groupId><artifactId>${artifact}</artifactId><version>${version}</version>
<properties><lib.version>1.0.0</lib.version><maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<build><plugins>${plugins.join('')}</plugins></build>${more}</project>\n`
  const lib = {
    'pom.xml': pom('lib', '1.1.0-SNAPSHOT'),
    'src/main/java/acme/Lib.java':
      'package acme;\npublic class Lib { public static String from() { return "beside"; } }\n',
    '.mvn/maven.config': '-o\n',
  }
  const app = {
    'pom.xml': pom(
      'app',
      '1.0.0',
      '<dependencies><dependency><groupId>${project.groupId}</groupId><artifactId>lib</artifactId><version>${lib.version}</version></dependency></dependencies>',
    ),
    'src/main/java/acme/App.java': 'package acme;\npublic class App { static String from = Lib.from(); }\n',
    '.gitignore': 'target\n',
  }
  /** Whether this machine has what Maven itself needs to build, without a network. */
  const builds = async () => {
    const folder = await temporaryFolder()
    put(folder, lib)
    return (
      spawnSync(MAVEN, ['-o', '--batch-mode', '--quiet', 'package', '-Dmaven.test.skip=true'], { cwd: folder })
        .status === 0
    )
  }

  test('takes the producer as built from its worktree, under the version its user asks for', async ({ skip }) => {
    if (!(await builds())) skip('Maven or its plugins are not on this machine')
    const { run, seen, close, place } = await joint({ lib, app })
    run('app', MAVEN, '-o', '--batch-mode', '--quiet', 'package', '-Dmaven.test.skip=true')
    expect(existsSync(join(place, 'app/target/classes/acme/App.class'))).toBe(true)
    // Neither there nor in the person's own repository.
    expect(seen()).toBe('')
    expect(existsSync(join(place, 'lib/target'))).toBe(false)
    expect(existsSync(join(process.env['HOME'] ?? '', '.m2/repository/com/acme/speki'))).toBe(false)
    await close()
    await expect(joint({ lib: { ...lib, 'src/main/java/acme/Lib.java': 'no Java\n' }, app })).rejects.toThrow(
      /Maven could not build lib for those that use it: .*ERROR/,
    )
  })
})

test('Gradle is told to include the build of the producer, in a home that is otherwise the real one', async () => {
  const { place, environment, seen } = await joint({
    lib: {
      'settings.gradle': "rootProject.name = 'acme'\n",
      'build.gradle': "group = 'com.acme'\n",
      'lib/build.gradle': '',
    },
    app: {
      'settings.gradle': "rootProject.name = 'app'\n",
      'build.gradle': "dependencies { implementation 'com.acme:lib:1.0' }\n",
    },
  })
  const home = join(place, '.gradle-home')
  expect(environment['GRADLE_USER_HOME']).toBe(home)
  expect(readFileSync(join(home, 'init.d/speki-joint.gradle'), 'utf8')).toContain(`['${join(place, 'lib')}'].each`)
  expect(seen()).toBe('')
})

test.skipIf(!has('gradle'))(
  'Gradle builds the unmerged producer into what uses it',
  async () => {
    const { run, seen, close } = await joint({
      lib: {
        'settings.gradle': "rootProject.name = 'lib'\n",
        'build.gradle': "apply plugin: 'java'\ngroup = 'com.acme'\nversion = '1.1'\n",
        'src/main/java/acme/Lib.java':
          'package acme;\npublic class Lib { public static String from() { return "beside"; } }\n',
        '.gitignore': '.gradle\nbuild\n',
      },
      app: {
        'settings.gradle': "rootProject.name = 'app'\n",
        // The older name of the configuration for an older Gradle.
        'build.gradle':
          "apply plugin: 'application'\nmainClassName = 'Main'\ndef uses = configurations.findByName('implementation') ? 'implementation' : 'compile'\ndependencies { add(uses, 'com.acme:lib:1.0') }\n",
        'src/main/java/Main.java':
          'public class Main { public static void main(String[] a) { System.out.println(acme.Lib.from()); } }\n',
        '.gitignore': '.gradle\nbuild\n',
      },
    })
    const quiet = ['--offline', '--no-daemon', '--quiet']
    expect(run('app', 'gradle', ...quiet, 'run')).toContain('beside\n')
    // The producer itself is built as ever.
    run('lib', 'gradle', ...quiet, 'build')
    expect(seen()).toBe('')
    await close()
  },
  240_000,
)

test('.NET refers to the project of the producer where a package was referred to', async () => {
  const { place, environment, seen } = await joint({
    lib: {
      'src/Lib/Lib.csproj':
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><PackageId>Acme.Lib</PackageId></PropertyGroup></Project>',
    },
    app: {
      'App.csproj':
        '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="acme.lib" Version="1.0.0" /></ItemGroup></Project>',
    },
  })
  const file = join(place, 'speki-joint.targets')
  expect(environment['CustomBeforeMicrosoftCommonTargets']).toBe(file)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(`<ProjectReference Include="${join(place, 'lib/src/Lib/Lib.csproj')}"`)
  expect(text).toContain('<PackageReference Remove="Acme.Lib" />')
  expect(seen()).toBe('')
})

test('two producers of one package are refused, unless nobody uses it or it is an example', async () => {
  const lib = { 'package.json': '{"name":"lib"}' }
  const app = { 'package.json': '{"name":"app","dependencies":{"lib":"1"}}' }
  await expect(joint({ one: lib, other: lib, app })).rejects.toThrow(
    /Both .* and .* contain the package lib, which others use/,
  )
  expect((await joint({ one: lib, other: lib })).said).toEqual([])
  const example = { 'examples/lib/package.json': '{"name":"lib"}' }
  expect((await joint({ one: example, other: lib, app })).said).toEqual(['npm finds lib in the worktree of other.'])
  // One that has it itself takes its own.
  const own = { ...app, 'packages/lib/package.json': '{"name":"lib"}' }
  expect((await joint({ one: lib, own })).said).toEqual([])
})
