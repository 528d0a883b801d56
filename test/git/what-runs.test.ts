import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { changedPaths } from '../../src/git/difference.ts'
import { mergeTrees } from '../../src/git/merge-tree.ts'
import { pushCommit, remoteTip } from '../../src/git/remote.ts'
import { readSharedState, sharedChanges } from '../../src/git/shared-state.ts'
import { countUncommitted, headCommit, treeHash } from '../../src/git/tree.ts'
import { createCheckpoint, restoreCheckpoint } from '../../src/git/worktree/checkpoint.ts'
import { holdWorktree } from '../../src/git/worktree/hold-worktree.ts'
import { openWorktree } from '../../src/git/worktree/worktree.ts'
import { outsideOf } from '../../src/git/worktree/worktree-place.ts'
import { addWorktree, removeWorktree } from '../../src/git/worktree/worktrees.ts'
import { shared, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

/** A repository with a remote, and a program that leaves a trace where it was started. */
async function world() {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'api', { files: { 'a.txt': 'one\n', 'b.txt': 'two\n' } })
  git(folder, 'clone', '--quiet', '--bare', 'api', 'remote.git')
  git(root, 'remote', 'add', 'origin', join(folder, 'remote.git'))
  const trap = join(folder, 'trap.sh')
  writeFileSync(trap, `#!/bin/sh\ntouch '${join(folder, 'ran')}'\ncase "$1" in clean|smudge) cat ;; esac\n`)
  chmodSync(trap, 0o755)
  const sides = [sideOf(root, folder, 'ours'), sideOf(root, folder, 'theirs')] as const
  return {
    folder,
    root,
    trap,
    sides,
    worktree: join(folder, 'work', 'api'),
    ran: () => existsSync(join(folder, 'ran')),
  }
}

/** A commit on HEAD that changes the same line as another, without a look at any setting. */
function sideOf(root: string, folder: string, text: string): string {
  const blob = join(folder, `blob-${text}`)
  writeFileSync(blob, `${text}\n`)
  const id = git(root, 'hash-object', '-w', '--no-filters', blob).trim()
  const rest = git(root, 'ls-tree', 'HEAD').replace(/^.*\ta\.txt\n/m, `100644 blob ${id}\ta.txt\n`)
  const tree = execFileSync('git', ['mktree'], { cwd: root, input: rest, encoding: 'utf8' }).trim()
  return git(root, 'commit-tree', '-p', 'HEAD', '-m', text, tree).trim()
}

