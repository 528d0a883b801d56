import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type CodeHost, type Connector, ConnectorError, type PullRequest } from '../connector.ts'
import { gitIn } from './git-in.ts'
import { ifMissing, listRequests, withRequests } from './requests.ts'

/** A folder of this name in a bare repository makes it one with pull requests. */
export const MARK = 'pull-requests'

const codeHost: CodeHost = {
  async findPullRequest(remote, head, signal) {
    const all = (await listRequests(join(remote, MARK))).filter((request) => request.head === head)
    const newest = all.at(-1)
    return newest && (await fresh(remote, newest, signal))
  },

  async openPullRequest(remote, { head, base, title, body }, signal) {
    return await withRequests(join(remote, MARK), async (all, save) => {
      const open = all.find((request) => request.head === head && request.state === 'open')
      if (open !== undefined)
        throw new ConnectorError('conflict', `${head} has the open pull request ${open.url} already.`)
      const headCommit = await branch(remote, head, signal)
      const baseCommit = await branch(remote, base, signal)
      if (headCommit === baseCommit)
        throw new ConnectorError('rejected', `There are no commits between ${base} and ${head}.`)
      const number = (all.at(-1)?.number ?? 0) + 1
      const url = `file://${remote}#${number}`
      const request: PullRequest = {
        number,
        url,
        head,
        headCommit,
        base,
        title,
        body,
        state: 'open',
        draft: true,
        mergeCommit: undefined,
      }
      await save(request)
      return request
    })
  },

  async updatePullRequest(remote, number, change, signal) {
    return await withRequests(join(remote, MARK), async (all, save) => {
      const request = find(all, number)
      if (request.state !== 'open') throw new ConnectorError('rejected', `${request.url} is ${request.state}.`)
      const changed = { ...(await fresh(remote, request, signal)), ...change }
      await save(changed)
      return changed
    })
  },

  async mergePullRequest(remote, { number, expectedHead, expectedBase }, signal) {
    return await withRequests(join(remote, MARK), async (all, save) => {
      const request = find(all, number)
      if (request.state === 'merged' && request.headCommit === expectedHead) return request
      if (request.state !== 'open') throw new ConnectorError('rejected', `${request.url} is ${request.state}.`)
      if (request.draft) throw new ConnectorError('rejected', `${request.url} is a draft.`)
      const head = await branch(remote, request.head, signal)
      const base = await branch(remote, request.base, signal)
      if (head !== expectedHead)
        throw new ConnectorError('conflict', `${request.head} is at ${head}, not at ${expectedHead}.`)
      const mergeCommit = await merge(remote, request, { head, base }, expectedBase, signal)
      const merged = { ...request, headCommit: head, state: 'merged' as const, mergeCommit }
      await save(merged)
      return merged
    })
  },

  async closePullRequest(remote, number, signal) {
    return await withRequests(join(remote, MARK), async (all, save) => {
      const request = find(all, number)
      if (request.state === 'merged') throw new ConnectorError('rejected', `${request.url} is merged.`)
      const closed = { ...(await fresh(remote, request, signal)), state: 'closed' as const }
      await save(closed)
      return closed
    })
  },
}

/**
 * A strict code host on this machine: bare repositories, with the pull requests of each in a folder inside it. It refuses what
 * the platforms refuse.
 */
export const local: Connector = {
  kind: 'local',
  serves: async (remote) => (await stat(join(remote, MARK)).catch(ifMissing)) !== undefined,
  codeHost,
}

function find(all: readonly PullRequest[], number: number): PullRequest {
  const request = all.find((other) => other.number === number)
  if (request === undefined) throw new ConnectorError('not_found', `There is no pull request ${number}.`)
  return request
}

async function branch(remote: string, name: string, signal: AbortSignal): Promise<string> {
  const commit = await gitIn(
    remote,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${name}^{commit}`],
    signal,
  )
  if (commit === undefined) throw new ConnectorError('not_found', `There is no branch ${name}.`)
  return commit
}

/** An open request follows its branch. */
async function fresh(remote: string, request: PullRequest, signal: AbortSignal): Promise<PullRequest> {
  if (request.state !== 'open') return request
  const now = await branch(remote, request.head, signal).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.code === 'not_found') return request.headCommit
    throw error
  })
  return { ...request, headCommit: now }
}

/** Moves the base to the head where that is ahead of it, else to a merge of both. */
async function merge(
  remote: string,
  { base: into, title, number }: PullRequest,
  { head, base }: { readonly head: string; readonly base: string },
  expectedBase: string,
  signal: AbortSignal,
): Promise<string> {
  const holds = async (ancestor: string, commit: string) =>
    (await gitIn(remote, ['merge-base', '--is-ancestor', ancestor, commit], signal)) !== undefined
  // Killed between moving the branch and saying so: the branch tells.
  if (base !== expectedBase && (await holds(head, base))) return base
  if (base !== expectedBase) throw new ConnectorError('conflict', `${into} is at ${base}, not at ${expectedBase}.`)
  let commit: string | undefined = head
  if (!(await holds(base, head))) {
    const tree = await gitIn(remote, ['merge-tree', '--write-tree', base, head], signal)
    if (tree === undefined) throw new ConnectorError('rejected', `It contradicts ${into}.`)
    commit = await gitIn(
      remote,
      ['commit-tree', '-p', base, '-p', head, '-m', `Merge pull request ${number}: ${title}`, tree],
      signal,
    )
  }
  const moved = commit && (await gitIn(remote, ['update-ref', `refs/heads/${into}`, commit, base], signal))
  if (commit === undefined || moved === undefined)
    throw new ConnectorError('conflict', `${into} moved while it was merged.`)
  return commit
}
