import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Agent, connect, temporaryFolder } from '../mcp/connect.ts'
import { answers, type Claimed, git, makeRepository, makeTask } from '../mcp/workspace.ts'

const CHECK = "import { ok } from './index.js'\nif (!ok) { console.error('Error: not ok'); process.exit(1) }\n"
const FILES = {
  'check.js': CHECK,
  'test/old.test.js':
    "import { test } from 'node:test'\nimport assert from 'node:assert'\ntest('old', () => assert.equal(1, 1))\n",
  'package.json':
    '{"name":"api","version":"1.0.0","type":"module","scripts":{"test":"node check.js && node --test"}}\n',
  '.gitignore': 'dist/\n',
  'wip.js': 'export const wip = 1\n',
}
const WORK = 'export const ok = true\nexport const two = 2\n'

type Own = Claimed & { readonly worktree?: string }
interface Judged {
  readonly passed: boolean
  readonly findings: readonly string[]
}

describe('work of an agent in its own chat', () => {
  let agent: Agent
  let api: string

  beforeAll(async () => {
    const folder = await temporaryFolder(afterAll)
    agent = await connect({ db: join(folder, 'speki.db') }, afterAll)
    api = makeRepository(folder, 'api', { files: FILES })
    await agent.ok('repository_register', { path: api })
  })

  /** Claims a new task, lets something be done, and says how it was judged, and whether the task could be closed. */
  async function tried(work: (at: string) => void, options: { readonly worktree?: boolean } = {}) {
    const task = await makeTask(agent, 'api', 'Add two')
    const claim = await agent.ok<Own>('task_claim', { task, ...options })
    work(claim.worktree ?? api)
    const held = { task, lease_token: claim.lease.token }
    const judged = await agent.ok<Judged>('task_validate', held)
    const closed = await agent.call('task_complete', { ...held, evidence: answers(claim) })
    if (closed.isError) await agent.ok('task_update', { ...held, status: 'todo' })
    return { judged, closed }
  }

  /** The working copy as it was committed first. */
  function clean() {
    git(api, 'switch', '--quiet', '--force', 'main')
    git(api, 'reset', '--quiet', '--hard')
    git(api, 'clean', '--quiet', '--force', '-d', '-x')
    git(api, 'stash', 'clear')
  }

  const bad: readonly (readonly [string, (at: string) => void, RegExp])[] = [
    ['nothing at all', () => {}, /Nothing was changed.*speki task override TASK-\d+/s],
    ['a comment alone', (at) => appendFileSync(join(at, 'index.js'), '// two\n'), /Only comments, blanks or documents/],
    [
      'a test that is gone, beside real work',
      (at) => {
        writeFileSync(join(at, 'index.js'), WORK)
        rmSync(join(at, 'test/old.test.js'))
      },
      /old\.test\.js was deleted/,
    ],
    [
      'a configuration of a runner that finds no tests',
      (at) => {
        writeFileSync(join(at, 'index.js'), WORK)
        writeFileSync(join(at, 'vitest.config.js'), 'export default { test: { include: [] } }\n')
      },
      /says what the checks look for/,
    ],
    [
      'work that git ignores',
      (at) => {
        mkdirSync(join(at, 'dist'), { recursive: true })
        writeFileSync(join(at, 'dist/two.js'), 'export const two = 2\n')
        writeFileSync(join(at, 'index.js'), "export { two } from './dist/two.js'\nexport const ok = true\n")
      },
      /test check .* failed.*dist.two\.js/s,
    ],
    [
      'a caught error that hides what is red',
      (at) => writeFileSync(join(at, 'index.js'), 'export const ok = false\nexport const two = 2\n'),
      /test check .* failed: .*not ok/s,
    ],
  ]
  // Both ways lead through one gate: each kind once, and the first two both ways.
  const ways = bad.flatMap(([name, work, says], at) =>
    (at < 2 ? [true, false] : [at % 2 === 0]).map((worktree) => ({ name, work, says, worktree })),
  )
  test.each(ways)('is refused: $name (worktree: $worktree)', async ({ worktree, work, says }) => {
    clean()
    const { judged, closed } = await tried(work, { worktree })
    expect(judged.passed).toBe(false)
    expect(closed.text).toMatch(says)
  })

  test('without a worktree is measured over what stood there at the claim: changes of before are not its own', async () => {
    clean()
    // A person is in the middle of something, tests included.
    writeFileSync(
      join(api, 'test/old.test.js'),
      FILES['test/old.test.js'].replace('assert.equal(1, 1)', 'assert.ok(true)'),
    )
    writeFileSync(join(api, 'wip.js'), 'export const wip = 2\n')
    const nothing = await tried(() => {})
    const stashed = await tried(() => git(api, 'stash'))
    git(api, 'stash', 'pop')
    const work = await tried((at) => writeFileSync(join(at, 'index.js'), WORK))

    expect(nothing.closed.text).toMatch(/Nothing was changed/)
    expect(stashed.judged.findings).toEqual([
      expect.stringMatching(/test\/old\.test\.js, wip\.js .* are gone: stashed/),
    ])
    expect(work.judged).toMatchObject({ passed: true, findings: [] })
    expect(work.closed.isError).toBe(false)
    expect(git(api, 'status', '--porcelain').split('\n')).toHaveLength(4)
  })

  test('may be committed, amended or moved to a branch of its own; a branch that does not hold its base is told', async () => {
    clean()
    const begin = git(api, 'rev-parse', 'HEAD').trim()
    git(api, 'switch', '--quiet', '--orphan', 'elsewhere')
    writeFileSync(join(api, 'index.js'), 'export const ok = 1\n')
    git(api, 'add', '--all')
    git(api, 'commit', '--quiet', '--message', 'Elsewhere')
    git(api, 'switch', '--quiet', 'main')
    const commit = (at: string) => {
      writeFileSync(join(at, 'index.js'), WORK)
      git(at, 'commit', '--quiet', '--all', '--message', 'Two')
    }
    const switched = await tried((at) => git(at, 'switch', '--quiet', 'elsewhere'))
    git(api, 'switch', '--quiet', 'main')
    const undone = await tried((at) => {
      commit(at)
      git(at, 'reset', '--quiet', '--hard', begin)
    })
    const committed = await tried(commit)
    const amended = await tried((at) => {
      writeFileSync(join(at, 'index.js'), `${WORK}export const three = 3\n`)
      git(at, 'commit', '--quiet', '--all', '--amend', '--no-edit')
    })
    const branched = await tried((at) => {
      git(at, 'switch', '--quiet', '--create', 'four')
      writeFileSync(join(at, 'index.js'), `${WORK}export const four = 4\n`)
      git(at, 'commit', '--quiet', '--all', '--message', 'Four')
    })
    const weakened = await tried((at) => {
      rmSync(join(at, 'test/old.test.js'))
      git(at, 'commit', '--quiet', '--all', '--message', 'Weaken')
    })

    expect(switched.closed.text).toMatch(/is at elsewhere .* does not hold main .*git switch main/)
    expect(undone.closed.text).toMatch(/Nothing was changed/)
    for (const { closed } of [committed, amended, branched]) expect(closed.text).toMatch(/is done/)
    expect(weakened.closed.text).toMatch(/old\.test\.js was deleted.*Since the claim four went from/s)
  })

  test('is checked as the claim found the checks, whatever is registered meanwhile', async () => {
    clean()
    const { closed } = await tried((at) => {
      writeFileSync(join(at, 'index.js'), 'export const ok = false\n')
      writeFileSync(join(at, 'package.json'), FILES['package.json'].replace('node check.js && ', ''))
    })
    const task = await makeTask(agent, 'api', 'Once more')
    const claim = await agent.ok<Own>('task_claim', { task })
    await agent.ok('repository_register', { path: api })
    git(api, 'checkout', '--quiet', '--', 'package.json')
    const held = { task, lease_token: claim.lease.token }
    const { passed } = await agent.ok<Judged>('task_validate', held)

    expect(closed.text).toMatch(/package\.json changes the script "test"/)
    expect(passed).toBe(false)
  })
})
