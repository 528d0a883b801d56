import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CodeHost, ConnectorError } from '../../connectors/connector.ts'
import { MARK } from '../../connectors/local/local.ts'
import { codeHostOf, connectors } from '../../connectors/registry.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository } from '../mcp/workspace.ts'

const signal = AbortSignal.timeout(600_000)

interface Fixture {
  readonly remote: string
  /** Commits a file to a branch of the remote, made from main where it is not there; resolves with the commit. */
  push(branch: string, file: string, text: string): string
  /** Commit at which a branch of the remote stands. */
  at(branch: string): string
}

/** A place for each platform's pull requests, by its kind. A platform without one fails here. */
const FIXTURES: Readonly<Record<string, () => Promise<Fixture>>> = {
  async local() {
    const folder = await temporaryFolder()
    const work = makeRepository(folder, 'work')
    const remote = join(folder, 'host.git')
    execFileSync('git', ['clone', '--quiet', '--bare', work, remote])
    mkdirSync(join(remote, MARK))
    git(work, 'remote', 'add', 'origin', remote)
    return {
      remote,
      push(branch, file, text) {
        git(work, 'fetch', '--quiet', 'origin')
        const known = git(work, 'branch', '--remotes', '--list', `origin/${branch}`).trim() !== ''
        git(work, 'checkout', '--quiet', '-B', branch, known ? `origin/${branch}` : 'origin/main')
        writeFileSync(join(work, file), text)
        git(work, 'add', '--all')
        git(work, 'commit', '--quiet', '--message', text)
        git(work, 'push', '--quiet', 'origin', branch)
        return git(work, 'rev-parse', 'HEAD').trim()
      },
      at: (branch) => git(remote, 'rev-parse', branch).trim(),
    }
  },
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof ConnectorError ? error.code : String(error)
}

const hosts = connectors.flatMap(({ kind, codeHost }) => (codeHost === undefined ? [] : [[kind, codeHost] as const]))

describe.each(hosts)('the code host %s', (kind, host: CodeHost) => {
  const fixture = async () => {
    const make = FIXTURES[kind]
    if (make === undefined) throw new Error(`test/connectors has no fixture for ${kind}: write one.`)
    return await make()
  }
  const REQUEST = { head: 'work', base: 'main', title: 'Work', body: 'Depends-On: nothing' }

  test('is found by its remote, and no other is', async () => {
    const { remote } = await fixture()
    expect(await codeHostOf(remote)).toBe(host)
    expect(await codeHostOf('/nowhere/at/all.git')).toBeUndefined()
  })

  test('a request is opened as a draft, found, changed, merged by head and base, and stays merged', async () => {
    const { remote, push, at } = await fixture()
    const base = at('main')
    const head = push('work', 'a.txt', 'a')
    expect(await host.findPullRequest(remote, 'work', signal)).toBeUndefined()
    const opened = await host.openPullRequest(remote, REQUEST, signal)
    expect(opened).toMatchObject({ ...REQUEST, headCommit: head, state: 'open', draft: true, mergeCommit: undefined })
    expect(await host.findPullRequest(remote, 'work', signal)).toEqual(opened)
    const merge = { number: opened.number, expectedHead: head, expectedBase: base }
    expect(await refusal(host.mergePullRequest(remote, merge, signal))).toBe('rejected')
    await host.updatePullRequest(remote, opened.number, { draft: false, body: 'New' }, signal)
    const merged = await host.mergePullRequest(remote, merge, signal)
    expect(merged).toMatchObject({ state: 'merged', body: 'New' })
    expect(at('main')).toBe(merged.mergeCommit)
    expect(await host.mergePullRequest(remote, merge, signal)).toEqual(merged)
    expect(await refusal(host.updatePullRequest(remote, opened.number, { title: 'x' }, signal))).toBe('rejected')
    expect(await refusal(host.closePullRequest(remote, opened.number, signal))).toBe('rejected')
  })

  test('a moved head or base is a conflict and changes nothing', async () => {
    const { remote, push, at } = await fixture()
    const base = at('main')
    const head = push('work', 'a.txt', 'a')
    const { number } = await host.openPullRequest(remote, REQUEST, signal)
    await host.updatePullRequest(remote, number, { draft: false }, signal)
    const moved = push('work', 'a.txt', 'b')
    expect((await host.findPullRequest(remote, 'work', signal))?.headCommit).toBe(moved)
    expect(
      await refusal(host.mergePullRequest(remote, { number, expectedHead: head, expectedBase: base }, signal)),
    ).toBe('conflict')
    const other = push('main', 'b.txt', 'c')
    expect(
      await refusal(host.mergePullRequest(remote, { number, expectedHead: moved, expectedBase: base }, signal)),
    ).toBe('conflict')
    expect(at('main')).toBe(other)
    const merged = await host.mergePullRequest(remote, { number, expectedHead: moved, expectedBase: other }, signal)
    expect(
      git(remote, 'show', `${merged.mergeCommit}:a.txt`) + git(remote, 'show', `${merged.mergeCommit}:b.txt`),
    ).toBe('bc')
  })

  test('what contradicts its base is rejected', async () => {
    const { remote, push, at } = await fixture()
    const head = push('work', 'a.txt', 'mine')
    const { number } = await host.openPullRequest(remote, REQUEST, signal)
    await host.updatePullRequest(remote, number, { draft: false }, signal)
    push('main', 'a.txt', 'theirs')
    expect(
      await refusal(host.mergePullRequest(remote, { number, expectedHead: head, expectedBase: at('main') }, signal)),
    ).toBe('rejected')
  })

  test('a second open request of a head, missing branches and no difference are refused', async () => {
    const { remote, push } = await fixture()
    expect(await refusal(host.openPullRequest(remote, REQUEST, signal))).toBe('not_found')
    push('work', 'a.txt', 'a')
    expect(await refusal(host.openPullRequest(remote, { ...REQUEST, base: 'gone' }, signal))).toBe('not_found')
    expect(await refusal(host.openPullRequest(remote, { ...REQUEST, head: 'main' }, signal))).toBe('rejected')
    const { number } = await host.openPullRequest(remote, REQUEST, signal)
    expect(await refusal(host.openPullRequest(remote, REQUEST, signal))).toBe('conflict')
    expect(await host.closePullRequest(remote, number, signal)).toMatchObject({ state: 'closed' })
    expect((await host.openPullRequest(remote, REQUEST, signal)).number).toBeGreaterThan(number)
    expect(await refusal(host.closePullRequest(remote, 99, signal))).toBe('not_found')
  })

  test('of two that open at once one is refused', async () => {
    const { remote, push } = await fixture()
    push('work', 'a.txt', 'a')
    const both = await Promise.allSettled([
      host.openPullRequest(remote, REQUEST, signal),
      host.openPullRequest(remote, REQUEST, signal),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})
