import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CheckpointStore,
  createCheckpoint,
  fingerprint,
  restoreCheckpoint,
} from '../../../src/git/worktree/checkpoint.ts'
import type { PrivateTree } from '../../../src/git/worktree/private-repository.ts'
import { addWorktree } from '../../../src/git/worktree/worktrees.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git, makeRepository } from '../../mcp/workspace.ts'
import { runs } from '../../property-runs.ts'

const signal = AbortSignal.timeout(600_000)

const FILES = {
  'package.json': '{"name":"api"}\n',
  'src/a.txt': 'one\ntwo\n',
  'src/crlf.txt': 'one\r\ntwo\n',
  'Ünicode – name.txt': 'x',
  '.gitattributes': '* text=auto\n*.id ident\n',
  'src/v.id': '$Id$\n',
  '.gitignore': 'node_modules\n.env\nbuild/\n',
}

async function worktreeWith(
  files: Readonly<Record<string, string>> = FILES,
): Promise<{ path: string; tree: Pick<PrivateTree, 'root' | 'worktree'>; store: CheckpointStore }> {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'api', { files })
  const path = join(folder, 'wt')
  const commit = git(root, 'rev-parse', 'HEAD').trim()
  await addWorktree(root, { path, branch: 'speki/run-1/task-1-1', commit, within: folder }, signal)
  const store = { folder: join(folder, 'store'), unprotected: ['node_modules'], within: folder }
  return { path, tree: { root, worktree: path }, store }
}

