import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SpekiError } from '../../src/errors.ts'
import { git, tryGit } from '../../src/git/git.ts'
import { locateWorkingCopy } from '../../src/git/locate.ts'
import { askRemote, pushCommit, remoteTip } from '../../src/git/remote.ts'
import { countUncommitted } from '../../src/git/tree.ts'
import { gitProblem } from '../../src/git/version.ts'

let top = ''
let root = ''
const signal = AbortSignal.timeout(120_000)
const run = (folder: string, ...args: readonly string[]) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'speki-failure-')))
  root = join(top, 'api')
  mkdirSync(root)
  run(root, 'init', '-q', '-b', 'main')
  writeFileSync(join(root, 'a.txt'), 'a')
  run(root, 'add', '-A')
  run(root, 'commit', '-qm', 'begin')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(top, { recursive: true, force: true, maxRetries: 5 })
})

/** A bare remote that holds main. */
function remote(): string {
  const bare = join(top, 'api.git')
  run(top, 'init', '-q', '--bare', '-b', 'main', bare)
  run(root, 'remote', 'add', 'origin', bare)
  run(root, 'push', '-q', 'origin', 'main')
  return bare
}

function nextCommit(): string {
  writeFileSync(join(root, 'b.txt'), 'b')
  run(root, 'add', '-A')
  run(root, 'commit', '-qm', 'more')
  return run(root, 'rev-parse', 'HEAD')
}

/** Programs on the PATH are those of one folder and no other. */
function onlyPrograms(scripts: Readonly<Record<string, string>>): void {
  const bin = join(top, 'bin')
  mkdirSync(bin)
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  vi.stubEnv('PATH', bin)
}

const onPosix = process.platform !== 'win32'

/** Each way in which the world around stands in git's way, brought about for real: what is done, and the words that tell it. */
const WAYS: readonly [string, () => Promise<unknown>, SpekiError['code'], RegExp][] = [
  [
    'git is not installed',
    async () => {
      onlyPrograms({})
      return await tryGit(root, ['status'], signal)
    },
    'precondition_failed',
    /git is not installed.*Install git 2\.38/,
  ],
  [
    'git may not be started',
    async () => {
      onlyPrograms({ git: '' })
      chmodSync(join(top, 'bin', 'git'), 0o644)
      return await git(root, ['status'], signal)
    },
    'precondition_failed',
    /git cannot be started.*permissions/,
  ],
  [
    'git is too old for what is asked',
    async () => {
      onlyPrograms({ git: "echo \"git: 'merge-tree' unknown option '--write-tree'\" >&2; exit 129" })
      return await git(root, ['merge-tree', '--write-tree', 'a', 'b'], signal)
    },
    'precondition_failed',
    /does not know what is asked.*2\.38/,
  ],
  [
    'the folder is gone',
    async () => {
      rmSync(root, { recursive: true })
      return await git(root, ['status'], signal)
    },
    'precondition_failed',
    /There is no folder .*repository_register/,
  ],
  [
    'the folder is no repository any more',
    async () => {
      rmSync(join(root, '.git'), { recursive: true })
      return await git(root, ['status'], signal)
    },
    'precondition_failed',
    /is no git repository/,
  ],
  [
    'the remote is gone',
    async () => {
      rmSync(remote(), { recursive: true })
      return await askRemote(root, 'main', signal)
    },
    'upstream_unavailable',
    /remote of .* is not there.*api\.git.*remote -v/,
  ],
  ['there is no remote', async () => await askRemote(root, 'main', signal), 'upstream_unavailable', /is not there/],
  [
    'nobody answers at the remote',
    async () => {
      const server = createServer()
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      await new Promise((done) => server.close(done))
      run(root, 'remote', 'add', 'origin', `https://127.0.0.1:${port}/x.git`)
      return await askRemote(root, 'main', signal)
    },
    'upstream_unavailable',
    /does not answer.*Look at the network/,
  ],
  [
    'the remote has a name that nobody knows',
    async () => {
      run(root, 'remote', 'add', 'origin', 'https://nowhere.invalid/x.git')
      return await askRemote(root, 'main', signal)
    },
    'upstream_unavailable',
    /does not answer/,
  ],
  [
    'a hook of the remote refuses',
    async () => {
      const bare = remote()
      const hook = join(bare, 'hooks', 'pre-receive')
      writeFileSync(hook, '#!/bin/sh\necho "tickets only on Fridays" >&2\nexit 1\n')
      chmodSync(hook, 0o755)
      const expected = await remoteTip(root, 'main', signal)
      return await pushCommit(root, { commit: nextCommit(), branch: 'main', expected }, signal)
    },
    'upstream_rejected',
    /refuses what is pushed.*tickets only on Fridays/s,
  ],
  [
    'the branch of the remote moved meanwhile',
    async () => {
      remote()
      const expected = await remoteTip(root, 'main', signal)
      const commit = nextCommit()
      run(root, 'push', '-q', 'origin', `${commit}:main`)
      run(root, 'commit', '-q', '--allow-empty', '-m', 'third')
      return await pushCommit(root, { commit: run(root, 'rev-parse', 'HEAD'), branch: 'main', expected }, signal)
    },
    'precondition_failed',
    /has moved.*Repeat the call/,
  ],
  [
    'another git holds a lock',
    async () => {
      writeFileSync(join(root, '.git', 'index.lock'), '')
      writeFileSync(join(root, 'c.txt'), 'c')
      return await git(root, ['add', '-A'], signal)
    },
    'precondition_failed',
    /holds a lock.*index\.lock.*remove the lock file/s,
  ],
  [
    'a filter program is missing',
    async () => {
      writeFileSync(join(root, '.gitattributes'), '*.bin filter=lfs\n')
      writeFileSync(join(root, 'a.bin'), 'x')
      run(root, 'add', '-A')
      run(root, 'commit', '-qm', 'lfs')
      run(root, 'config', 'filter.lfs.clean', 'git-lfs-not-here clean')
      run(root, 'config', 'filter.lfs.required', 'true')
      writeFileSync(join(root, 'a.bin'), 'y')
      return await git(root, ['add', '-A'], signal)
    },
    'precondition_failed',
    /filter program .* does not run.*Install it/,
  ],
  [
    'an object is damaged',
    async () => {
      for (const name of readdirSync(join(root, '.git', 'objects')).filter((part) => part.length === 2))
        for (const object of readdirSync(join(root, '.git', 'objects', name))) {
          chmodSync(join(root, '.git', 'objects', name, object), 0o644)
          writeFileSync(join(root, '.git', 'objects', name, object), '')
        }
      return await git(root, ['cat-file', '-p', 'HEAD'], signal)
    },
    'precondition_failed',
    /is damaged.*fsck/s,
  ],
  [
    'the index is damaged',
    async () => {
      writeFileSync(join(root, '.git', 'index'), 'no index')
      return await countUncommitted(root, signal)
    },
    'precondition_failed',
    /is damaged.*fsck/s,
  ],
  [
    'there is no commit yet',
    async () => {
      const empty = join(top, 'empty')
      run(top, 'init', '-q', empty)
      return await git(empty, ['rev-parse', '--verify', 'HEAD'], signal)
    },
    'precondition_failed',
    /is not in .*one commit first/,
  ],
  [
    'a branch is not there',
    async () => await git(root, ['log', 'no-such-branch', '--'], signal),
    'precondition_failed',
    /is not in/,
  ],
  [
    'a name is too long',
    async () => await git(root, ['worktree', 'add', '--', join(top, 'x'.repeat(300)), 'HEAD'], signal),
    'precondition_failed',
    /too long/,
  ],
  [
    'git says something that nobody foresaw',
    async () => {
      onlyPrograms({ git: 'echo "fatal: the moon is full" >&2; exit 3' })
      return await git(root, ['status'], signal)
    },
    'precondition_failed',
    /git status failed in .*the moon is full.*by hand/,
  ],
]

