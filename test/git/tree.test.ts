import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changedPaths } from '../../src/git/difference.ts'
import { restorePaths, treeHash } from '../../src/git/tree.ts'
import { bringLocalFiles } from '../../src/git/worktree/local-files.ts'
import { placeSubmodules } from '../../src/git/worktree/submodules.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

/** A repository whose files were committed before its attributes said what line ends they have, and a fresh worktree of it. */
async function notNormalised(attributes: string, files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'api', { files })
  writeFileSync(join(root, '.gitattributes'), attributes)
  git(root, 'add', '.gitattributes')
  git(root, 'commit', '--quiet', '--message', 'Attributes')
  const worktree = join(folder, 'worktree')
  git(root, 'worktree', 'add', '--quiet', '--detach', worktree)
  const changed = async () =>
    (await changedPaths(root, 'HEAD', await treeHash(worktree, signal), signal)).map(({ path }) => path)
  return { root, worktree, changed }
}

test.each([
  ['*.txt text\n', 'one\r\ntwo\r\n'],
  ['*.txt text eol=crlf\n', 'one\r\ntwo\r\n'],
  ['* text=auto eol=lf\n', 'one\r\ntwo\n'],
  ['*.txt text eol=crlf\n', 'one\ntwo\r\n'],
  ['*.txt ident\n', '$Id: an older text $\n'],
])('under %j a file of %j that nobody touched is unchanged, and a touched one is changed', async (attributes, text) => {
  const { worktree, changed } = await notNormalised(attributes, { 'a.txt': text, 'b b.txt': text })
  expect(await changed()).toEqual([])
  writeFileSync(join(worktree, 'b b.txt'), 'another\r\n')
  writeFileSync(join(worktree, 'c.txt'), 'new\r\n')
  expect(await changed()).toEqual(['b b.txt', 'c.txt'])
})

test('attributes that the work adds do not change what it did not touch, and a mode alone is a change', async () => {
  const { worktree, changed } = await notNormalised('', { 'a.txt': 'one\r\n' })
  writeFileSync(join(worktree, '.gitattributes'), '*.txt text\n')
  expect(await changed()).toEqual(['.gitattributes'])
  chmodSync(join(worktree, 'a.txt'), 0o755)
  expect(await changed()).toContain('a.txt')
})

test('paths go back to what they are in a tree, with the line ends that a checkout gives them', async () => {
  const { worktree, changed } = await notNormalised('*.txt text eol=crlf\n', { 'a.txt': 'one\n', '[b].txt': 'two\n' })
  const tree = await treeHash(worktree, signal)
  for (const name of ['a.txt', '[b].txt']) writeFileSync(join(worktree, name), 'stamped\r\n')
  await restorePaths(worktree, tree, ['[b].txt'], signal)
  expect(await changed()).toEqual(['a.txt'])
  expect(readFileSync(join(worktree, '[b].txt'), 'utf8')).toBe('two\r\n')
})

test('only ignored files that the list of the working copy names come into a worktree, and none leads out of it', async () => {
  const folder = await temporaryFolder()
  mkdirSync(join(folder, 'outside'))
  const files = {
    '.gitignore': '*.env\nlocal/\nsecret\n',
    '.worktreeinclude': '*.env\n/local/\n!not.env\nindex.js\nlink/\n',
  }
  const root = makeRepository(folder, 'api', { files })
  symlinkSync(join(folder, 'outside'), join(root, 'link'))
  git(root, 'add', 'link')
  git(root, 'commit', '--quiet', '--message', 'Link')
  const worktree = join(folder, 'worktree')
  git(root, 'worktree', 'add', '--quiet', '--detach', worktree)
  mkdirSync(join(root, 'local', 'deep'), { recursive: true })
  mkdirSync(join(root, 'sub'))
  for (const path of ['.env', 'not.env', 'sub/b.env', 'local/deep/c.json', 'secret', 'untracked'])
    writeFileSync(join(root, path), path)
  expect([...(await bringLocalFiles(root, worktree, signal))].sort()).toEqual([
    '.env',
    'local/deep/c.json',
    'sub/b.env',
  ])
  expect(readFileSync(join(worktree, 'local/deep/c.json'), 'utf8')).toBe('local/deep/c.json')
  expect(git(worktree, 'status', '--porcelain')).toBe('')
  // What stands in the worktree already stays.
  writeFileSync(join(worktree, '.env'), 'own')
  expect(await bringLocalFiles(root, worktree, signal)).toEqual([])
})

test('submodules lie in a worktree as it names them, nested ones too; git sees nothing of it, and changes in them go', async () => {
  const folder = await temporaryFolder()
  const inner = makeRepository(folder, 'inner', { files: { 'deep.js': 'deep\n' } })
  const lib = makeRepository(folder, 'lib', { files: { 'three.js': 'three\n' } })
  const root = makeRepository(folder, 'api')
  const add = (at: string, from: string, path: string) => {
    git(at, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', from, path)
    git(at, 'commit', '--quiet', '--message', 'Module')
  }
  add(lib, inner, 'own/inner')
  add(root, lib, 'vendor/lib')
  git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init', '--recursive')
  const worktree = join(folder, 'worktree')
  git(root, 'worktree', 'add', '--quiet', '--detach', worktree)
  expect(await placeSubmodules(root, worktree, signal)).toEqual(['vendor/lib', 'vendor/lib/own/inner'])
  const deep = join(worktree, 'vendor/lib/own/inner/deep.js')
  expect(readFileSync(deep, 'utf8')).toBe('deep\n')
  expect(git(worktree, 'status', '--porcelain')).toBe('')
  expect(await treeHash(worktree, signal)).toBe(git(root, 'rev-parse', 'HEAD^{tree}').trim())
  writeFileSync(deep, 'changed')
  await placeSubmodules(root, worktree, signal)
  expect(readFileSync(deep, 'utf8')).toBe('deep\n')
  // A link on the way would lead to what is somebody else's.
  git(worktree, 'clean', '-qffdx')
  rmSync(join(worktree, 'vendor'), { recursive: true })
  symlinkSync(join(root, 'vendor'), join(worktree, 'vendor'))
  await expect(placeSubmodules(root, worktree, signal)).rejects.toThrow(/is a link/)
  expect(readFileSync(join(root, 'vendor/lib/three.js'), 'utf8')).toBe('three\n')
})
