import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repositoryHealth } from '../../src/git/health.ts'
import { locateWorkingCopy } from '../../src/git/locate.ts'
import { checkRemoteUrl, withoutCredentials } from '../../src/git/remote-url.ts'
import { headCommit, listTracked, treeHash } from '../../src/git/tree.ts'
import { openWorktree } from '../../src/git/worktree/worktree.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

describe('a working copy', () => {
  test('is found from any folder in it, with its identity and without the password of its remote', async () => {
    const path = makeRepository(await temporaryFolder(), 'api')
    git(path, 'remote', 'add', 'origin', 'https://user:secret@example.invalid/api.git')
    mkdirSync(join(path, 'deep'))

    const copy = await locateWorkingCopy(join(path, 'deep'), signal)

    expect(copy).toMatchObject({ root: path, defaultBranch: 'main', remoteUrl: 'https://example.invalid/api.git' })
    expect(copy.firstCommit).toBe(git(path, 'rev-parse', 'HEAD').trim())
  })

  test('without a commit is one too', async () => {
    const folder = await temporaryFolder()
    git(folder, 'init', '--quiet', '--initial-branch=main')
    const copy = await locateWorkingCopy(folder, signal)
    expect(copy).toMatchObject({ head: undefined, firstCommit: undefined, defaultBranch: 'main' })
    expect(await headCommit(folder, signal)).toBeUndefined()
  })

  test.each([
    ['a relative path', () => 'api', /absolute path/],
    ['a path with NUL', (folder: string) => `${folder}/a\u0000b`, /absolute path/],
    ['nothing', (folder: string) => join(folder, 'nothing'), /nothing at/],
    ['a file', (folder: string) => join(folder, 'file'), /is a file/],
    ['a plain folder', (folder: string) => join(folder, 'plain'), /not a git repository/],
    ['a bare repository', (folder: string) => join(folder, 'bare.git'), /bare repository/],
    ['a link to a plain folder', (folder: string) => join(folder, 'link'), /not a git repository/],
  ])('%s is none', async (_, pathIn, message) => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    mkdirSync(join(folder, 'plain'))
    symlinkSync(join(folder, 'plain'), join(folder, 'link'))
    git(folder, 'init', '--quiet', '--bare', 'bare.git')
    await expect(locateWorkingCopy(pathIn(folder), signal)).rejects.toThrow(message)
  })

  test('runs no hook, no file-system monitor and no filter of its configuration while it is read', async () => {
    const folder = await temporaryFolder()
    const path = makeRepository(folder, 'api')
    const trap = join(folder, 'trap.sh')
    writeFileSync(trap, `#!/bin/sh\ntouch ${join(folder, 'sprung')}\n`)
    chmodSync(trap, 0o755)
    git(path, 'config', 'core.fsmonitor', trap)
    git(path, 'config', 'core.hooksPath', folder)
    for (const hook of ['post-index-change', 'pre-commit', 'post-checkout', 'reference-transaction']) {
      writeFileSync(join(folder, hook), readFileSync(trap))
      chmodSync(join(folder, hook), 0o755)
    }
    writeFileSync(join(path, 'new.txt'), 'new\n')

    await locateWorkingCopy(path, signal)
    await treeHash(path, signal)
    await listTracked(path, '.', 100, signal)

    expect(existsSync(join(folder, 'sprung'))).toBe(false)
  })
})

describe('the hash of a tree', () => {
  test('counts untracked files, leaves out ignored ones, and does not depend on what is staged', async () => {
    const path = makeRepository(await temporaryFolder(), 'api', { files: { '.gitignore': 'ignored\n' } })
    const before = await treeHash(path, signal)
    expect(before).toBe(git(path, 'rev-parse', 'HEAD^{tree}').trim())

    writeFileSync(join(path, 'ignored'), 'x')
    expect(await treeHash(path, signal)).toBe(before)
    writeFileSync(join(path, 'new file\nwith a break'), 'x')
    const untracked = await treeHash(path, signal)
    git(path, 'add', '--all')

    expect(untracked).not.toBe(before)
    expect(await treeHash(path, signal)).toBe(untracked)
    git(path, 'commit', '--quiet', '--message', 'More')
    expect(git(path, 'rev-parse', 'HEAD^{tree}').trim()).toBe(untracked)
  })

  test('leaves the index of the user as it is', async () => {
    const path = makeRepository(await temporaryFolder(), 'api')
    writeFileSync(join(path, 'staged.txt'), 'staged\n')
    git(path, 'add', 'staged.txt')
    writeFileSync(join(path, 'index.js'), 'changed\n')
    const index = readFileSync(join(path, '.git', 'index'))

    await treeHash(path, signal)

    expect(readFileSync(join(path, '.git', 'index'))).toEqual(index)
    expect(git(path, 'status', '--porcelain')).toBe(' M index.js\nA  staged.txt\n')
  })

  test('sees an edit of the same size within the second in which the file was staged', async () => {
    const path = makeRepository(await temporaryFolder(), 'api')
    for (let round = 0; round < 5; round += 1) {
      writeFileSync(join(path, 'index.js'), `export const ok = ${round}1\n`)
      git(path, 'add', 'index.js')
      writeFileSync(join(path, 'index.js'), `export const ok = ${round}2\n`)
      const hash = await treeHash(path, signal)
      expect(git(path, 'show', `${hash}:index.js`)).toBe(`export const ok = ${round}2\n`)
    }
  })

  test('sees what the index was told not to look at', async () => {
    const path = makeRepository(await temporaryFolder(), 'api')
    const before = await treeHash(path, signal)
    git(path, 'update-index', '--assume-unchanged', 'index.js')
    writeFileSync(join(path, 'index.js'), 'export const ok = false\n')
    expect(await treeHash(path, signal)).not.toBe(before)
  })

  test('sees modes and links', async () => {
    const path = makeRepository(await temporaryFolder(), 'api')
    const plain = await treeHash(path, signal)
    chmodSync(join(path, 'index.js'), 0o755)
    const executable = await treeHash(path, signal)
    symlinkSync('index.js', join(path, 'link'))
    expect(new Set([plain, executable, await treeHash(path, signal)]).size).toBe(3)
  })

  test('works in a linked worktree', async () => {
    const folder = await temporaryFolder()
    const path = makeRepository(folder, 'api')
    const linked = join(folder, 'linked')
    git(path, 'worktree', 'add', '--quiet', '-b', 'work', linked)
    writeFileSync(join(linked, 'more.txt'), 'more\n')

    expect(await treeHash(linked, signal)).not.toBe(await treeHash(path, signal))
    expect(await openWorktree(linked, path, signal)).toBe(linked)
  })
})