/** Address of a server that asks everybody for a password. */
const asking = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '1']
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
  })
  atEnd(async () => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : address}`
})

type World = Awaited<ReturnType<typeof world>>

const placeOf = ({ root, worktree, folder }: World) => ({
  path: worktree,
  branch: 'speki/task-1-1',
  commit: git(root, 'rev-parse', 'HEAD').trim(),
  within: folder,
})

/** Settings of the table in docs/security.md, and how one is planted. */
const PLANTS: Readonly<Record<string, (w: World) => void>> = {
  'filter.NAME.clean': (w) => set(w, 'filter.x.clean', `${w.trap} clean`, '* filter=x'),
  'filter.NAME.smudge': (w) => set(w, 'filter.x.smudge', `${w.trap} smudge`, '* filter=x'),
  'filter.NAME.process': (w) => set(w, 'filter.x.process', w.trap, '* filter=x'),
  'merge.NAME.driver': (w) => set(w, 'merge.x.driver', `${w.trap} %A %O %B`, '* merge=x'),
  'diff.NAME.textconv': (w) => set(w, 'diff.x.textconv', w.trap, '* diff=x'),
  'diff.NAME.command': (w) => set(w, 'diff.x.command', w.trap, '* diff=x'),
  'diff.external': (w) => set(w, 'diff.external', w.trap),
  'core.fsmonitor': (w) => set(w, 'core.fsmonitor', w.trap),
  'core.hooksPath, hooks': (w) => {
    const hooks = [
      'pre-commit',
      'post-checkout',
      'post-index-change',
      'reference-transaction',
      'pre-push',
      'post-merge',
    ]
    mkdirSync(join(w.folder, 'hooks'))
    for (const folder of [join(w.folder, 'hooks'), join(w.root, '.git', 'hooks')])
      for (const hook of hooks) {
        writeFileSync(join(folder, hook), readFileSync(w.trap))
        chmodSync(join(folder, hook), 0o755)
      }
    set(w, 'core.hooksPath', join(w.folder, 'hooks'))
  },
  'core.pager, core.editor, alias.NAME': (w) => {
    for (const key of ['core.pager', 'core.editor', 'sequence.editor', 'pager.diff']) set(w, key, w.trap)
    set(w, 'alias.status', `!${w.trap}`)
  },
  'gpg.program': (w) => {
    for (const key of ['commit.gpgSign', 'push.gpgSign', 'log.showSignature']) set(w, key, 'true')
    set(w, 'gpg.program', w.trap)
  },
  'core.sshCommand': (w) => {
    set(w, 'remote.origin.url', 'ssh://nobody@localhost/api.git')
    set(w, 'core.sshCommand', w.trap)
  },
  'core.gitProxy': (w) => {
    set(w, 'remote.origin.url', 'git://localhost:1/api.git')
    set(w, 'core.gitProxy', w.trap)
  },
  'credential.helper': (w) => {
    set(w, 'remote.origin.url', `${asking()}/api.git`)
    // No certificate is worth a test: what asks is a server on this machine.
    set(w, 'http.sslVerify', 'false')
    set(w, 'credential.helper', w.trap)
  },
  'lfs.extension.NAME, lfs.customtransfer.NAME': (w) => {
    for (const key of ['clean', 'smudge']) set(w, `lfs.extension.x.${key}`, `${w.trap} ${key}`, '* filter=lfs')
    set(w, 'lfs.customtransfer.x.path', w.trap)
  },
  'remote.NAME.uploadpack': (w) => set(w, 'remote.origin.uploadpack', w.trap),
  'remote.NAME.receivepack': (w) => set(w, 'remote.origin.receivepack', w.trap),
  'url.NAME.insteadOf with ext::': (w) => set(w, `url.ext::${w.trap} .insteadOf`, w.folder),
  'include.path, includeIf': (w) => {
    const file = join(w.folder, 'included')
    git(w.folder, 'config', '--file', file, 'filter.x.clean', `${w.trap} clean`)
    set(w, 'includeIf.gitdir:/**.path', file, '* filter=x')
    set(w, 'include.path', file)
  },
  'extensions.worktreeConfig': (w) => {
    set(w, 'extensions.worktreeConfig', 'true', '* filter=x')
    git(existsSync(w.worktree) ? w.worktree : w.root, 'config', '--worktree', 'filter.x.clean', `${w.trap} clean`)
    if (!existsSync(w.worktree)) set(w, 'filter.x.clean', `${w.trap} clean`)
  },
  'a repository inside the worktree': (w) => {
    const at = existsSync(w.worktree) ? w.worktree : w.root
    const nested = makeRepository(at, 'nested', { files: { '.gitattributes': '* filter=x\n' } })
    git(nested, 'config', 'filter.x.clean', `${w.trap} clean`)
    git(nested, 'config', 'core.fsmonitor', w.trap)
    git(at, 'add', 'nested')
    git(at, 'commit', '--quiet', '--message', 'Nested')
    if (at === w.worktree) writeFileSync(join(nested, 'index.js'), 'export const ok = !1\n\n')
  },
}

function set({ root }: World, key: string, value: string, attributes?: string): void {
  git(root, 'config', key, value)
  mkdirSync(join(root, '.git', 'info'), { recursive: true })
  if (attributes !== undefined) writeFileSync(join(root, '.git', 'info', 'attributes'), `${attributes}\n`)
}

/** Everything that a run does with git where an agent works; what is refused is not what counts here. */
async function workThere({ root, worktree, folder, sides: [ours, theirs] }: World): Promise<void> {
  const expected = () => undefined
  writeFileSync(join(worktree, 'a.txt'), 'one more\n')
  const from = git(root, 'rev-parse', 'HEAD^{tree}').trim()
  const tree = await treeHash(worktree, signal).catch(expected)
  if (tree !== undefined) await changedPaths(root, from, tree, signal)
  await countUncommitted(worktree, signal).catch(expected)
  const store = { folder: join(folder, 'checkpoints'), unprotected: [], within: folder }
  const kept = await createCheckpoint({ root, worktree }, store, 'start', signal).catch(expected)
  if (kept !== undefined) await restoreCheckpoint(worktree, store, 'start', signal).catch(expected)
  await mergeTrees(root, ours, theirs, signal).catch(expected)
  await remoteTip(root, 'main', signal).catch(expected)
  await pushCommit(root, { commit: ours, branch: 'work', expected: undefined }, signal).catch(expected)
}

const table = readFileSync(resolve(import.meta.dirname, '../../docs/security.md'), 'utf8')
const rows = [...table.matchAll(/^\| `?([^|`]+?)`? \| (runs|does not run)[^|]* \| (runs|does not run)[^|]* \|$/gm)].map(
  ([, setting = '', before = '', during = '']) => ({ setting, before, during }),
)

