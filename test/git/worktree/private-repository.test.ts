import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { undoAgentChanges } from '../../../src/execution/attempt/shared-changes.ts'
import { traceTo } from '../../../src/git/git-trace.ts'
import { readSharedState } from '../../../src/git/shared-state.ts'
import { treeHash } from '../../../src/git/tree.ts'
import { addWorktree } from '../../../src/git/worktree/worktrees.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)
const AUTHOR = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }

/** A person's repository with a branch, a tag, two stash entries, a hook, settings and a worktree; and an attempt at it. */
async function world(name = 'api') {
  const folder = realpathSync(await temporaryFolder())
  const root = makeRepository(folder, name)
  writeFileSync(join(root, '.gitignore'), 'out\n')
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', 'second')
  git(root, 'branch', 'mine')
  git(root, 'tag', '-a', '-m', 'one', 'v1')
  for (const text of ['first idea', 'second idea']) {
    writeFileSync(join(root, 'index.js'), text)
    git(root, 'stash', 'push', '-q', '-m', text)
  }
  git(root, 'config', 'remote.origin.url', 'https://ada:secret@example.org/api.git')
  git(root, 'config', 'alias.st', 'status "quoted" \\ back')
  writeFileSync(join(root, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 1\n')
  chmodSync(join(root, '.git/hooks/pre-commit'), 0o755)
  git(root, 'worktree', 'add', '-q', '--detach', join(folder, 'theirs'))
  const commit = git(root, 'rev-parse', 'HEAD').trim()
  const path = join(folder, 'attempts', 'TASK-1-1', name)
  await addWorktree(root, { path, branch: 'speki/task-1-1', commit, within: folder }, signal)
  return { folder, root, path, commit }
}

/** Everything below a folder, by path, but objects: these are only added to. */
function picture(folder: string, at = ''): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(join(folder, at)).sort()) {
    const path = join(at, name)
    if (path === 'objects') continue
    const info = lstatSync(join(folder, path))
    if (info.isDirectory()) Object.assign(found, picture(folder, path))
    else if (info.isFile())
      found[path] = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')
  }
  return found
}

function agent(path: string, script: string, env: Readonly<Record<string, string>> = {}) {
  execFileSync('sh', ['-c', script], { cwd: path, stdio: 'ignore', env: { ...process.env, ...AUTHOR, ...env } })
}

describe('what an agent does with git where it works', () => {
  test.each([
    [
      'settings',
      'git config core.hooksPath evil; git config --add user.name X; git remote add o /x; git config core.bare true',
    ],
    [
      'branches and tags',
      'git branch -D mine main; git tag -d v1; git tag v2; git branch -f main HEAD~1; git checkout -qb main2',
    ],
    ['the stash', 'git stash drop; git stash clear; echo x > index.js; git stash; git stash pop'],
    [
      'refs themselves',
      'for r in $(git for-each-ref --format="%(refname)"); do git update-ref -d $r; done; rm -rf .git/refs .git/packed-refs',
    ],
    ['hooks', 'mkdir -p .git/hooks; echo "touch /tmp/x" > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout'],
    [
      'history',
      'echo y > y; git add -A; git commit -qm y; git rebase --root -x true; git reflog expire --expire=now --all; git gc -q --prune=now',
    ],
    ['worktrees', 'git worktree add -q ../other; git worktree prune; rm -rf ../other'],
    ['its git folder', 'rm -rf .git; git init -q; git add -A; git commit -qm z'],
    [
      'everything ignored',
      'echo out > .git/info/exclude; echo "* -text" > .git/info/attributes; echo a > .git/info/grafts',
    ],
  ])('changes nothing of the repository it comes from: %s', async (_, script) => {
    const { root, path } = await world()
    const before = picture(join(root, '.git'))
    agent(path, `${script}; true`)
    writeFileSync(join(path, 'work.js'), 'export const more = 1\n')
    const tree = await treeHash(path, signal)
    expect(git(root, 'ls-tree', '--name-only', tree)).toContain('work.js')
    expect(git(root, 'show', `${tree}:.gitignore`)).toBe('out\n')
    expect(picture(join(root, '.git'))).toEqual(before)
  })

  test('sees branches and tags as in the working copy, and neither its stash nor its secrets', async () => {
    const { root, path } = await world('a "b" #c')
    expect(git(path, 'describe').trim()).toBe('v1')
    expect(git(path, 'rev-parse', 'mine')).toBe(git(root, 'rev-parse', 'mine'))
    expect(git(path, 'status', '--porcelain')).toBe('')
    expect(git(path, 'stash', 'list')).toBe('')
    expect(git(path, 'config', 'alias.st')).toBe(git(root, 'config', 'alias.st'))
    expect(git(path, 'config', 'remote.origin.url').trim()).toBe('https://example.org/api.git')
    expect(git(path, 'fsck', '--connectivity-only')).not.toMatch(/missing|broken/)
  })

  test.each(['mine', 'speki', 'SPEKI/Task-1-1/x'])(
    'has a branch of its own, whatever branch there is: %s',
    async (name) => {
      const { folder, root, commit } = await world()
      git(root, 'branch', '-f', name)
      const path = join(folder, 'attempts', 'TASK-1-2', 'api')
      await addWorktree(root, { path, branch: 'speki/task-1-1', commit, within: folder }, signal)
      expect(git(path, 'symbolic-ref', 'HEAD').trim()).toBe('refs/heads/speki/task-1-1')
      expect(git(path, 'rev-parse', 'HEAD').trim()).toBe(commit)
    },
  )
})