test.skipIf(!onPosix).each(WAYS)('%s: told as that, with the next step', async (_, bring, code, words) => {
  const error = await bring().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

  expect(error).toBeInstanceOf(SpekiError)
  if (!(error instanceof SpekiError)) return
  expect(error.code).toBe(code)
  expect(`${error.message}\n${error.hint}`.replaceAll('\n', ' ')).toMatch(words)
})

test.skipIf(!onPosix)('whether git is here is asked without a failure', async () => {
  onlyPrograms({})
  expect(await gitProblem(signal)).toMatch(/No git.*install that/)
})

test.skipIf(process.platform === 'win32')(
  'a git that does not start by itself is told as that, and no folder as none of a repository',
  async () => {
    onlyPrograms({ git: 'echo "dyld: library not loaded" >&2; exit 127' })
    for (const call of [() => locateWorkingCopy(root, signal), () => tryGit(root, ['rev-parse', 'HEAD'], signal)])
      await expect(call()).rejects.toMatchObject({
        code: 'precondition_failed',
        message: expect.stringMatching(/^git cannot be started: dyld: library not loaded/),
        hint: expect.stringMatching(/PATH/),
      })
  },
)

test.skipIf(process.platform === 'win32')(
  'what git says of a folder is told, where it is not that it is none of its own',
  async () => {
    onlyPrograms({ git: 'echo "fatal: detected dubious ownership in repository at \'$PWD\'" >&2; exit 128' })
    await expect(locateWorkingCopy(root, signal)).rejects.toMatchObject({
      message: expect.stringMatching(/belongs to another user/),
      hint: expect.stringMatching(/safe\.directory/),
    })
    vi.unstubAllEnvs()
    const plain = join(top, 'plain')
    mkdirSync(plain)
    await expect(locateWorkingCopy(plain, signal)).rejects.toThrow(/is not a git repository/)
    await expect(locateWorkingCopy(join(root, '.git'), signal)).rejects.toThrow(/is not a git repository/)
    remote()
    await expect(locateWorkingCopy(join(top, 'api.git'), signal)).rejects.toThrow(/is a bare repository/)
  },
)
