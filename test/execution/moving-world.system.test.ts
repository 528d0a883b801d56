import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { shared, temporaryFolder } from '../mcp/connect.ts'
import { answers, type Claimed, git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { agentNamed, type Caller, openInProcess } from '../operations/in-process.ts'

const FILES = {
  'package.json':
    '{"name":"calc","version":"1.0.0","private":true,"type":"module","scripts":{"test":"node check.js"}}\n',
  'list.txt': 'one\ntwo\nthree\nfour\nfive\n',
}

interface World {
  readonly folder: string
  readonly root: string
  readonly remote: string
  readonly agent: Caller
}

interface Delivered {
  readonly state: string
  readonly confirm?: string
  readonly problems: readonly string[]
  readonly notes?: readonly string[]
}

function open(folder: string): Caller & { close: () => Promise<void> } {
  const opened = openInProcess(join(folder, 'speki.db'), folder)
  return { ...opened.as(agentNamed('one')), close: opened.close }
}

/** An agent in its own chat does a task in a worktree of SPEKI. */
async function work(agent: Caller, repository: string, files: Readonly<Record<string, string>>): Promise<void> {
  const task = await makeTask(agent, repository, 'Say more')
  const claim = await agent.ok<Claimed & { worktree: string }>('task_claim', { task, worktree: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(claim.worktree, path), text)
  const hold = { task, lease_token: claim.lease.token }
  expect(await agent.ok('task_validate', hold)).toMatchObject({ passed: true })
  await agent.ok('task_complete', { ...hold, evidence: answers(claim) })
}

/** Work that is proven and not delivered, on a commit with a secret; made once, and put back for each test. */
const worked = shared(async (atEnd) => {
  const folder = await temporaryFolder(atEnd)
  const [live, kept] = [join(folder, 'live'), join(folder, 'kept')]
  mkdirSync(live)
  const root = makeRepository(live, 'calc', { files: FILES })
  writeFileSync(join(root, 'secret.txt'), 'password\n')
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'Oops, a secret')
  git(live, 'clone', '--quiet', '--bare', root, 'calc.git')
  git(root, 'remote', 'add', 'origin', join(live, 'calc.git'))
  git(root, 'fetch', '--quiet')
  const agent = open(live)
  await agent.ok('repository_register', { path: root })
  await work(agent, 'calc', { 'index.js': 'export const ok = true\nexport const more = 1\n' })
  await agent.close()
  cpSync(live, kept, { recursive: true, verbatimSymlinks: true, filter: (path) => !/speki\.db(-\w+)?$/.test(path) })
  const database = new DatabaseSync(join(live, 'speki.db'), { readOnly: true })
  await backup(database, join(kept, 'speki.db'))
  database.close()
  return (): World => {
    rmSync(live, { recursive: true, force: true, maxRetries: 5 })
    cpSync(kept, live, { recursive: true, verbatimSymlinks: true })
    const again = open(live)
    onTestFinished(async () => await again.close())
    return { folder: live, root, remote: join(live, 'calc.git'), agent: again }
  }
})

async function deliver({ agent }: Pick<World, 'agent'>, to: 'local' | 'remote'): Promise<Delivered> {
  const preview = await agent.ok<Delivered>('changeset_deliver', { id: 'CS-1', to })
  if (preview.confirm === undefined) return preview
  return await agent.ok<Delivered>('changeset_deliver', { id: 'CS-1', to, confirm: preview.confirm })
}

function commit(root: string, path: string, text: string, ...more: string[]): void {
  writeFileSync(join(root, path), text)
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', `Change ${path}`, ...more)
}

/** Ways in which a person takes the commit with the secret out of main. */
const TAKEN: Readonly<Record<string, (root: string) => void>> = {
  'by a reset': (root) => void git(root, 'reset', '--quiet', '--hard', 'HEAD~1'),
  'by a reset, with more work after it': (root) => {
    git(root, 'reset', '--quiet', '--hard', 'HEAD~1')
    commit(root, 'list.txt', 'one\nzwei\nthree\nfour\nfive\n')
  },
  'with all history before it': (root) => {
    git(root, 'rm', '--quiet', 'secret.txt')
    const anew = git(root, 'commit-tree', '-m', 'Anew', git(root, 'write-tree').trim()).trim()
    git(root, 'update-ref', 'refs/heads/main', anew)
  },
}

test.each(Object.entries(TAKEN))(
  'what somebody took out of the branch %s does not come back with the work, and it is told',
  async (_, take) => {
    const world = worked()()
    take(world.root)
    const delivered = await deliver(world, 'local')
    expect(delivered.state).toBe('delivered')
    expect(delivered.notes?.join()).toMatch(/calc: main was rewritten.*stays out/)
    expect(git(world.root, 'show', 'main:index.js')).toContain('more')
    expect(git(world.root, 'log', '--format=', '--name-only', 'main')).not.toContain('secret.txt')
    expect(git(world.root, 'log', '-1', '--format=%s', 'main').trim()).toBe('Say more')
    expect(git(world.root, 'status', '--porcelain')).toBe('')
  },
)

test('work that needs what was taken out is refused as a contradiction, with the reason', async () => {
  const world = worked()()
  git(world.root, 'reset', '--quiet', '--hard', 'HEAD~1')
  commit(world.root, 'index.js', 'export const ok = 1\n')
  const refused = await deliver(world, 'local')
  expect(refused.state).toBe('refused')
  expect(refused.problems.join()).toMatch(/contradicts the target branch in index\.js\..*rewritten/)
})

test('a remote that was rewritten by force gets the work alone', async () => {
  const world = worked()()
  git(world.remote, 'update-ref', 'refs/heads/main', git(world.remote, 'rev-parse', 'main~1').trim())
  const delivered = await deliver(world, 'remote')
  expect(delivered.state).toBe('delivered')
  expect(delivered.notes?.join()).toMatch(/origin does not hold|rewritten/)
  expect(git(world.remote, 'log', '--format=', '--name-only', 'main')).not.toContain('secret.txt')
  expect(git(world.remote, 'show', 'main:index.js')).toContain('more')
})

test('a branch that was renamed or deleted is told, and delivery goes on where its new name is registered', async () => {
  const world = worked()()
  git(world.root, 'branch', '--move', 'main', 'trunk')
  const refused = await deliver(world, 'local')
  expect(refused.state).toBe('refused')
  expect(refused.problems.join()).toMatch(/main is gone in .*calc.*register/)
  await world.agent.ok('repository_register', { name: 'calc', default_branch: 'trunk' })
  expect((await deliver(world, 'local')).state).toBe('delivered')
  expect(git(world.root, 'show', 'trunk:index.js')).toContain('more')
})

test('a working copy that was moved away is told as that, also to who looks before a run, and back again all goes on', async () => {
  const world = worked()()
  renameSync(world.root, `${world.root}.away`)
  const refused = await deliver(world, 'local')
  expect(refused.state).toBe('refused')
  expect(refused.problems.join()).toMatch(/There is no folder .*calc.*register its new path/)
  renameSync(`${world.root}.away`, world.root)
  expect((await deliver(world, 'local')).state).toBe('delivered')
})

/** What the world does to a remote, and how it is told. */
const TROUBLE: readonly (readonly [(world: World) => void, RegExp])[] = [
  [({ remote }) => renameSync(remote, `${remote}.away`), /does not appear to be a git repository|is not there/],
  [({ root, folder }) => void git(root, 'remote', 'set-url', 'origin', join(folder, 'no.git')), /no\.git/],
  [({ root }) => void git(root, 'remote', 'set-url', 'origin', 'ext::sh -c true'), /not allowed|is not there/],
]

test('trouble with the remote is told in the words of git, and delivery goes on afterwards', async () => {
  const world = worked()()
  for (const [spoil, why] of TROUBLE) {
    spoil(world)
    const refused = await world.agent.call('changeset_deliver', { id: 'CS-1', to: 'remote' })
    expect(refused.text).toMatch(why)
    expect(refused.text).not.toMatch(/defect/)
    if (!existsSync(world.remote)) renameSync(`${world.remote}.away`, world.remote)
  }
  git(world.root, 'remote', 'set-url', 'origin', world.remote)
  expect((await deliver(world, 'remote')).state).toBe('delivered')
  expect(git(world.remote, 'show', 'main:index.js')).toContain('more')
})

test('commits that nobody pushed do not go to the remote with the work; that is said before', async () => {
  const folder = await temporaryFolder()
  const root = makeRepository(folder, 'calc', { files: FILES })
  git(folder, 'clone', '--quiet', '--bare', root, 'calc.git')
  git(root, 'remote', 'add', 'origin', join(folder, 'calc.git'))
  git(root, 'fetch', '--quiet')
  commit(root, 'list.txt', 'mine\n')
  const agent = open(folder)
  onTestFinished(async () => await agent.close())
  await agent.ok('repository_register', { path: root })
  await work(agent, 'calc', { 'index.js': 'export const ok = true\nexport const more = 1\n' })
  const delivered = await deliver({ agent }, 'remote')
  expect(delivered.state).toBe('delivered')
  expect(delivered.notes?.join()).toMatch(/not pushed yet/)
  const remote = join(folder, 'calc.git')
  expect(git(remote, 'show', 'main:index.js')).toContain('more')
  expect(git(remote, 'show', 'main:list.txt')).toBe(FILES['list.txt'])
})
