import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'
import { landed } from './landed.ts'

/** What a person clones, with some history and a folder that not everybody checks out. */
function makeOrigin(folder: string, files: Readonly<Record<string, string>> = {}): string {
  const origin = makeRepository(folder, 'origin', {
    files: { 'docs/guide.md': 'Guide\n', 'src/old.js': 'export const old = 1\n', ...files },
  })
  for (const round of [1, 2, 3]) {
    writeFileSync(join(origin, 'src/old.js'), `export const old = ${round + 1}\n`)
    git(origin, 'commit', '--quiet', '--all', '--message', `Round ${round}`)
  }
  git(origin, 'config', 'uploadpack.allowFilter', 'true')
  git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true')
  return origin
}

/** All that a person would see of a clone of theirs. */
function seenOf(clone: string) {
  const read = (name: string) => {
    const file = join(clone, '.git', name)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  return {
    config: read('config'),
    shallow: read('shallow'),
    sparse: read('info/sparse-checkout'),
    head: read('HEAD'),
    main: git(clone, 'rev-parse', 'main'),
    status: git(clone, 'status', '--porcelain', '--ignored'),
    index: git(clone, 'ls-files', '--stage', '-t'),
  }
}

const CHANGE = { append: { 'index.js': 'export const more = 1\n' } }
const BREAK = { write: { 'index.js': 'export const ok = false\n' } }

/** The right work lands alone, the wrong one does not, and the person's clone is as it was. */
async function worksIn(folder: string, clone: string, env: Readonly<Record<string, string>> = {}) {
  const agent = await connect({ db: join(folder, 'speki.db'), env })
  await agent.ok('repository_register', { path: clone, name: 'app' })
  const before = seenOf(clone)
  const good = await landed(agent, folder, clone, 'Good', CHANGE)
  expect([good.status, good.paths], good.report).toEqual(['done', 'index.js'])
  const bad = await landed(agent, folder, clone, 'Wrong', BREAK)
  expect([bad.status, bad.paths], bad.report).toEqual(['failed', ''])
  expect(seenOf(clone)).toEqual(before)
}

test.each([
  ['a shallow clone', ['--depth=1']],
  ['a clone without blobs', ['--filter=blob:none']],
  ['a clone without trees, sparse', ['--filter=tree:0', '--sparse']],
])('%s', async (_, options) => {
  const folder = await temporaryFolder()
  const origin = makeOrigin(folder)
  git(folder, 'clone', '--quiet', ...options, pathToFileURL(origin).href, 'app')
  await worksIn(folder, join(folder, 'app'))
})

test('a sparse checkout stays sparse, and what is not checked out does not count as deleted', async () => {
  const folder = await temporaryFolder()
  const origin = makeOrigin(folder)
  git(folder, 'clone', '--quiet', pathToFileURL(origin).href, 'app')
  const clone = join(folder, 'app')
  git(clone, 'sparse-checkout', 'set', 'src')
  expect(existsSync(join(clone, 'docs'))).toBe(false)
  await worksIn(folder, clone)
  expect(existsSync(join(clone, 'docs'))).toBe(false)
})

test('a checkout with other line ends than the repository has', async () => {
  const folder = await temporaryFolder()
  const origin = makeOrigin(folder)
  git(folder, 'clone', '--quiet', '--config=core.autocrlf=true', pathToFileURL(origin).href, 'app')
  const clone = join(folder, 'app')
  expect(readFileSync(join(clone, 'index.js'), 'utf8')).toContain('\r\n')
  await worksIn(folder, clone)
})

/** A filter as git-lfs is one, set for the whole machine: what the repository holds names what the work tree has. */
function installFilter(folder: string): Record<string, string> {
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  const program = `#!${process.execPath}
const { readFileSync } = require('node:fs')
const text = readFileSync(0, 'utf8')
const pointer = 'pointer to '
if (process.argv[2] === 'clean') process.stdout.write(text.startsWith(pointer) ? text : pointer + Buffer.from(text).toString('hex'))
else process.stdout.write(text.startsWith(pointer) ? Buffer.from(text.slice(pointer.length), 'hex').toString() : text)
`
  writeFileSync(join(tools, 'big-files'), program)
  chmodSync(join(tools, 'big-files'), 0o755)
  const system = join(folder, 'gitconfig')
  const filter = 'clean = big-files clean %f\n\tsmudge = big-files smudge %f\n\trequired = true'
  writeFileSync(system, `[filter "big"]\n\t${filter}\n[safe]\n\tdirectory = *\n`)
  return { GIT_CONFIG_SYSTEM: system, PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` }
}

test('large files behind a filter that the machine knows are there for the checks, and stay pointers in what lands', async () => {
  const folder = await temporaryFolder()
  const env = installFilter(folder)
  const origin = makeOrigin(folder, {
    '.gitattributes': '*.bin filter=big\n',
    'asset.bin': `pointer to ${Buffer.from('the real content').toString('hex')}`,
    'check.js':
      "import { readFileSync } from 'node:fs'\nimport { ok } from './index.js'\nif (!ok || readFileSync('asset.bin', 'utf8') !== 'the real content') { console.error('Error: not ok'); process.exit(1) }\n",
  })
  execFileSync('git', ['clone', '--quiet', pathToFileURL(origin).href, 'app'], {
    cwd: folder,
    env: { ...process.env, ...env },
  })
  const clone = join(folder, 'app')
  expect(readFileSync(join(clone, 'asset.bin'), 'utf8')).toBe('the real content')
  Object.assign(process.env, env)
  await worksIn(folder, clone, env)
})
