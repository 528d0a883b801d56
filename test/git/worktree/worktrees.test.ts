import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import {
  ABSENT,
  addWorktree,
  listWorktrees,
  moveRef,
  readRef,
  removeWorktree,
} from '../../../src/git/worktree/worktrees.ts'
import { MARKER, markOfFolder } from '../../../src/process/process-list.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

async function begin() {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'api')
  const commit = git(root, 'rev-parse', 'HEAD').trim()
  const path = join(folder, 'attempts', 'TASK-1-1', 'api')
  mkdirSync(join(folder, 'attempts', 'TASK-1-1'), { recursive: true })
  return { folder, root, commit, path, place: { path, branch: 'speki/task-1-1', commit, within: folder } }
}
type World = Awaited<ReturnType<typeof begin>>

/** Whose branch it is, nobody can tell there: it stays. */
const ANYBODYS = ['an entry of which git wrote only a part', 'a branch alone, elsewhere']

/** What a git or a worker that was killed can leave behind, of this release or of one that made worktrees of the repository. */
const LEFT: Readonly<Record<string, (world: World) => void>> = {
  nothing: () => {},
  'a whole worktree with work in it': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    writeFileSync(join(path, 'index.js'), 'half')
  },
  'a folder without entry': ({ path }) => {
    mkdirSync(path)
    writeFileSync(join(path, 'index.js'), 'half')
  },
  'an entry without folder': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    rmSync(path, { recursive: true })
  },
  'a locked entry': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    git(root, 'worktree', 'lock', '--reason', 'initializing', path)
  },
  'a locked entry without folder': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    git(root, 'worktree', 'lock', path)
    rmSync(path, { recursive: true })
  },
  'an entry of which git wrote only a part': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    for (const name of ['HEAD', 'commondir', 'index']) rmSync(join(root, '.git/worktrees/api', name))
  },
  'a folder whose link to git is broken': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    writeFileSync(join(path, '.git'), 'gitdir: /nowhere\n')
  },
  'an index that git was writing': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    writeFileSync(join(root, '.git/worktrees/api/index.lock'), '')
  },
  'a rebase in the middle': ({ root, path, commit }) => {
    git(root, 'worktree', 'add', '-b', 'speki/task-1-1', path, commit)
    mkdirSync(join(root, '.git/worktrees/api/rebase-merge'))
    writeFileSync(join(root, '.git/worktrees/api/rebase-merge/head-name'), 'refs/heads/speki/task-1-1')
  },
  'a branch alone, elsewhere': ({ root }) => {
    git(root, 'branch', 'speki/task-1-1')
    git(root, 'update-ref', 'refs/heads/speki/task-1-1', git(root, 'commit-tree', '-m', 'x', 'HEAD^{tree}').trim())
  },
  'an old lock on the branch': ({ root }) => {
    mkdirSync(join(root, '.git/refs/heads/speki'), { recursive: true })
    const lock = join(root, '.git/refs/heads/speki/task-1-1.lock')
    writeFileSync(lock, '')
    utimesSync(lock, new Date(0), new Date(0))
  },
}

test.each(Object.keys(LEFT))('a worktree is made, and removed, whatever was left: %s', async (left) => {
  const world = await begin()
  const { root, place, path, commit } = world
  LEFT[left]?.(world)
  const ref = 'refs/heads/speki/task-1-1'
  const stood = await readRef(root, ref, signal)
  for (let round = 0; round < 2; round += 1) {
    await addWorktree(root, place, signal)
    expect(readFileSync(join(path, 'index.js'), 'utf8')).toBe('export const ok = true\n')
    expect(git(path, 'status', '--porcelain')).toBe('')
    expect(git(path, 'rev-parse', 'HEAD').trim()).toBe(commit)
    expect(git(path, 'symbolic-ref', 'HEAD').trim()).toBe('refs/heads/speki/task-1-1')
  }
  await removeWorktree(root, place, signal)
  expect(existsSync(path)).toBe(false)
  expect(await listWorktrees(root, signal)).toHaveLength(1)
  expect(await readRef(root, ref, signal)).toBe(ANYBODYS.includes(left) ? stood : undefined)
  // git takes the folder away with its last entry.
  const entries = join(root, '.git/worktrees')
  expect(existsSync(entries) ? readdirSync(entries) : []).toEqual([])
})

