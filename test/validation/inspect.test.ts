import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { mapRepository } from '../../src/context/repository-map.ts'
import { inspectRepository } from '../../src/validation/inspect.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { git } from '../mcp/workspace.ts'
import { installed } from './installed.ts'

const signal = AbortSignal.timeout(600_000)

async function repository(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
  git(folder, 'init', '--quiet', '--initial-branch=main')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'Begin')
  return folder
}

async function facts(files: Record<string, string>, subpath = '.') {
  return (await inspectRepository(await repository(files), subpath, signal)).facts
}

async function commands(files: Record<string, string>) {
  await installed([])
  return Object.fromEntries((await facts(files)).commands.map((command) => [command.kind, command.argv.join(' ')]))
}

afterEach(() => void vi.unstubAllEnvs())

describe('check commands', () => {
  const scripts = (names: Record<string, string>) => JSON.stringify({ name: 'x', scripts: names })
  test.each([
    [
      'npm',
      {
        'package.json': scripts({
          test: 'vitest run',
          lint: 'eslint .',
          typecheck: 'tsc',
          build: 'vite build',
          'format:check': 'prettier -c .',
        }),
      },
      {
        format: 'npm run format:check',
        lint: 'npm run lint',
        types: 'npm run typecheck',
        build: 'npm run build',
        test: 'npm run test',
      },
    ],
    ['npm without a real test', { 'package.json': scripts({ test: 'echo "Error: no test specified" && exit 1' }) }, {}],
    ['pnpm by lockfile', { 'package.json': scripts({ test: 'x' }), 'pnpm-lock.yaml': '' }, { test: 'pnpm run test' }],
    ['yarn by lockfile', { 'package.json': scripts({ test: 'x' }), 'yarn.lock': '' }, { test: 'yarn run test' }],
    [
      'bun by declaration',
      { 'package.json': JSON.stringify({ packageManager: 'bun@1.2.0', scripts: { test: 'bun test' } }) },
      { test: 'bun run test' },
    ],
    [
      'pytest by configuration',
      { 'pyproject.toml': '[project]\nname = "x"\n[tool.pytest.ini_options]\n[tool.ruff]\n[tool.mypy]\n' },
      { lint: 'python3 -m ruff check .', types: 'python3 -m mypy .', test: 'python3 -m pytest' },
    ],
    ['pytest by test files', { 'tests/test_x.py': '' }, { test: 'python3 -m pytest' }],
    [
      'Go',
      { 'go.mod': 'module example.org/x\n' },
      { lint: 'go vet ./...', build: 'go build ./...', test: 'go test ./...' },
    ],
    ['Cargo', { 'Cargo.toml': '[package]\nname = "x"\n' }, { build: 'cargo build --all-targets', test: 'cargo test' }],
    [
      'Maven with wrapper',
      { 'pom.xml': '<project><artifactId>x</artifactId></project>', mvnw: '' },
      { test: './mvnw --batch-mode test' },
    ],
    ['Maven', { 'pom.xml': '<project><artifactId>x</artifactId></project>' }, { test: 'mvn --batch-mode test' }],
    ['Gradle with wrapper', { 'build.gradle.kts': '', gradlew: '' }, { test: './gradlew --console=plain test' }],
    [
      '.NET',
      { 'App.sln': '', 'App/App.csproj': '<Project/>' },
      { build: 'dotnet build --nologo', test: 'dotnet test --nologo' },
    ],
    ['RSpec', { Gemfile: 'gem "rspec"\n', 'spec/x_spec.rb': '' }, { test: 'bundle exec rspec' }],
    ['Rake', { Gemfile: '', Rakefile: '', 'test/x_test.rb': '' }, { test: 'bundle exec rake test' }],
    ['Composer', { 'composer.json': scripts({ test: 'phpunit' }) }, { test: 'composer test' }],
    ['PHPUnit', { 'composer.json': '{}', 'phpunit.xml': '' }, { test: 'vendor/bin/phpunit' }],
    [
      'Mix',
      { 'mix.exs': 'app: :x', '.formatter.exs': '' },
      { format: 'mix format --check-formatted', test: 'mix test' },
    ],
    [
      'Make',
      { Makefile: 'all:\n\ttrue\ntest: all\n\ttrue\nlint:\n\ttrue\n' },
      { lint: 'make lint', test: 'make test' },
    ],
    [
      'a script before Make',
      { 'package.json': scripts({ test: 'x' }), Makefile: 'test:\n\ttrue\n' },
      { test: 'npm run test' },
    ],
    ['nothing known', { 'README.md': 'hello' }, {}],
    [
      'a broken manifest',
      { 'package.json': '{ "name": ', 'pyproject.toml': '[[[', 'Cargo.toml': '= =', 'pom.xml': '<a' },
      { build: 'cargo build --all-targets', test: 'cargo test' },
    ],
  ])('%s', async (_, files, expected) => {
    expect(await commands(files as Record<string, string>)).toEqual(expected)
  })
})

