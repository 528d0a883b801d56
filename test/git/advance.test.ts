import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { advanceBranch, advanceProblem } from '../../src/git/advance.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

/** A repository with main checked out, and a commit after it that changes index.js, adds new.js and docs/a.md and drops old.js. */
async function begin() {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'calc', {
    files: { 'old.js': '', 'README.md': 'calc\n', '.gitignore': '*.local\nnode_modules\n' },
  })
  const expected = git(root, 'rev-parse', 'main').trim()
  git(root, 'checkout', '--quiet', '-b', 'work')
  put(root, { 'index.js': 'export const ok = 2\n', 'new.js': 'new\n', 'docs/a.md': 'a\n', 'set.local': 'theirs\n' })
  rmSync(join(root, 'old.js'))
  git(root, 'add', '--all', '--force')
  git(root, 'commit', '--quiet', '--message', 'Work')
  const to = git(root, 'rev-parse', 'work').trim()
  git(root, 'checkout', '--quiet', 'main')
  return { folder, root, to, expected }
}
type World = Awaited<ReturnType<typeof begin>>

function put(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

test.each<[string, (world: World) => void]>([
  ['nothing', () => {}],
  ['a file that git does not know', ({ root }) => put(root, { 'notes.txt': 'mine\n' })],
  ['a whole folder that git does not know, beside what is added', ({ root }) => put(root, { 'docs/b/c.md': 'c\n' })],
  ['an edit of a file that is not delivered', ({ root }) => put(root, { 'README.md': 'mine\n' })],
  ['something staged that is not delivered', ({ root }) => stage(root, 'mine.js')],
  ['a file that is ignored and not delivered', ({ root }) => put(root, { 'other.local': 'mine\n' })],
  ['a link that leads nowhere', ({ root }) => symlinkSync('/nowhere', join(root, 'link'))],
  ['a worktree of the person on another branch', ({ root, folder }) => git(root, 'worktree', 'add', '--quiet', '-b', 'other', join(folder, 'other'))], // biome-ignore format: a table
  ['a rebase of another branch elsewhere', ({ root, folder }) => stopRebase(root, join(folder, 'other'), 'other')],
])('in the way of a delivery is not: %s', async (_, make) => {
  const world = await begin()
  const { root, to, expected } = world
  make(world)
  const before = git(root, 'status', '--porcelain', '--untracked-files=all')
  expect(await advanceProblem(root, { branch: 'main', to }, signal)).toBeUndefined()
  await advanceBranch(root, { branch: 'main', to, expected }, signal)
  expect(git(root, 'rev-parse', 'HEAD', 'main')).toBe(`${to}\n${to}\n`)
  expect(git(root, 'status', '--porcelain', '--untracked-files=all')).toBe(before)
  expect(readFileSync(join(root, 'new.js'), 'utf8')).toBe('new\n')
})

/** Leaves a rebase of a branch in the middle, in a worktree of its own. */
function stopRebase(root: string, place: string, branch: string): void {
  if (branch === 'main') git(root, 'checkout', '--quiet', '--detach')
  else git(root, 'branch', branch)
  git(root, 'worktree', 'add', '--quiet', place, branch)
  put(place, { 'README.md': `${branch}\n` })
  git(place, 'commit', '--quiet', '--all', '--message', 'Ours')
  git(place, 'checkout', '--quiet', '--detach', 'HEAD~1')
  put(place, { 'README.md': 'theirs\n' })
  git(place, 'commit', '--quiet', '--all', '--message', 'Theirs')
  const onto = git(place, 'rev-parse', 'HEAD').trim()
  git(place, 'checkout', '--quiet', branch)
  expect(() => git(place, 'rebase', onto)).toThrow()
}

test.each<[string, RegExp, (world: World) => void]>([
  ['a file of the person at the place of a new one', /new\.js.*not in git.*move them away|not in git.*new\.js/s, ({ root }) => put(root, { 'new.js': 'mine\n' })], // biome-ignore format: a table
  ['an ignored file of the person at the place of a new one', /not in git.*set\.local/s, ({ root }) => put(root, { 'set.local': 'mine\n' })], // biome-ignore format: a table
  ['a folder of the person at the place of a new file', /not in git.*new\.js\/mine/s, ({ root }) => put(root, { 'new.js/mine': 'mine\n' })], // biome-ignore format: a table
  ['a file of the person where a folder has to be', /not in git.*docs/s, ({ root }) => put(root, { docs: 'mine\n' })],
  ['an edit of what is delivered', /uncommitted.*index\.js.*commit or stash/s, ({ root }) => put(root, { 'index.js': 'mine\n' })], // biome-ignore format: a table
  ['an edit of what is deleted', /uncommitted.*old\.js/s, ({ root }) => put(root, { 'old.js': 'mine\n' })],
  ['something staged that is delivered', /uncommitted.*new\.js/s, ({ root }) => stage(root, 'new.js')], // biome-ignore format: a table
  ['a merge in progress', /a merge is in progress.*--abort/s, ({ root }) => writeFileSync(join(root, '.git/MERGE_HEAD'), git(root, 'rev-parse', 'work'))], // biome-ignore format: a table
  ['a cherry-pick in progress', /a cherry-pick is in progress/, ({ root }) => writeFileSync(join(root, '.git/CHERRY_PICK_HEAD'), git(root, 'rev-parse', 'work'))], // biome-ignore format: a table
  ['a rebase of the branch, which git lists as detached', /a rebase is in progress/, ({ root, folder }) => stopRebase(root, join(folder, 'other'), 'main')], // biome-ignore format: a table
  ['a worktree that is gone', /which is not there.*worktree prune/s, ({ root, folder }) => leave(root, join(folder, 'gone'))], // biome-ignore format: a table
  ['a locked worktree on a drive that is not there', /which is not there.*worktree unlock/s, ({ root, folder }) => leave(root, join(folder, 'gone'), 'locked')], // biome-ignore format: a table
  ['the branch in two working copies', /checked out in .* and in /, ({ root, folder }) => git(root, 'worktree', 'add', '--quiet', '--force', join(folder, 'second'), 'main')], // biome-ignore format: a table
])('in the way of a delivery is, and said: %s', async (_, why, make) => {
  const world = await begin()
  const { root, to } = world
  make(world)
  // What a rebase began with a commit of its own stands elsewhere.
  const expected = git(root, 'rev-parse', 'main').trim()
  const before = git(root, 'status', '--porcelain', '--untracked-files=all', '--ignored')
  expect(await advanceProblem(root, { branch: 'main', to }, signal)).toMatch(why)
  await expect(advanceBranch(root, { branch: 'main', to, expected }, signal)).rejects.toMatchObject({
    code: 'precondition_failed',
  })
  expect(git(root, 'rev-parse', 'main').trim()).toBe(expected)
  expect(git(root, 'status', '--porcelain', '--untracked-files=all', '--ignored')).toBe(before)
})

/** Puts main into a worktree of its own. */
function elsewhere(root: string, place: string): void {
  git(root, 'checkout', '--quiet', '--detach')
  git(root, 'worktree', 'add', '--quiet', place, 'main')
}

/** The same, and takes its folder away. */
function leave(root: string, place: string, locked?: 'locked'): void {
  elsewhere(root, place)
  if (locked !== undefined) git(root, 'worktree', 'lock', place)
  rmSync(place, { recursive: true })
}

function stage(root: string, path: string): void {
  put(root, { [path]: 'mine\n' })
  git(root, 'add', path)
}

test('a branch that is checked out in a second worktree moves with the files there', async () => {
  const { root, folder, to, expected } = await begin()
  elsewhere(root, join(folder, 'second'))
  await advanceBranch(root, { branch: 'main', to, expected }, signal)
  expect(existsSync(join(folder, 'second', 'new.js'))).toBe(true)
  expect(existsSync(join(root, 'new.js'))).toBe(false)
})

test.each(['.git/index.lock', '.git/HEAD.lock', '.git/refs/heads/main.lock'])(
  'a lock that another git holds stops a delivery with its name, and once it is gone all goes on: %s',
  async (lock) => {
    const { root, to, expected } = await begin()
    put(root, { 'README.md': 'mine\n' })
    writeFileSync(join(root, lock), '')
    await expect(advanceBranch(root, { branch: 'main', to, expected }, signal)).rejects.toThrow(/lock/)
    expect(git(root, 'rev-parse', 'main').trim()).toBe(expected)
    rmSync(join(root, lock))
    expect(git(root, 'status', '--porcelain')).toBe(' M README.md\n')
    await advanceBranch(root, { branch: 'main', to, expected }, signal)
    expect(git(root, 'status', '--porcelain')).toBe(' M README.md\n')
    expect(git(root, 'rev-parse', 'HEAD').trim()).toBe(to)
  },
)