test('a git that goes on when its caller was killed is waited for before its worktree is cleared', async () => {
  const { root, path, place, commit } = await begin()
  const git = 'sleep 1; exec git worktree add -b speki/task-1-1 "$0" "$1"'
  const env = { ...process.env, [MARKER]: markOfFolder(path) }
  const left = once(spawn('sh', ['-c', git, path, commit], { cwd: root, env, stdio: 'ignore' }), 'exit')
  await removeWorktree(root, place, signal)
  await left
  expect((await listWorktrees(root, signal)).map(({ branch }) => branch)).toEqual(['refs/heads/main'])
  expect(await readRef(root, 'refs/heads/speki/task-1-1', signal)).toBeUndefined()
  expect(existsSync(path)).toBe(false)
})

test.each([
  ['in place of it', (path: string, theirs: string) => symlinkSync(theirs, path)],
  [
    'on the way to it',
    (path: string, theirs: string) => {
      rmdirSync(dirname(path))
      symlinkSync(dirname(theirs), dirname(path))
    },
  ],
])('a worktree of a person to which a link leads stays: %s', async (_, put) => {
  const { folder, root, path, place } = await begin()
  const theirs = join(folder, 'theirs', 'api')
  git(root, 'worktree', 'add', '-q', '-b', 'theirs', theirs)
  writeFileSync(join(theirs, 'notes.txt'), 'mine')
  put(path, theirs)
  const within = join(folder, 'attempts')
  await removeWorktree(root, { ...place, branch: 'theirs', within }, signal)
  expect(readFileSync(join(theirs, 'notes.txt'), 'utf8')).toBe('mine')
  expect(git(root, 'worktree', 'list')).toContain(theirs)
  expect(git(root, 'branch', '--list', 'theirs')).toContain('theirs')
})

test('worktrees of people stay, also where their drive is not there just now', async () => {
  const { folder, root, commit, place } = await begin()
  const [near, away] = [join(folder, 'near'), join(folder, 'drive')]
  for (const path of [near, away]) git(root, 'worktree', 'add', '--detach', path, commit)
  rmSync(away, { recursive: true })
  await addWorktree(root, place, signal)
  await removeWorktree(root, place, signal)
  const real = realpathSync(folder)
  const there = [join(real, 'api'), join(real, 'drive'), join(real, 'near')]
  expect((await listWorktrees(root, signal)).map(({ path }) => path)).toEqual(there)
})

test('a ref moves only from where it is expected; a fresh lock is respected, an old one on a ref of ours is not', async () => {
  const { root, commit } = await begin()
  const ref = 'refs/heads/speki/cs-1'
  await moveRef(root, ref, commit, ABSENT, signal)
  const next = git(root, 'commit-tree', '-m', 'next', '-p', commit, 'HEAD^{tree}').trim()
  await expect(moveRef(root, ref, next, ABSENT, signal)).rejects.toMatchObject({ code: 'conflict' })
  const lock = join(root, '.git', `${ref}.lock`)
  writeFileSync(lock, '')
  await expect(moveRef(root, ref, next, commit, signal)).rejects.toThrow(/lock/)
  expect(await readRef(root, ref, signal)).toBe(commit)
  utimesSync(lock, new Date(0), new Date(0))
  await moveRef(root, ref, next, commit, signal)
  expect(await readRef(root, ref, signal)).toBe(next)

  const theirs = join(root, '.git/refs/heads/main.lock')
  writeFileSync(theirs, '')
  utimesSync(theirs, new Date(0), new Date(0))
  await expect(moveRef(root, 'refs/heads/main', next, commit, signal)).rejects.toThrow(/lock/)
  expect(existsSync(theirs)).toBe(true)
})

test('what was made of a repository that was moved away since goes all the same', async () => {
  const { root, place, path } = await begin()
  await addWorktree(root, place, signal)
  renameSync(root, `${root}.away`)
  await removeWorktree(root, place, signal)
  expect(existsSync(path)).toBe(false)
  renameSync(`${root}.away`, root)
  expect(git(root, 'status', '--porcelain')).toBe('')
})