test('the table of what runs has a row for everything that is tried here, and nothing else', () => {
  expect(rows.map(({ setting }) => setting).toSorted()).toEqual(Object.keys(PLANTS).toSorted())
})

describe.each(rows)('$setting', ({ setting, before, during }) => {
  const plant = (w: World) => PLANTS[setting]?.(w)

  test(`set by a person before: ${before}`, async () => {
    const w = await world()
    plant(w)
    rmSync(join(w.folder, 'ran'), { force: true })
    await addWorktree(w.root, placeOf(w), signal).catch(() => undefined)
    // A program that speaks no protocol of filters keeps git from making it.
    if (existsSync(join(w.worktree, 'a.txt'))) await workThere(w)
    expect(w.ran()).toBe(before === 'runs')
  })

  test(`set while an agent works: ${during}`, async () => {
    const w = await world()
    await addWorktree(w.root, placeOf(w), signal)
    plant(w)
    rmSync(join(w.folder, 'ran'), { force: true })
    await workThere(w)
    expect(w.ran()).toBe(during === 'runs')
  })
})

describe('a worktree is taken as it was made', () => {
  async function made() {
    const w = await world()
    await addWorktree(w.root, placeOf(w), signal)
    writeFileSync(join(w.worktree, 'a.txt'), 'one more\n')
    const tree = await treeHash(w.worktree, signal)
    // What an agent makes to look like a git folder, with programs of its own.
    const own = makeRepository(w.folder, 'own')
    git(own, 'config', 'filter.x.clean', `${w.trap} clean`)
    git(own, 'config', 'core.worktree', w.worktree)
    writeFileSync(join(own, '.git', 'info', 'attributes'), '* filter=x\n')
    return { ...w, tree, own: join(own, '.git'), link: join(w.worktree, '.git') }
  }
  type Made = Awaited<ReturnType<typeof made>>

  test.each<[string, (w: Made) => void]>([
    ['names another git folder', ({ link, own }) => writeFileSync(link, `gitdir: ${own}\n`)],
    ['is another git folder', ({ link, own }) => renameSync(own, link)],
    ['is a link to a git folder', ({ link, own }) => symlinkSync(own, link)],
    ['is a link to that of the repository', ({ link, root }) => symlinkSync(join(root, '.git'), link)],
    ['is gone', () => {}],
    [
      'names a worktree of the repository',
      ({ link, root, folder }) => {
        git(root, 'worktree', 'add', '--quiet', '--detach', join(folder, 'second'))
        writeFileSync(link, readFileSync(join(folder, 'second', '.git')))
      },
    ],
    [
      'is gone, and the commondir beside was changed',
      ({ folder, worktree, own }) => writeFileSync(join(outsideOf(worktree, folder), 'commondir'), `${own}\n`),
    ],
  ])('where its .git %s', async (_, change) => {
    const w = await made()
    rmSync(w.link, { recursive: true })
    change(w)
    expect(await treeHash(w.worktree, signal)).toBe(w.tree)
    expect(await headCommit(w.worktree, signal)).toBe(git(w.root, 'rev-parse', 'HEAD').trim())
    expect(w.ran()).toBe(false)
    await removeWorktree(w.root, placeOf(w), signal)
    expect(existsSync(w.worktree)).toBe(false)
    expect(git(w.root, 'status', '--porcelain')).toBe('')
  })

  test('by a process that did not make it, too', async () => {
    const w = await world()
    // As another process of SPEKI left it.
    git(w.root, 'worktree', 'add', '--quiet', '-b', 'speki/task-1-1', w.worktree)
    const entry = readFileSync(join(w.worktree, '.git'), 'utf8').slice(8).trim()
    writeFileSync(join(entry, 'speki-programs'), '[]')
    set(w, 'filter.x.clean', `${w.trap} clean`, '* filter=x')
    writeFileSync(join(w.worktree, 'a.txt'), 'one more\n')
    await holdWorktree(w.root, w.worktree, false, signal)
    await treeHash(w.worktree, signal)
    expect(w.ran()).toBe(false)
  })

  test("a worktree of the person's own keeps the filters that it has", async () => {
    const w = await world()
    git(w.root, 'worktree', 'add', '--quiet', '-b', 'mine', w.worktree)
    set(w, 'filter.x.clean', `${w.trap} clean`, '* filter=x')
    writeFileSync(join(w.worktree, 'a.txt'), 'one more\n')
    await treeHash(await openWorktree(w.worktree, w.root, signal), signal)
    expect(w.ran()).toBe(true)
  })
})