describe('packages and what they use', () => {
  test.each([
    [
      'npm workspaces',
      {
        'package.json': '{"name":"root","workspaces":["packages/*"]}',
        'packages/api/package.json':
          '{"name":"@x/api","version":"1.2.3","dependencies":{"@x/core":"*"},"devDependencies":{"vitest":"1"}}',
      },
      [
        { name: '@x/api', path: 'packages/api', version: '1.2.3', dependencies: ['@x/core', 'vitest'] },
        { name: 'root', path: '.' },
      ],
    ],
    [
      'Python',
      {
        'pyproject.toml':
          '[project]\nname = "svc"\nversion = "0.1"\ndependencies = ["requests[security]>=2", "shared-models==1"]\n',
      },
      [{ name: 'svc', ecosystem: 'python', version: '0.1', dependencies: ['requests', 'shared-models'] }],
    ],
    [
      'Poetry',
      { 'pyproject.toml': '[tool.poetry]\nname = "svc"\n[tool.poetry.dependencies]\npython = "^3.12"\nhttpx = "*"\n' },
      [{ name: 'svc', dependencies: ['httpx'] }],
    ],
    [
      'Go',
      {
        'go.mod':
          'module example.org/svc\n\nrequire (\n\texample.org/lib v1.0.0\n\tgithub.com/a/b v0.1.0 // indirect\n)\n',
      },
      [{ name: 'example.org/svc', dependencies: ['example.org/lib', 'github.com/a/b'] }],
    ],
    [
      'Cargo workspace',
      {
        'Cargo.toml': '[workspace]\nmembers = ["a"]\n',
        'a/Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\n[dependencies]\nserde = "1"\n',
      },
      [{ name: 'a', ecosystem: 'cargo', path: 'a', dependencies: ['serde'] }],
    ],
    [
      'Maven',
      {
        'pom.xml':
          '<project><groupId>org.x</groupId><artifactId>svc</artifactId><dependencies><dependency><groupId>org.x</groupId><artifactId>lib</artifactId></dependency></dependencies></project>',
      },
      [{ name: 'org.x:svc', dependencies: ['org.x:lib'] }],
    ],
    [
      'Gradle',
      {
        'settings.gradle': "rootProject.name = 'svc'\n",
        'build.gradle': "dependencies { implementation 'org.x:lib:1.0'\n implementation project(':core') }\n",
      },
      [{ name: 'svc', dependencies: ['org.x:lib', 'core'] }],
    ],
    [
      '.NET',
      {
        'Svc/Svc.csproj':
          '<Project><ItemGroup><PackageReference Include="Dapper" /><ProjectReference Include="..\\Core\\Core.csproj" /></ItemGroup></Project>',
      },
      [{ name: 'Svc', dependencies: ['Dapper', 'Core'] }],
    ],
    [
      'Ruby',
      { 'x.gemspec': 'Gem::Specification.new do |s|\n s.name = "x"\n s.add_dependency "rack"\nend\n' },
      [{ name: 'x', dependencies: ['rack'] }],
    ],
    [
      'PHP',
      { 'composer.json': '{"name":"x/svc","require":{"php":">=8","x/lib":"1"}}' },
      [{ name: 'x/svc', dependencies: ['x/lib'] }],
    ],
    [
      'Elixir',
      { 'mix.exs': 'def project, do: [app: :svc]\ndefp deps, do: [{:plug, "~> 1"}]\n' },
      [{ name: 'svc', dependencies: ['plug'] }],
    ],
  ])('%s', async (_, files, expected) => {
    const { packages } = await facts(files as Record<string, string>)
    expect([...packages].sort((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject(expected)
  })
})

test('a pipeline of aliases that stand for each other is passed over, one with a few is read', async () => {
  const endless = `a: &a [${Array(3000).fill('*a').join(', ')}]\ntest:\n  script:\n    - make check\n`
  expect(await commands({ '.gitlab-ci.yml': endless })).toEqual({})
  const anchors = 'x: &line [go test ./...]\ntest:\n  script: *line\n'
  expect(await commands({ '.gitlab-ci.yml': anchors })).toEqual({ test: 'go test ./...' })
})

test('languages are counted over what git knows, most first', async () => {
  const { languages } = await facts({
    'a.ts': '',
    'b.ts': '',
    'c.py': '',
    'd.txt': '',
    '.gitignore': 'node_modules\n',
    'node_modules/x.js': '',
  })
  expect(languages).toEqual([
    { name: 'TypeScript', files: 2 },
    { name: 'Python', files: 1 },
  ])
})

test('a sub-folder stands for itself', async () => {
  const found = await facts(
    {
      'package.json': '{"name":"root","scripts":{"test":"x"}}',
      'packages/api/package.json': '{"name":"api","scripts":{"lint":"y"}}',
      'packages/api/a.go': '',
    },
    'packages/api',
  )
  expect(found).toMatchObject({
    packages: [{ name: 'api', path: '.' }],
    commands: [{ kind: 'lint' }],
    languages: [{ name: 'Go', files: 1 }],
  })
})

test.each([
  ['missing', 'nowhere', /no folder "nowhere"/],
  ['a file', 'file', /no folder "file"/],
  ['a link that leads out', 'out', /leaves the repository/],
])('a sub-folder that is %s is refused', async (_, subpath, message) => {
  const path = await repository({ file: '' })
  symlinkSync('/', join(path, 'out'))
  await expect(inspectRepository(path, subpath, signal)).rejects.toThrow(message)
})

test('looking at a repository runs nothing of it', async () => {
  const path = await repository({
    'package.json': '{"name":"x","scripts":{"test":"touch sprung","prepare":"touch sprung"}}',
    Makefile: '$(shell touch sprung)\ntest:\n\ttouch sprung\n',
  })
  const before = git(path, 'status', '--porcelain', '--ignored')
  await inspectRepository(path, '.', signal)
  expect(git(path, 'status', '--porcelain', '--ignored')).toBe(before)
})

test('the map names what stands in it', async () => {
  const path = await repository({
    'src/orders.ts': "export function placeOrder() {}\nexport class Basket {}\napp.post('/api/orders', x)\n",
    'db/schema.sql': 'create table if not exists invoices (id int);\n',
    'svc/main.py': 'class Ledger:\n  def book(self): pass\ndef main(): pass\n',
  })
  const map = await mapRepository(path, '.', signal)
  expect(map.symbols.map((symbol) => symbol.name)).toEqual(
    expect.arrayContaining(['placeOrder', 'Basket', '/api/orders', 'invoices', 'Ledger', 'main']),
  )
  expect(map.paths).toEqual(expect.arrayContaining(['src', 'src/orders.ts', 'db/schema.sql']))
})

test('packages have the names under which others take them in', async () => {
  const { packages } = await facts({
    'pom.xml':
      '<project><parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>1</version></parent><artifactId>api</artifactId><dependencyManagement><dependencies><dependency><groupId>com.acme</groupId><artifactId>bom</artifactId><version>1</version></dependency></dependencies></dependencyManagement></project>',
    'jvm/settings.gradle.kts': 'rootProject.name = "till"\n',
    'jvm/build.gradle.kts': 'group = "com.acme"\n',
    'src/Lib.csproj': '<Project><PropertyGroup><PackageId>Acme.Lib</PackageId></PropertyGroup></Project>',
    'Cargo.toml':
      '[workspace.dependencies]\nshort = { package = "long-name", version = "1" }\nunused = "1"\n[package]\nname = "root"\n[build-dependencies]\nshort.workspace = true\n[target."cfg(unix)".dev-dependencies]\nonly-unix = "1"\n',
    'pyproject.toml':
      '[project]\nname = "tool"\n[dependency-groups]\ndev = ["pytest>=8", {include-group = "more"}]\n[tool.poetry]\nname = "tool"\n[tool.poetry.group.docs.dependencies]\nsphinx = "*"\n',
  })
  expect(packages.map(({ name, dependencies }) => [name, ...dependencies])).toEqual([
    ['tool', 'pytest', 'sphinx'],
    ['root', 'long-name', 'only-unix'],
    ['com.acme:api', 'com.acme:parent', 'com.acme:bom'],
    ['com.acme:till'],
    ['Acme.Lib'],
  ])
})
