import { cpSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'
import { agentNamed, openInProcess } from '../../operations/in-process.ts'

interface Registered {
  readonly name: string
  readonly created: boolean
  readonly path: string
  readonly subpath: string
  readonly notes?: readonly string[]
}

const MONO = {
  'package.json': '{"name":"mono","private":true,"workspaces":["packages/*"],"scripts":{"test":"node check.js"}}\n',
  'packages/ui/package.json': '{"name":"@x/ui","version":"1.0.0"}\n',
  'services/pay/go.mod': 'module x.example/pay\n\ngo 1.19\n',
  'crates/fast/Cargo.toml': '[package]\nname = "fast"\nversion = "1.0.0"\n',
  'libs/num/pyproject.toml': '[project]\nname = "num"\nversion = "1.0.0"\n',
  'mods/core/pom.xml': '<project><groupId>x</groupId><artifactId>core</artifactId><version>1</version></project>\n',
  'docs/guide.md': '# Guide\n',
}

async function workspace() {
  const folder = realpathSync(await temporaryFolder())
  const opened = openInProcess(join(folder, 'speki.db'), folder)
  onTestFinished(async () => await opened.close())
  const agent = opened.as(agentNamed('one'))
  const register = async (args: Record<string, unknown>) => await agent.ok<Registered>('repository_register', args)
  return { folder, agent, register, root: makeRepository(folder, 'mono', { files: MONO }) }
}

test.each(['packages/ui', 'services/pay', 'crates/fast', 'libs/num', 'mods/core'])(
  'the path of a package inside a working copy registers that package, and says so: %s',
  async (subpath) => {
    const { root, register } = await workspace()
    const registered = await register({ path: join(root, subpath) })
    expect(registered).toMatchObject({ subpath, path: root, created: true })
    expect(registered.notes?.join()).toContain(`the package in ${subpath} of ${root}`)
  },
)

test('a folder that is no package registers the whole repository, and says so; the repository itself needs no words', async () => {
  const { folder, root, register } = await workspace()
  const registered = await register({ path: join(root, 'docs') })
  expect(registered).toMatchObject({ subpath: '.', path: root })
  expect(registered.notes?.join()).toMatch(/no package of its own.*docs.*whole repository/)
  expect(await register({ path: root })).not.toHaveProperty('notes')
  symlinkSync(root, join(folder, 'link'))
  expect(await register({ path: join(folder, 'link') })).not.toHaveProperty('notes')
})

test('a linked worktree registers its repository, also a package of it, and never moves what is registered', async () => {
  const { folder, root, register } = await workspace()
  const linked = join(folder, 'feature')
  git(root, 'worktree', 'add', '--quiet', '-b', 'feature', linked)
  const first = await register({ path: linked })
  expect(first).toMatchObject({ name: 'mono', path: root, created: true })
  expect(first.notes?.join()).toMatch(/feature is a linked worktree.*stays there/)
  for (const args of [{ path: linked }, { path: linked, name: 'mono' }, { path: join(linked, 'docs') }])
    expect(await register(args)).toMatchObject({ name: 'mono', path: root, created: false })
  expect(await register({ path: join(linked, 'packages/ui') })).toMatchObject({ path: root, subpath: 'packages/ui' })
  // A branch without common history is the same repository too.
  git(linked, 'checkout', '--quiet', '--orphan', 'pages')
  git(linked, 'commit', '--quiet', '--allow-empty', '--message', 'Pages')
  expect(await register({ path: linked })).toMatchObject({ name: 'mono', path: root, created: false })
})

test('of a bare repository the worktree that was registered stays, until it is gone', async () => {
  const { folder, root, register } = await workspace()
  git(folder, 'clone', '--quiet', '--bare', root, 'bare.git')
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  git(join(folder, 'bare.git'), 'worktree', 'add', '--quiet', one, 'main')
  git(join(folder, 'bare.git'), 'worktree', 'add', '--quiet', '-b', 'other', two, 'main')
  expect(await register({ path: one, name: 'bare' })).toMatchObject({ path: one })
  const again = await register({ path: two })
  expect(again).toMatchObject({ name: 'bare', path: one, created: false })
  expect(again.notes?.join()).toMatch(/two is a linked worktree/)
  rmSync(one, { recursive: true })
  const moved = await register({ path: two })
  expect(moved).toMatchObject({ name: 'bare', path: two })
  expect(moved.notes?.join()).toContain(`moved here from ${one}`)
})

test('a clone elsewhere is another repository, which is said; one that moved is the same', async () => {
  const { folder, root, register, agent } = await workspace()
  await register({ path: root })
  git(folder, 'clone', '--quiet', root, 'copy')
  const clone = await register({ path: join(folder, 'copy') })
  expect(clone).toMatchObject({ name: 'copy', created: true })
  expect(clone.notes?.join()).toMatch(/same commit as "mono", which stays registered at .*mono/)
  // Of the same folder name: nothing is moved, and the name has to be told apart.
  mkdirSync(join(folder, 'else'))
  cpSync(root, join(folder, 'else', 'mono'), { recursive: true })
  expect((await agent.call('repository_register', { path: join(folder, 'else', 'mono') })).text).toMatch(
    /"mono" stands for another repository/,
  )
  const { repositories } = await agent.ok<{ repositories: { name: string; path: string }[] }>('repository_list')
  expect(repositories.map(({ name, path }) => [name, path])).toEqual([
    ['copy', join(folder, 'copy')],
    ['mono', root],
  ])
  rmSync(join(folder, 'copy'), { recursive: true })
  rmSync(join(folder, 'else'), { recursive: true })
  renameSync(root, join(folder, 'renamed'))
  const moved = await register({ path: join(folder, 'renamed') })
  expect(moved).toMatchObject({ created: false, path: join(folder, 'renamed') })
})

test('a submodule is a repository of its own', async () => {
  const { folder, root, register } = await workspace()
  const outer = makeRepository(folder, 'outer')
  git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', root, 'vendor/mono')
  expect(await register({ path: join(outer, 'vendor/mono'), name: 'inner' })).toMatchObject({
    path: join(outer, 'vendor/mono'),
    subpath: '.',
  })
})