describe('what an agent does in the repository itself, by its path', () => {
  /** What an agent and a person do at the same time, and what there is to be told. */
  const MEANWHILE: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'a tag and a branch',
      'git tag -d v1; git branch -D mine; git branch junk',
      'git branch hers; git tag theirs',
      /refs\/tags\/v1/,
    ],
    ['the stash', 'git stash drop -q stash@{1}', 'git config user.signingkey ABC', /stash /],
    [
      'settings',
      'git config core.hooksPath evil; git remote add o /x',
      'git remote add backup /b; git config user.signingkey ABC',
      /core\.hookspath/,
    ],
    [
      'from another worktree',
      'cd ../theirs; git branch -D mine; git config alias.st x',
      'git tag theirs',
      /refs\/heads\/mine/,
    ],
    ['by its git folder', 'cd /; git --git-dir=$OLDPWD/.git tag -d v1', 'git branch hers', /refs\/tags\/v1/],
    ['by an alias', 'git config alias.gone "stash clear"; git gone', 'git branch hers', /stash /],
    [
      'the stash in the middle and at its top',
      'git stash drop; git stash store -m x HEAD',
      'git branch hers',
      /stash /,
    ],
    ['a push', 'cd -; git push -q $OLDPWD +HEAD~1:refs/heads/mine HEAD:junk :v1', 'git branch hers', /heads\/mine/],
    [
      'settings that libraries refuse',
      'git config alias.st "a\nb"; git config include.path x; git config url.a.insteadOf b; git config --unset-all remote.origin.url',
      'git branch hers',
      /include\.path/,
    ],
    ['main', 'git update-ref refs/heads/main HEAD~1', 'git branch -q --track feature mine', /refs\/heads\/main/],
  ]
  test.each(MEANWHILE)('%s: is told and put back; what a person does stays', async (_, does, person, told) => {
    const { folder, root, path } = await world()
    const before = await readSharedState(root, signal)
    // What there should be: only what the person did.
    agent(root, person)
    const wanted = await readSharedState(root, signal)
    const trace = join(folder, 'trace.jsonl')
    agent(path, `cd ${root}; ${does}; true`, traceTo(trace))
    const found = await undoAgentChanges(root, before, trace, signal)
    expect(found.map(({ name }) => name).join('\n')).toMatch(told)
    expect(found.every(({ restored }) => restored)).toBe(true)
    expect(Object.fromEntries(await readSharedState(root, signal))).toEqual(Object.fromEntries(wanted))
  })

  test('and only looks at: nothing that a person changes meanwhile is taken for its doing', async () => {
    const { folder, root, path } = await world()
    const before = await readSharedState(root, signal)
    agent(root, 'git stash drop -q; git tag -d v1; git config core.editor vi; git remote set-url origin /new; git branch -D mine; git -c core.hooksPath= commit -q --allow-empty -m x') // biome-ignore format: one line
    const wanted = await readSharedState(root, signal)
    const trace = join(folder, 'trace.jsonl')
    const looks = 'git log main; git stash list; git tag -l v1; git config core.editor; git config --get-all core.editor; git remote -v; git branch --contains main; git branch -a; git show mine; git reflog; git worktree list' // biome-ignore format: one line
    agent(path, `cd ${root}; ${looks}; true`, traceTo(trace))
    expect(await undoAgentChanges(root, before, trace, signal)).toEqual([])
    expect(Object.fromEntries(await readSharedState(root, signal))).toEqual(Object.fromEntries(wanted))
  })

  test('of which nothing was left as it was since stays, and harmless settings are no offence', async () => {
    const { folder, root, path } = await world()
    const before = await readSharedState(root, signal)
    const trace = join(folder, 'trace.jsonl')
    agent(path, `git -C ${root} config user.name Agent; git -C ${root} status; git -C ${root} log`, traceTo(trace))
    agent(root, 'git branch by-hand; git config core.editor vi')
    expect(await undoAgentChanges(root, before, trace, signal)).toEqual([])
    expect(git(root, 'config', 'core.editor').trim()).toBe('vi')
    expect(git(root, 'branch', '--list', 'by-hand')).toContain('by-hand')
    // A trace that is no file says nothing.
    mkdirSync(join(folder, 'folder'))
    symlinkSync('/dev/zero', join(folder, 'endless'))
    for (const name of ['folder', 'endless', 'none'])
      expect(await undoAgentChanges(root, before, join(folder, name), signal)).toEqual([])
  })
})