/** Every path with kind, mode and content, and git's own state: what "exactly as it was" means. */
function picture(worktree: string): unknown {
  const entries: unknown[] = []
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(worktree, folder)).sort()) {
      const path = join(folder, name)
      if (path === '.git' || name === 'node_modules') continue
      const info = lstatSync(join(worktree, path))
      if (info.isSymbolicLink()) entries.push([path, 'link', readlinkSync(join(worktree, path))])
      else if (info.isDirectory()) {
        entries.push([path, 'folder'])
        visit(path)
      } else entries.push([path, info.mode & 0o777, sha(readFileSync(join(worktree, path)))])
    }
  }
  visit('')
  const gitDir = git(worktree, 'rev-parse', '--absolute-git-dir').trim()
  return {
    entries,
    index: sha(readFileSync(join(gitDir, 'index'))),
    head: readFileSync(join(gitDir, 'HEAD'), 'utf8'),
    commit: git(worktree, 'rev-parse', 'HEAD'),
  }
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const run = (worktree: string, script: string) => execFileSync('sh', ['-c', script], { cwd: worktree, stdio: 'ignore', env: { ...process.env, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' } }) // biome-ignore format: one call

describe('a checkpoint', () => {
  test.each([
    ['edits, new files and deletions', 'echo x >> src/a.txt; echo n > new.txt; rm package.json'],
    ['what was staged and then changed again', 'echo staged > src/a.txt; git add src/a.txt; echo later > src/a.txt'],
    ['ignored files that nothing makes again', 'echo SECRET=2 > .env; rm -rf build; mkdir build; echo b > build/out'],
    ['modes', 'chmod 755 src/a.txt; chmod 600 package.json'],
    [
      'a file that became a folder, and a folder that became a file',
      'rm src/a.txt; mkdir src/a.txt; echo in > src/a.txt/in; rm -rf deep; echo file > deep',
    ],
    ['links', 'ln -sf /etc/passwd link; rm -f src/a.txt; ln -s ../package.json src/a.txt'],
    [
      'line ends under text=auto, and idents',
      "printf 'a\\r\\nb\\r\\n' > src/crlf.txt; printf '$Id: changed $' > src/v.id",
    ],
    ['commits on the branch', 'echo c > c.txt; git add -A; git commit -qm c; echo d > d.txt'],
    ['another branch checked out', 'git checkout -qb other; echo c > c.txt; git add -A; git commit -qm c'],
    ['a detached head', 'git checkout -q --detach; echo c > c.txt; git add -A; git commit -qm c'],
    [
      'a merge that stopped at a conflict',
      'git checkout -qb x; echo x > src/a.txt; git commit -qam x; git checkout -q -; echo y > src/a.txt; git commit -qam y; git merge x',
    ],
    [
      'files that the index was told not to look at',
      'git update-index --assume-unchanged src/a.txt; git update-index --skip-worktree package.json; echo q > src/a.txt; echo q > package.json',
    ],
    ['empty folders', 'rm -rf void; mkdir -p other/void'],
    ['a nested repository', 'mkdir inner; cd inner; git init -q; echo i > i; git add -A; git commit -qm i'],
    [
      'an index that is locked and broken',
      'd=$(git rev-parse --absolute-git-dir); echo junk > $d/index; touch $d/index.lock',
    ],
    ['everything gone', 'find . -mindepth 1 -maxdepth 1 ! -name .git ! -name node_modules -exec rm -rf {} +'],
  ])('brings back %s', async (_, script) => {
    const { path, tree, store } = await worktreeWith()
    run(
      path,
      'echo SECRET=1 > .env; mkdir build void deep; echo o > build/out; echo f > deep/f; echo dirty >> src/a.txt; git add src/a.txt; echo more >> src/a.txt; chmod 640 src/crlf.txt; mkdir node_modules; echo dep > node_modules/dep',
    )
    const before = picture(path)
    const checkpoint = await createCheckpoint(tree, store, 'start', signal)
    expect(picture(path)).toEqual(before)

    run(path, `${script} || true`)
    expect(picture(path)).not.toEqual(before)
    await restoreCheckpoint(path, store, checkpoint.id, signal)

    expect(picture(path)).toEqual(before)
    expect(await fingerprint(tree, store, signal)).toBe(checkpoint.tree)
    expect(readFileSync(join(path, 'node_modules/dep'), 'utf8')).toBe('dep\n')
  })

  test('of an edit within the same second and of the same size is exact', async () => {
    const { path, tree, store } = await worktreeWith()
    writeFileSync(join(path, 'src/a.txt'), 'AAAA')
    const first = await createCheckpoint(tree, store, 'first', signal)
    writeFileSync(join(path, 'src/a.txt'), 'BBBB')
    const second = await createCheckpoint(tree, store, 'second', signal)
    await restoreCheckpoint(path, store, first.id, signal)
    expect(readFileSync(join(path, 'src/a.txt'), 'utf8')).toBe('AAAA')
    await restoreCheckpoint(path, store, second.id, signal)
    expect(readFileSync(join(path, 'src/a.txt'), 'utf8')).toBe('BBBB')
  })

  test('is refused where a repository lies inside', async () => {
    const { path, tree, store } = await worktreeWith()
    run(path, 'mkdir inner; cd inner; git init -q')
    await expect(createCheckpoint(tree, store, 'x', signal)).rejects.toThrow(
      /repository lies inside the worktree: inner/,
    )
  })

  test('does not write to the project: no ref, no object, no setting', async () => {
    const { path, tree, store } = await worktreeWith()
    const state = () => [
      git(path, 'for-each-ref'),
      git(path, 'count-objects', '-v'),
      git(path, 'config', '--list', '--local'),
    ]
    writeFileSync(join(path, 'new.txt'), 'new')
    const before = state()
    const { id } = await createCheckpoint(tree, store, 'x', signal)
    await restoreCheckpoint(path, store, id, signal)
    expect(state()).toEqual(before)
  })

  test('comes back after any mixture of changes', async () => {
    const { path, tree, store } = await worktreeWith()
    const name = fc.constantFrom('a', 'src/a.txt', 'b/c', 'b', '.env', 'src/x y', 'deep/er/est', 'node_modules/q')
    const change = fc.oneof(
      fc.record({ op: fc.constant('write' as const), name, text: fc.string() }),
      fc.record({
        op: fc.constantFrom('remove', 'link', 'folder', 'stage', 'mode', 'move', 'commit'),
        name,
        text: fc.constant(''),
      }),
    )
    const apply = (changes: readonly { op: string; name: string; text: string }[]) => {
      for (const { op, name, text } of changes) {
        const file = join(path, name)
        try {
          if (op === 'write') {
            mkdirSync(join(file, '..'), { recursive: true })
            writeFileSync(file, text)
          } else if (op === 'remove') rmSync(file, { recursive: true, force: true })
          else if (op === 'link') symlinkSync('a', file)
          else if (op === 'folder') mkdirSync(file, { recursive: true })
          else if (op === 'mode') chmodSync(file, 0o755)
          else if (op === 'move') renameSync(file, join(path, 'moved'))
          else run(path, op === 'stage' ? 'git add -A' : 'git add -A; git commit -qm c')
        } catch {
          // A change that cannot be made in this state is none.
        }
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 6 }),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (first, second) => {
          apply(first)
          const before = picture(path)
          const { id } = await createCheckpoint(tree, store, 'x', signal)
          apply(second)
          await restoreCheckpoint(path, store, id, signal)
          expect(picture(path)).toEqual(before)
        },
      ),
      { numRuns: runs(15), seed: 20261123 },
    )
  })
})