test('a partial clone is looked at without running the program its configuration names', async () => {
  const folder = await temporaryFolder()
  const path = makeRepository(folder, 'api')
  const trap = join(folder, 'trap.sh')
  writeFileSync(trap, `#!/bin/sh\ntouch ${join(folder, 'sprung')}\nexit 1\n`)
  chmodSync(trap, 0o755)
  for (const [name, value] of [
    ['remote.origin.url', folder],
    ['remote.origin.promisor', 'true'],
    ['remote.origin.uploadpack', trap],
    ['extensions.partialClone', 'origin'],
  ] as const)
    git(path, 'config', name, value)

  const health = await repositoryHealth({ root: path, subpath: '.', firstCommit: 'a'.repeat(40) }, signal)

  expect(health).toBe('moved')
  expect(existsSync(join(folder, 'sprung'))).toBe(false)
})

test('a worktree of another repository is refused', async () => {
  const folder = await temporaryFolder()
  const api = makeRepository(folder, 'api')
  const web = makeRepository(folder, 'web', { files: { 'web.txt': 'web\n' } })
  await expect(openWorktree(web, api, signal)).rejects.toThrow(/no worktree of the repository/)
})

test('health tells missing and moved from ok', async () => {
  const folder = await temporaryFolder()
  const api = makeRepository(folder, 'api')
  const web = makeRepository(folder, 'web', { files: { 'web.txt': 'web\n' } })
  const { firstCommit } = await locateWorkingCopy(api, signal)

  expect(await repositoryHealth({ root: api, subpath: '.', firstCommit }, signal)).toBe('ok')
  expect(await repositoryHealth({ root: web, subpath: '.', firstCommit }, signal)).toBe('moved')
  expect(await repositoryHealth({ root: api, subpath: 'gone', firstCommit }, signal)).toBe('missing')
  expect(await repositoryHealth({ root: join(folder, 'gone'), subpath: '.', firstCommit }, signal)).toBe('missing')
  expect(await repositoryHealth({ root: undefined, subpath: '.', firstCommit }, signal)).toBe('remote')
})

test.each([
  'https://example.invalid/a.git',
  'ssh://git@example.invalid/a.git',
  'git@example.invalid:team/a.git',
  '/srv/git/a.git',
  'file:///srv/git/a.git',
])('the remote %s is allowed', (url) => {
  expect(checkRemoteUrl(url)).toBe(url)
})

test.each([
  '--upload-pack=touch /tmp/x',
  '-oProxyCommand=x',
  'ext::sh -c id',
  'http://example.invalid/a.git',
  'git://example.invalid/a.git',
  'https://user:pw@example.invalid/a.git',
  'https://token@example.invalid/a.git',
  'a b',
  'a\nb',
  'nonsense',
  'fd::17',
  '/srv/ext::sh',
  'git@host:--upload-pack=x y',
  'git@-oProxyCommand=x:y',
  'git@host:-x',
  'ssh://-oProxyCommand=x/y',
  'https://example.invalid/a.git?access_token=x',
])('the remote %j is refused', (url) => {
  expect(() => checkRemoteUrl(url)).toThrow(/remote URL/)
})

test('credentials are taken out of what a configuration says', () => {
  expect(withoutCredentials('https://user:pw@example.invalid/a.git')).toBe('https://example.invalid/a.git')
  expect(withoutCredentials('git@example.invalid:a.git')).toBe('git@example.invalid:a.git')
  expect(withoutCredentials('')).toBeUndefined()
})

test('git of this machine is new enough', () => {
  const [major = 0, minor = 0] =
    execFileSync('git', ['--version'], { encoding: 'utf8' }).match(/\d+/g)?.map(Number) ?? []
  expect(major * 100 + minor).toBeGreaterThanOrEqual(225)
})