describe('history is what its objects say', () => {
  const commit = (root: string, text: string) => {
    writeFileSync(join(root, 'a.txt'), text)
    git(root, 'commit', '--quiet', '--all', '--message', text)
    return git(root, 'rev-parse', 'HEAD').trim()
  }

  test.each<[string, (root: string, first: string, second: string) => void]>([
    ['a commit is replaced', (root, first, second) => git(root, 'replace', second, first)],
    ['a tree is replaced', (root, first, second) => git(root, 'replace', `${second}^{tree}`, `${first}^{tree}`)],
    ['a file is replaced', (root, first, second) => git(root, 'replace', `${second}:a.txt`, `${first}:a.txt`)],
    [
      'a parent is grafted',
      (root, first, second) => writeFileSync(join(root, '.git', 'info', 'grafts'), `${second} ${first} ${first}\n`),
    ],
    [
      'replacements lie under another name',
      (root, first, second) => {
        git(root, 'update-ref', `refs/own/${second}`, first)
        git(root, 'config', 'core.replaceRefBase', 'refs/own/')
      },
    ],
  ])('where %s', async (_, change) => {
    const { root } = await world()
    const first = git(root, 'rev-parse', 'HEAD').trim()
    const second = commit(root, 'second\n')
    const before = await changedPaths(root, first, second, signal)
    change(root, first, second)
    expect(await changedPaths(root, first, second, signal)).toEqual(before)
    expect(await treeHash(root, signal)).toBe(git(root, '--no-replace-objects', 'rev-parse', `${second}^{tree}`).trim())
  })

  test('alternates and a shallow border that an agent brought are told', async () => {
    const { root, folder } = await world()
    const before = await readSharedState(root, signal)
    writeFileSync(join(root, '.git', 'objects', 'info', 'alternates'), `${join(folder, 'elsewhere')}\n`)
    writeFileSync(join(root, '.git', 'shallow'), git(root, 'rev-parse', 'HEAD'))
    const changed = sharedChanges(before, await readSharedState(root, signal)).map(({ name }) => name)
    expect(changed).toEqual(['file objects/info/alternates', 'file shallow'])
  })
})
